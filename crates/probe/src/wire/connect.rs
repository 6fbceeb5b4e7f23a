//! HTTP CONNECT, by which a proxy opens a tunnel (RFC 9110, section 9.3.6). `wire::http` reads the answer's head; after
//! a 2xx the bytes that follow it belong to the tunnel, even if a Content-Length or Transfer-Encoding announces a body
//! (RFC 9112, section 6.3).

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::http::USER_AGENT;

/// How many authentication schemes are kept: more than any proxy offers.
pub const MAX_SCHEMES: usize = 8;
/// The longest name of a scheme that is kept, in bytes.
pub const MAX_SCHEME_LEN: usize = 32;

/// The schemes that proxies offer, as RFCs write them; a proxy may write them in any case.
const SCHEMES: [&str; 5] = ["Basic", "Bearer", "Digest", "Negotiate", "NTLM"];

/// A request for a tunnel to `target`, which is `host:port` with an IPv6 address in brackets. With `basic`, a user and
/// a password, it carries credentials at once (RFC 7617, section 2): proxies that ask for them first cost a round trip
/// more.
///
/// `Proxy-Connection` is of no standard. curl sends it too: proxies of HTTP/1.0 keep a connection open only if it asks
/// so. Characters that a host and port never have are left out of the target, so that it cannot add a line to the
/// request.
pub fn request(target: &str, basic: Option<(&[u8], &[u8])>) -> Vec<u8> {
    let target: String = target.chars().filter(char::is_ascii_graphic).collect();
    let credentials = basic.map_or_else(String::new, |(user, password)| {
        format!("Proxy-Authorization: Basic {}\r\n", STANDARD.encode([user, b":", password].concat()))
    });
    let request = format!(
        "CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{credentials}User-Agent: {USER_AGENT}\r\n\
         Proxy-Connection: Keep-Alive\r\n\r\n"
    );
    request.into_bytes()
}

/// The authentication schemes in the values of `Proxy-Authenticate` headers (RFC 9110, section 11.6.1), each once, in
/// the proxy's order. Known names are written as their RFC does, others as the proxy does. Parameters are left out.
pub fn offered_schemes<'v>(header_values: impl IntoIterator<Item = &'v str>) -> Vec<String> {
    let mut offered: Vec<String> = Vec::new();
    for scheme in header_values.into_iter().flat_map(elements).filter_map(scheme) {
        if offered.len() >= MAX_SCHEMES {
            break;
        }
        let scheme = canonical(scheme);
        if !offered.iter().any(|has| has.eq_ignore_ascii_case(scheme)) {
            offered.push(scheme.to_owned());
        }
    }
    offered
}

/// The parts of a list: commas separate them, except in quoted strings (RFC 9110, sections 5.6.1 and 5.6.4).
fn elements(value: &str) -> impl Iterator<Item = &str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    value.split(move |letter| {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            ',' => return !is_quoted,
            _ => {}
        }
        false
    })
}

/// The scheme that an element of the list begins with. An element that is one more parameter of the challenge before it
/// begins with a name and `=`; between the two, spaces are allowed.
fn scheme(element: &str) -> Option<&str> {
    let element = element.trim();
    let (name, rest) = element.split_at(element.find(|letter| !is_token(letter)).unwrap_or(element.len()));
    let is_scheme = rest.is_empty() || (rest.starts_with([' ', '\t']) && !rest.trim_start().starts_with('='));
    (is_scheme && !name.is_empty()).then_some(name)
}

/// A character of a token (RFC 9110, section 5.6.2).
fn is_token(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(letter)
}

