//! A proxy as people write it: in a variable, in a file, after `--proxy`.

use std::net::IpAddr;

use super::{Proxy, ProxyCredentials, ProxyScheme};
use crate::hub::{HostError, HubHost, host};

/// No real proxy is written with more bytes.
const MAX_LENGTH: usize = 4096;
/// The most bytes of a user or password in SOCKS5 (RFC 1929, section 2).
const MAX_SOCKS_CREDENTIAL: usize = 255;

/// Why an input is no proxy. No variant holds a part of the input, as any part could be a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProxyError {
    /// Nothing was left after trimming.
    #[error("no proxy given; write it as http://HOST:PORT")]
    Empty,
    /// More bytes than any proxy needs.
    #[error("this is longer than any proxy; write it as http://HOST:PORT")]
    TooLong,
    /// SOCKS version 4, or no version.
    #[error("hubreach speaks SOCKS version 5 only; if the proxy does too, write socks5h://HOST:PORT")]
    SocksVersion,
    /// Another scheme.
    #[error("this is no scheme of a proxy; use http://, https://, socks5:// or socks5h://")]
    Scheme,
    /// An unencoded `/`, `?` or `#` in the user or password.
    #[error(
        "the user or password holds one of / ? #; write %2F for /, %3F for ?, %23 for #, and %40 for @ in user and password"
    )]
    Unencoded,
    /// A control character in the user or password.
    #[error("the user or password holds a control character; no proxy takes one")]
    ControlCharacter,
    /// A user or password that SOCKS5 has no room for.
    #[error("SOCKS5 has room for {MAX_SOCKS_CREDENTIAL} bytes of user and of password; this one is longer")]
    LongCredential,
    /// An IPv6 address that cannot be told from its port.
    #[error("an IPv6 address needs brackets: write http://[2001:db8::1]:3128")]
    Brackets,
    /// A port outside 1 to 65535.
    #[error("the port of a proxy is a number from 1 to 65535")]
    Port,
    /// No host.
    #[error("the proxy has no host; write it as http://HOST:PORT")]
    NoHost,
    /// A host that is none.
    #[error("the host of the proxy: {0}")]
    Host(HostError),
}

impl Proxy {
    /// Reads `[scheme://][user[:password]@]host[:port]`. Without a scheme it is `http`. User and password are
    /// percent-decoded; what follows the port is ignored.
    pub fn parse(input: &str) -> Result<Self, ProxyError> {
        let input = host::trimmed(input);
        if input.is_empty() {
            return Err(ProxyError::Empty);
        }
        if input.len() > MAX_LENGTH {
            return Err(ProxyError::TooLong);
        }
        let (scheme, rest) = match input.split_once("://") {
            Some((word, rest)) => (scheme(word)?, rest),
            None => (ProxyScheme::Http, input),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, ignored) = rest.split_at(end);
        // Otherwise a part of the password would be taken for the host, and shown.
        if ignored.contains('@') {
            return Err(ProxyError::Unencoded);
        }
        let (user_info, host_and_port) =
            authority.rsplit_once('@').map_or((None, authority), |(user_info, rest)| (Some(user_info), rest));
        let (host, port) = split_port(host_and_port)?;
        let credentials = user_info.filter(|user_info| !user_info.is_empty());
        let credentials = credentials.map(|user_info| credentials_of(user_info, scheme)).transpose()?;
        Ok(Self { scheme, host, port: port.unwrap_or(scheme.default_port()), credentials })
    }
}

fn scheme(word: &str) -> Result<ProxyScheme, ProxyError> {
    match word.trim().to_ascii_lowercase().as_str() {
        "socks" | "socks4" | "socks4a" => Err(ProxyError::SocksVersion),
        other => other.parse().map_err(|_| ProxyError::Scheme),
    }
}

fn split_port(authority: &str) -> Result<(HubHost, Option<u16>), ProxyError> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(literal) => {
            let (ip, rest) = literal.split_once(']').ok_or(ProxyError::Brackets)?;
            let ip = ip.parse().map_err(|_| ProxyError::Brackets)?;
            let port = rest.strip_prefix(':').or_else(|| rest.is_empty().then_some("")).ok_or(ProxyError::Port)?;
            (HubHost::Ip(IpAddr::V6(ip)), port)
        }
        None => {
            let (host, port) = authority.split_once(':').unwrap_or((authority, ""));
            if port.contains(':') {
                return Err(ProxyError::Brackets);
            }
            (name_or_v4(host)?, port)
        }
    };
    // A colon with nothing after it stands for the default (RFC 3986, section 3.2.3).
    if port.is_empty() {
        return Ok((host, None));
    }
    let is_number = port.bytes().all(|byte| byte.is_ascii_digit());
    let port = port.parse().ok().filter(|port| is_number && *port != 0);
    Ok((host, Some(port.ok_or(ProxyError::Port)?)))
}

fn name_or_v4(text: &str) -> Result<HubHost, ProxyError> {
    if let Ok(ip) = text.parse() {
        return Ok(HubHost::Ip(IpAddr::V4(ip)));
    }
    host::name(text).map_err(|error| match error {
        HostError::Empty => ProxyError::NoHost,
        other => ProxyError::Host(other),
    })
}

fn credentials_of(user_info: &str, scheme: ProxyScheme) -> Result<ProxyCredentials, ProxyError> {
    let (user, password) = user_info.split_once(':').unwrap_or((user_info, ""));
    let (user, password) = (decoded(user), decoded(password));
    if user.iter().chain(&password).any(u8::is_ascii_control) {
        return Err(ProxyError::ControlCharacter);
    }
    if scheme.is_socks() && user.len().max(password.len()) > MAX_SOCKS_CREDENTIAL {
        return Err(ProxyError::LongCredential);
    }
    Ok(ProxyCredentials::new(user, password))
}

