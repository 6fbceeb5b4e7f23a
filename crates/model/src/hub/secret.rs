//! Possible credentials are not repeated.

use std::{borrow::Cow, ops::Range};

use super::Protocol;

/// The replacement for a credential.
const INSTEAD: &str = "(not shown)";

/// Suffixes of credential names, in lower case without hyphens and underscores.
const ENDINGS: [&str; 9] =
    ["password", "passwd", "passphrase", "secret", "token", "apikey", "accesskey", "accountkey", "sessionid"];
/// Whole credential names, which in a sentence may precede a colon.
const NAMES: [&str; 11] =
    ["sig", "signature", "pwd", "pass", "sas", "sid", "session", "auth", "credential", "key", "jwt"];

/// Authentication schemes: a credential follows.
const SCHEMES: [&str; 4] = ["bearer", "basic", "negotiate", "ntlm"];
/// Minimum length of a credential after such a word.
const MIN_TOKEN: usize = 16;

/// Whether `word` may hold a credential: a connection string, a token, a password in a URL, a bare key.
pub fn looks_secret(word: &str) -> bool {
    let marks = ["sharedaccess", "sig=", "password", "token", "secret"];
    let lower = word.to_ascii_lowercase();
    marks.iter().any(|mark| lower.contains(mark)) || is_bare_key(word) || matches!(redacted(word), Cow::Owned(_))
}

/// `text` without the credentials in it: values of such names, user information before the host of a URL, what follows
/// `Bearer`, JSON web tokens, private keys, bare keys.
pub fn redacted(text: &str) -> Cow<'_, str> {
    without(text, recognised(text).chain(bare_keys(text)).collect())
}

/// The same for a page or header from a peer, whose addresses and forms may carry sessions: queries and hidden values
/// are removed too. A bare key stays: there it is a `Sec-WebSocket-Accept` or a request's number.
pub fn redacted_page(text: &str) -> Cow<'_, str> {
    let queries = queries(text).chain(attributes(text)).collect();
    match without(text, queries) {
        Cow::Borrowed(text) => without(text, recognised(text).collect()),
        Cow::Owned(text) => Cow::Owned(without(&text, recognised(&text).collect()).into_owned()),
    }
}

/// Finds credentials by their context or their own form.
fn recognised(text: &str) -> impl Iterator<Item = Range<usize>> {
    let named = values(text).chain(codes(text)).chain(users(text));
    named.chain(announced(text)).chain(web_tokens(text)).chain(private_keys(text))
}

fn without(text: &str, mut secrets: Vec<Range<usize>>) -> Cow<'_, str> {
    secrets.retain(|secret| !secret.is_empty() && text[secret.clone()] != *INSTEAD);
    if secrets.is_empty() {
        return Cow::Borrowed(text);
    }
    secrets.sort_unstable_by_key(|secret| secret.start);
    let (mut kept, mut end) = (String::with_capacity(text.len()), 0);
    for secret in secrets {
        if secret.start >= end {
            kept.push_str(&text[end..secret.start]);
            kept.push_str(INSTEAD);
        }
        end = end.max(secret.end);
    }
    kept.push_str(&text[end..]);
    Cow::Owned(kept)
}

/// Forty-four characters of base64 are a hub's key, forty a cloud's.
fn is_bare_key(word: &str) -> bool {
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
    let bare = word.trim_end_matches('=');
    let has = |what: fn(&u8) -> bool| bare.bytes().any(|byte| what(&byte));
    let is_mixed = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_digit);
    // A path has parts, a key is one run.
    let is_long = bare.len() >= 32 && !bare.contains('/');
    let is_padded = bare.len() >= 20 && bare.len() < word.len();
    is_mixed && bare.bytes().all(is_base64) && (is_long || is_padded) && is_jumbled(bare)
}

/// Whether capitals, lower case letters and digits alternate as in a random key; in hyphenated words they rarely do.
fn is_jumbled(word: &str) -> bool {
    let kind = |byte: u8| (byte.is_ascii_uppercase(), byte.is_ascii_digit());
    let neighbours = word.as_bytes().windows(2).filter(|pair| pair.iter().all(u8::is_ascii_alphanumeric));
    let (turns, all) =
        neighbours.fold((0, 0), |(turns, all), pair| (turns + usize::from(kind(pair[0]) != kind(pair[1])), all + 1));
    turns * 3 > all
}

fn is_name_of_secret(name: &str, is_in_sentence: bool) -> bool {
    let name: String =
        name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect();
    ENDINGS.iter().any(|ending| name.ends_with(ending)) || (!is_in_sentence && NAMES.contains(&name.as_str()))
}