/// A token is ASCII, so any length of it is whole characters.
fn canonical(name: &str) -> &str {
    let known = SCHEMES.into_iter().find(|known| known.eq_ignore_ascii_case(name));
    known.unwrap_or_else(|| name.get(..MAX_SCHEME_LEN).unwrap_or(name))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::{Parsed, http::response_head};

    fn text(request: Vec<u8>) -> String {
        String::from_utf8(request).expect("a request is text")
    }

    #[test]
    fn a_request_names_its_target_twice() {
        assert_eq!(
            text(request("[2001:db8::7]:8883", None)),
            format!(
                "CONNECT [2001:db8::7]:8883 HTTP/1.1\r\nHost: [2001:db8::7]:8883\r\n\
                 User-Agent: {USER_AGENT}\r\nProxy-Connection: Keep-Alive\r\n\r\n"
            )
        );
    }

    #[test]
    fn credentials_are_sent_as_the_rfc_has_it() {
        // The examples of RFC 7617, sections 2 and 2.1.
        for (user, password, wanted) in
            [("Aladdin", "open sesame", "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="), ("test", "123£", "dGVzdDoxMjPCow==")]
        {
            let request = text(request("hub.example:443", Some((user.as_bytes(), password.as_bytes()))));
            assert!(request.contains(&format!("\r\nProxy-Authorization: Basic {wanted}\r\n")), "{request}");
        }
    }

    #[test]
    fn schemes_are_found_in_one_header_or_several() {
        let of = |values: &[&str]| offered_schemes(values.iter().copied());
        assert_eq!(of(&["Negotiate", "NTLM", "Basic realm=\"x\""]), ["Negotiate", "NTLM", "Basic"]);
        assert_eq!(
            of(&["basic realm=\"a, Digest b\\\", NTLM\", charset = \"UTF-8\", DIGEST nonce=\"1\", qop=auth"]),
            ["Basic", "Digest"]
        );
        assert_eq!(of(&["Negotiate YIIabc==, ,\tNTLM TlRMTVNTUAAC", "ntlm"]), ["Negotiate", "NTLM"]);
        assert_eq!(of(&["SCRAM-SHA-256 realm=\"x\", Vendor"]), ["SCRAM-SHA-256", "Vendor"]);
        assert_eq!(of(&["", " , ", "=", "\"", "Basic realm=\"never closed, NTLM"]), ["Basic"]);
        assert_eq!(of(&[&"x".repeat(100)]), ["x".repeat(MAX_SCHEME_LEN)]);
        assert_eq!(of(&["a,b,c,d,e,f,g,h,i,j"]).len(), MAX_SCHEMES);
    }

    #[test]
    fn schemes_are_found_in_an_answer_whose_secrets_are_gone() {
        let answer = b"HTTP/1.0 407 Proxy Authentication Required\r\nProxy-Authenticate: Negotiate\r\n\
            Proxy-Authenticate: Digest realm=\"a\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", opaque=\"5ccc\", \
            Basic realm=\"session: of user:password@host\"\r\n\r\n";
        let Parsed::Done((head, _)) = response_head(answer) else { panic!("complete") };
        let values =
            head.headers.iter().filter(|(name, _)| name == "proxy-authenticate").map(|(_, value)| value.as_str());
        assert_eq!(offered_schemes(values), ["Negotiate", "Digest", "Basic"]);
    }

    proptest! {
        #[test]
        fn any_request_is_one_head(
            target in any::<String>(),
            user in any::<String>(),
            password in any::<String>(),
        ) {
            let request = text(request(&target, Some((user.as_bytes(), password.as_bytes()))));
            prop_assert_eq!(request.matches("\r\n").count(), 6);
            prop_assert_eq!(request.matches(['\r', '\n']).count(), 12);
            prop_assert!(request.starts_with("CONNECT ") && request.ends_with("\r\n\r\n"));
        }

        #[test]
        fn few_and_short_schemes_come_of_any_headers(values in prop::collection::vec("[ -~é\t]{0,60}", 0..20)) {
            let offered = offered_schemes(values.iter().map(String::as_str));
            prop_assert!(offered.len() <= MAX_SCHEMES);
            let is_right = |name: &String| (1..=MAX_SCHEME_LEN).contains(&name.len()) && name.chars().all(is_token);
            prop_assert!(offered.iter().all(is_right));
        }

        #[test]
        fn a_realm_hides_and_adds_no_scheme(realm in "[ -~]{0,40}") {
            let quoted = realm.replace('\\', "\\\\").replace('"', "\\\"");
            let value = format!("Basic realm=\"{quoted}\", NTLM");
            prop_assert_eq!(offered_schemes([value.as_str()]), ["Basic", "NTLM"]);
        }
    }
}