/// Percent-decodes. A `%` without two digits stays as it is, as with curl and Python.
fn decoded(text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    while let Some((&first, rest)) = bytes.split_first() {
        bytes = rest;
        match (first, rest) {
            (b'%', [high, low, after @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                decoded.push(digit(*high) << 4 | digit(*low));
                bytes = after;
            }
            _ => decoded.push(first),
        }
    }
    decoded
}

/// The value of a hexadecimal digit.
const fn digit(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => byte - b'0',
        letter => letter.to_ascii_lowercase().wrapping_sub(b'a' - 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(input: &str) -> (String, Option<(String, String)>) {
        let proxy = Proxy::parse(input).expect(input);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let credentials = proxy.credentials().map(|known| (text(known.user()), text(known.password())));
        (proxy.to_string(), credentials)
    }

    #[test]
    fn what_is_left_out_has_a_default() {
        for (input, shown) in [
            ("proxy.corp:3128", "http://proxy.corp:3128"),
            (" HTTP://Proxy.Corp.:3128/path?x#y ", "http://proxy.corp:3128"),
            ("proxy", "http://proxy:80"),
            ("proxy:", "http://proxy:80"),
            ("https://proxy.corp", "https://proxy.corp:443"),
            ("socks5://10.0.0.1", "socks5://10.0.0.1:1080"),
            ("Socks5h://[2001:DB8::1]", "socks5h://[2001:db8::1]:1080"),
            ("http://[2001:db8::1]:3128/", "http://[2001:db8::1]:3128"),
            ("http://@proxy:1", "http://proxy:1"),
        ] {
            assert_eq!(parsed(input), (shown.to_owned(), None), "{input}");
        }
    }

    #[test]
    fn credentials_are_decoded_and_not_shown() {
        for (input, user, password) in [
            ("http://user:pass@proxy:3128", "user", "pass"),
            ("user:pass@proxy:3128", "user", "pass"),
            ("http://user@proxy:3128", "user", ""),
            ("http://:pass@proxy:3128", "", "pass"),
            ("http://us%65r:p%40s%2fs%3A%25@proxy:3128/", "user", "p@s/s:%"),
            ("http://user:p@ss:w@rd@proxy:3128", "user", "p@ss:w@rd"),
            ("http://CORP\\user:100%@proxy:3128", "CORP\\user", "100%"),
            ("http://user:%zz%4@proxy:3128", "user", "%zz%4"),
            ("http://user:%C3%A9@proxy:3128", "user", "é"),
        ] {
            let (shown, credentials) = parsed(input);
            assert_eq!(shown, "http://proxy:3128", "{input}");
            assert_eq!(credentials, Some((user.to_owned(), password.to_owned())), "{input}");
        }
        let proxy = Proxy::parse("http://s3cret:pa%73s@proxy:3128").expect("a proxy");
        assert!(!format!("{proxy:?}").contains("s3cret") && !format!("{proxy:?}").contains("pass"));
        let latin = Proxy::parse("http://u:%E9@proxy").expect("a proxy");
        assert_eq!(latin.credentials().expect("credentials").password(), b"\xe9");
    }

    #[test]
    fn what_is_no_proxy_is_refused_without_being_repeated() {
        let long = format!("socks5://u:{}@proxy", "s3cret".repeat(43));
        let huge = "s3cret".repeat(1000);
        for (input, error) in [
            ("", ProxyError::Empty),
            (" \t", ProxyError::Empty),
            (huge.as_str(), ProxyError::TooLong),
            (long.as_str(), ProxyError::LongCredential),
            ("socks4://s3cret:1080", ProxyError::SocksVersion),
            ("SOCKS4A://s3cret:1080", ProxyError::SocksVersion),
            ("socks://s3cret:1080", ProxyError::SocksVersion),
            ("s3cret://proxy:1", ProxyError::Scheme),
            ("://proxy:1", ProxyError::Scheme),
            ("http://user:1/s3cret@proxy:3128", ProxyError::Unencoded),
            ("http://user:s3cret#@proxy:3128", ProxyError::Unencoded),
            ("http://user:s3cret%0d%0a@proxy", ProxyError::ControlCharacter),
            ("http://2001:db8::1", ProxyError::Brackets),
            ("http://[2001:db8::1", ProxyError::Brackets),
            ("http://[10.0.0.1]:80", ProxyError::Brackets),
            ("http://[fe80::1%25eth0]:80", ProxyError::Brackets),
            ("http://[2001:db8::1]s3cret", ProxyError::Port),
            ("http://proxy:0", ProxyError::Port),
            ("http://proxy:+80", ProxyError::Port),
            ("http://proxy:65536", ProxyError::Port),
            ("user:s3cret", ProxyError::Port),
            ("http://", ProxyError::NoHost),
            ("http://user:s3cret@", ProxyError::NoHost),
            ("http://:3128", ProxyError::NoHost),
        ] {
            assert_eq!(Proxy::parse(input), Err(error), "{input}");
        }
        for input in
            ["s3cret s3cret", "http://10.0.0.300:80", "s3cret..corp", "bücher.corp:80", "http://user:x@s3cret=/"]
        {
            let error = Proxy::parse(input).expect_err(input);
            assert!(matches!(error, ProxyError::Host(_)) && !error.to_string().contains("s3cret"), "{input}: {error}");
        }
    }
}