/// Where an unquoted value ends.
fn is_end(letter: char) -> bool {
    letter.is_whitespace() || letter.is_control() || ";&\"'<>,)]}|#\\`".contains(letter)
}

/// The length of the start of `text`, up to the first character that ends it, plain or URL-encoded.
fn value(text: &str) -> usize {
    if text.starts_with(INSTEAD) {
        return INSTEAD.len();
    }
    let plain = text.find(is_end).unwrap_or(text.len());
    let in_url = ["%26", "%3b", "%3B", "%22"].iter().filter_map(|coded| text[..plain].find(coded)).min();
    in_url.unwrap_or(plain)
}

/// `name=value`, `"name": "value"`, `name%3Dvalue`.
fn values(text: &str) -> impl Iterator<Item = Range<usize>> {
    let separators = ["=", ":", "%3d", "%3D"];
    separators.into_iter().flat_map(move |separator| {
        let mut known_end = 0;
        text.match_indices(separator).filter_map(move |(at, found)| {
            let is_part = |letter: char| letter.is_ascii_alphanumeric() || "_-.".contains(letter);
            let before = text[..at].trim_end_matches([' ', '"', '\'', '\\']);
            let start = before.rfind(|letter| !is_part(letter)).map_or(0, |end| end + width(before, end));
            // The two digits after a % are not part of it.
            let coded = if before[..start].ends_with('%') { 2 } else { 0 };
            let name = before.get(start + coded..)?;
            let behind = at + found.len();
            let is_in_sentence = found == ":" && before.len() == text[..at].trim_end().len();
            if text[behind..].starts_with("//") || !is_name_of_secret(name, is_in_sentence) {
                return None;
            }
            let rest = text[behind..].trim_start_matches([' ', '\\']);
            let start = text.len() - rest.len();
            match rest.chars().next() {
                Some(quote @ ('"' | '\'')) => {
                    let start = start + 1;
                    let length = text[start..].find(quote).unwrap_or(text.len() - start);
                    Some(start..start + length)
                }
                _ => {
                    // A value inside another ends with it: it is not scanned again.
                    if start >= known_end {
                        known_end = start + value(rest);
                    }
                    Some(start..known_end)
                }
            }
        })
    })
}

/// `?code=...` of an address: a key of Azure Functions, or the result of a sign-in. Elsewhere codes are error codes.
fn codes(text: &str) -> impl Iterator<Item = Range<usize>> {
    ["?code=", "&code="].into_iter().flat_map(move |name| {
        text.match_indices(name).map(move |(at, _)| at + name.len()..at + name.len() + value(&text[at + name.len()..]))
    })
}

/// The length in bytes of the letter at `at`.
fn width(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(0, char::len_utf8)
}

/// `user:password` of `scheme://user:password@host` and `user:password@host`.
fn users(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut behind = 0;
    text.split_inclusive(is_end).flat_map(move |word| {
        let start = behind;
        behind += word.len();
        let (plain, url) = word.split_at(word.find("://").unwrap_or(word.len()));
        let found = [user_without_scheme(plain), user_in_url(url).map(|user| shifted(user, plain.len()))];
        found.into_iter().flatten().map(move |user| shifted(user, start))
    })
}

fn shifted(range: Range<usize>, by: usize) -> Range<usize> {
    range.start + by..range.end + by
}

/// The range of `user:password@host` in `word`: up to the last `@` that a host follows.
fn user_without_scheme(word: &str) -> Option<Range<usize>> {
    let (user, rest) =
        word.split_once(':').filter(|(user, _)| !user.is_empty() && !after_scheme(user).contains('/'))?;
    let password_at = user.len() + 1;
    // `mqtt:8883@direct` is a check.
    let digits = rest.len() - rest.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
    let port = if user.parse::<Protocol>().is_ok() { digits } else { 0 };
    let is_host =
        |at: usize| rest[at + 1..].starts_with(|letter: char| letter.is_ascii_alphanumeric() || letter == '[');
    let (length, _) = rest.rmatch_indices('@').find(|(at, _)| is_host(*at)).filter(|(length, _)| *length > port)?;
    Some(0..password_at + length)
}

/// What follows a scheme without its colon, as in `http//user`.
fn after_scheme(user: &str) -> &str {
    let is_scheme = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric());
    user.split_once("//").filter(|(scheme, _)| is_scheme(scheme)).map_or(user, |(_, user)| user)
}

/// The range of `://user:password@host` in `url`, which begins at its `://`.
fn user_in_url(url: &str) -> Option<Range<usize>> {
    const START: usize = "://".len();
    let rest = url.get(START..)?;
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let port = authority.rsplit_once(':').map_or("", |(_, port)| port);
    // What is not a port is a password, even if it contains a / that should have been encoded.
    let is_password = !port.bytes().all(|byte| byte.is_ascii_digit());
    let length = if is_password { rest } else { authority }.rfind('@')?;
    Some(START..START + length)
}

/// What follows `Bearer`, unless it is a parameter.
fn announced(text: &str) -> impl Iterator<Item = Range<usize>> {
    let lower = text.to_ascii_lowercase();
    let found: Vec<usize> = SCHEMES
        .iter()
        .flat_map(|scheme| {
            lower.match_indices(&format!("{scheme} ")).map(|(at, word)| at + word.len()).collect::<Vec<_>>()
        })
        .collect();
    found.into_iter().filter_map(|behind| {
        let start = text.len() - text[behind..].trim_start_matches(' ').len();
        let token = &text[start..start + value(&text[start..])];
        let is_one = token.len() >= MIN_TOKEN && token.bytes().any(|byte| byte.is_ascii_digit() || byte == b'=');
        is_one.then_some(start..start + token.len())
    })
}

/// `eyJhbGciOi...` (RFC 7519).
fn web_tokens(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut known_end = 0;
    text.match_indices("eyJ").filter_map(move |(at, _)| {
        if at < known_end {
            return None;
        }
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || "_-.".contains(letter);
        let length = text[at..].find(|letter| !is_part(letter)).unwrap_or(text.len() - at);
        known_end = at + length;
        let token = &text[at..known_end];
        (token.len() >= MIN_TOKEN && token.contains('.')).then_some(at..known_end)
    })
}

/// Between `PRIVATE KEY-----` and `-----END`; the search continues after that line.
fn private_keys(text: &str) -> impl Iterator<Item = Range<usize>> {
    const BEGIN: &str = "PRIVATE KEY-----";
    const END: &str = "-----END";
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + text[from..].find(BEGIN)? + BEGIN.len();
        let end = text[start..].find(END).map_or(text.len(), |length| start + length);
        let label = text.get(end + END.len()..).unwrap_or_default();
        from = label.find("-----").map_or(text.len(), |length| end + END.len() + length + "-----".len());
        Some(start..end)
    })
}

/// Keys without a name, alone or as part of a path.
fn bare_keys(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut behind = 0;
    text.split_inclusive(|letter: char| is_end(letter) || "/.:?@".contains(letter)).filter_map(move |part| {
        let start = behind;
        behind += part.len();
        let part = part.trim_end_matches(|letter: char| is_end(letter) || "/.:?@".contains(letter));
        is_bare_key(part).then_some(start..start + part.len())
    })
}

/// After the `?` of an address, where values have names.
fn queries(text: &str) -> impl Iterator<Item = Range<usize>> {
    let is_behind = |letter: char| letter.is_whitespace() || "\"'<>`\\".contains(letter);
    let mut behind = 0;
    text.split_inclusive(is_behind).filter_map(move |word| {
        let start = behind;
        behind += word.len();
        let word = word.trim_end_matches(is_behind);
        let (before, query) = word.split_once('?')?;
        query.contains('=').then_some(start + before.len() + 1..start + word.len())
    })
}

/// Hidden fields of forms.
fn attributes(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.match_indices("value=").filter_map(|(at, found)| {
        let start = at + found.len();
        let quote = text[start..].chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        let length = text[start + 1..].find(quote).unwrap_or(text.len() - start - 1);
        Some(start + 1..start + 1 + length)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_noticed() {
        for word in [
            "HostName=a;SharedAccessKey=x",
            "https://u:p@host/",
            "https://token@host/",
            "u:p@host",
            "http//u:p@host",
            "SharedAccessSignature sr=a&sig=b",
            "password",
            "q1vRaM3kX9pT7bW2cL5nD8fH4jK6mS0uY1zE3xG5rQ8=",
            "wJalrXUtnFEMIK7MDENGbPxRfiCYzEXAMPLEKEY1",
        ] {
            assert!(looks_secret(word), "{word}");
        }
        for word in [
            "contoso.azure-devices.net:8883",
            "mqtt=18883",
            "mqtt,https@direct",
            "mqtt:8883@direct",
            "::1",
            "/home/User1/certificates/of/the/Plant/Number12/roots.pem",
            "someone@example.com",
            "a1b2c3d4e5f6-ats.iot.eu-west-1.amazonaws.com",
        ] {
            assert!(!looks_secret(word), "{word}");
        }
    }

    #[test]
    fn the_value_goes_and_the_rest_stays() {
        for (text, kept) in [
            (
                "HostName=a.net;DeviceId=d;SharedAccessKey=c2VjcmV0+/=",
                "HostName=a.net;DeviceId=d;SharedAccessKey=(not shown)",
            ),
            (
                "SharedAccessKeyName=owner;SharedAccessKey=x==;b=c",
                "SharedAccessKeyName=owner;SharedAccessKey=(not shown);b=c",
            ),
            ("sr=a.net&sig=ab%2Bc%3D&se=17", "sr=a.net&sig=(not shown)&se=17"),
            ("sr%3Da.net%26sig%3Dabc%26se%3D17", "sr%3Da.net%26sig%3D(not shown)%26se%3D17"),
            ("cannot read https://u:p@ss@host/ca.pem: no", "cannot read https://(not shown)@host/ca.pem: no"),
            ("see http://u:pa/ss@host/", "see http://(not shown)@host/"),
            ("see http://host/@name and http://host:80/@name", "see http://host/@name and http://host:80/@name"),
            ("as admin:hunter2@10.0.0.1", "as (not shown)@10.0.0.1"),
            ("the check mqtt:443@direct of a@b.c", "the check mqtt:443@direct of a@b.c"),
            (r#"{"access_token": "a b\"c", "type": 1}"#, r#"{"access_token": "(not shown)"c", "type": 1}"#),
            ("Client-Secret: abc, x", "Client-Secret: (not shown), x"),
            ("https://a.net/api/f?code=abc&x=1, code=5", "https://a.net/api/f?code=(not shown)&x=1, code=5"),
            ("Bearer abcdefghijklmnop123 and Basic realm=\"x\"", "Bearer (not shown) and Basic realm=\"x\""),
            ("Negotiate TlRMTVNTUAACAAAADAAMADg=", "Negotiate (not shown)"),
            ("x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.s1g y", "x (not shown) y"),
            (
                "-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\n",
                "-----BEGIN PRIVATE KEY-----(not shown)-----END PRIVATE KEY-----\n",
            ),
            (
                "the certificate with the key: no, the signature: bad",
                "the certificate with the key: no, the signature: bad",
            ),
            (r#"{"key":"abc","sig" : 'x'}"#, r#"{"key":"(not shown)","sig" : '(not shown)'}"#),
            (
                "Plant q1vRaM3kX9pT7bW2cL5nD8fH4jK6mS0uY1zE3xG5rQ8= in /c/wJalrXUtnFEMIK7MDENGbPxRfiCYzEXAMPLEKEY1.pem",
                "Plant (not shown) in /c/(not shown).pem",
            ),
            ("Plant-Nuremberg-Line-07-Before-Deployment", "Plant-Nuremberg-Line-07-Before-Deployment"),
            ("pâsswörd=ü;passwort=x", "pâsswörd=ü;passwort=x"),
            ("kennwort ü@b ✓password=✓✓;é", "kennwort ü@b ✓password=(not shown);é"),
        ] {
            assert_eq!(redacted(text), kept, "{text}");
            assert_eq!(redacted(kept), kept, "twice is once");
        }
    }

    #[test]
    fn a_page_keeps_no_session() {
        for (text, kept) in [
            ("url=http://p/login?mac=1&u=x\">", "url=http://p/login?(not shown)\">"),
            ("<input name=a value='abc'>Why? a = b", "<input name=a value='(not shown)'>Why? a = b"),
            (
                r#"{"Message":"ErrorCode:IotHubUnauthorizedAccess;Unauthorized"}"#,
                r#"{"Message":"ErrorCode:IotHubUnauthorizedAccess;Unauthorized"}"#,
            ),
            ("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
            (
                r#"{"errorCode":401002,"trackingId":"8ad0463c","message":"x"}"#,
                r#"{"errorCode":401002,"trackingId":"8ad0463c","message":"x"}"#,
            ),
        ] {
            assert_eq!(redacted_page(text), kept, "{text}");
        }
    }

    /// Quadratic scanning would take hours.
    #[test]
    fn what_is_long_costs_no_more_than_its_length() {
        const MANY: usize = 1 << 18;
        for piece in
            ["@", "?", ":", "=", "a:@", "://@", "key=", "sig=x ", "eyJ", "PRIVATE KEY-----", "bearer ", "value='"]
        {
            let text = piece.repeat(MANY / piece.len());
            for text in [text.clone(), format!("{text}-----END"), format!("a:b@c {text}?a=b")] {
                assert!(!redacted_page(&text).is_empty(), "{piece}");
            }
        }
    }
}
