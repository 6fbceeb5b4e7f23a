//! The user's input parsed as a host. Users paste URLs, ports and whole connection strings: only the host is kept, so
//! that a secret in the input cannot reach any output.

use std::{fmt, net::IpAddr};

/// The maximum length of a DNS name (RFC 1035, section 2.3.4), in characters of its text form.
const MAX_NAME: usize = 253;

/// A hostname (lower case, no trailing dot) or an IP literal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum HubHost {
    /// It is resolved, sent as SNI and verified against the certificate.
    Name(String),
    /// It is used as it is, without SNI (RFC 6066, section 3).
    Ip(IpAddr),
}

/// Why an input names no host. No variant holds a part of the input that could be a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// Nothing was left after trimming.
    #[error("no hub given")]
    Empty,
    /// A connection string without `HostName=`.
    #[error("this connection string has no HostName")]
    NoHostName,
    /// Longer than DNS allows.
    #[error("this hostname has {0} characters, DNS allows {MAX_NAME}")]
    TooLong(usize),
    /// Characters or labels that are not allowed in a hostname.
    #[error("this is not a hostname: {0}")]
    Malformed(&'static str),
    /// A port outside 1 to 65535.
    #[error("a port is a number from 1 to 65535")]
    BadPort,
}

impl HubHost {
    /// Extracts the host from a hostname, IP literal, `host:port`, URL or connection string.
    pub fn parse(input: &str) -> Result<Self, HostError> {
        let input = trimmed(input);
        if input.is_empty() {
            return Err(HostError::Empty);
        }
        if let Ok(ip) = input.parse() {
            return Ok(Self::Ip(ip));
        }
        let (host, _) = split_port(authority(from_connection_string(input)?.host))?;
        if let Ok(ip) = host.parse() {
            return Ok(Self::Ip(ip));
        }
        name(host)
    }

    /// As a URL has it: an IPv6 address in brackets (RFC 3986, section 3.2.2).
    pub fn in_url(&self) -> String {
        in_url(&self.to_string())
    }

    /// A name without a dot, such as `contoso`: most likely the hub's short name.
    pub fn is_bare(&self) -> bool {
        matches!(self, Self::Name(name) if !name.contains('.'))
    }

    /// The name, unless it is an IP literal.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Name(name) => Some(name),
            Self::Ip(_) => None,
        }
    }
}

impl fmt::Display for HubHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.pad(name),
            Self::Ip(ip) => f.pad(&ip.to_string()),
        }
    }
}

/// The input without surrounding space. A byte-order mark may occur in concatenated files.
pub(super) fn trimmed(input: &str) -> &str {
    input.trim_matches(|letter: char| letter.is_whitespace() || letter == '\u{feff}')
}

/// The hosts in a connection string.
pub(super) struct Named<'a> {
    /// The host that the device connects to: the gateway, if there is one.
    pub(super) host: &'a str,
    /// The hub that the gateway connects to.
    pub(super) hub: Option<&'a str>,
}

/// `HostName=contoso.azure-devices.net;DeviceId=...;SharedAccessKey=...` gives the host; other input stays as it is.
pub(super) fn from_connection_string(input: &str) -> Result<Named<'_>, HostError> {
    let lower = input.to_ascii_lowercase();
    let has_keys = input.contains('=') && (lower.contains("sharedaccess") || lower.starts_with("hostname="));
    if !input.contains(';') && !has_keys {
        return Ok(Named { host: input, hub: None });
    }
    let value = |name: &str| {
        let mut pairs = input.split(';').filter_map(|pair| pair.split_once('='));
        let (_, value) = pairs.find(|(key, _)| key.trim().eq_ignore_ascii_case(name))?;
        Some(value.trim()).filter(|value| !value.is_empty())
    };
    let hub = value("hostname").ok_or(HostError::NoHostName)?;
    Ok(match value("gatewayhostname") {
        Some(gateway) => Named { host: gateway, hub: Some(hub) },
        None => Named { host: hub, hub: None },
    })
}

/// The `host:port` of a URL, without scheme, user information, path, query and fragment (RFC 3986, section 3.2).
pub(super) fn authority(input: &str) -> &str {
    let rest = input.split_once("://").map_or(input, |(_, rest)| rest);
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = &rest[..end];
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

/// A host as a URL has it: an IPv6 address in brackets (RFC 3986, section 3.2.2).
pub(crate) fn in_url(host: &str) -> String {
    if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
}

/// The port of an authority, if it has one.
pub(super) fn port(authority: &str) -> Result<Option<u16>, HostError> {
    match authority.parse::<IpAddr>() {
        Ok(_) => Ok(None),
        Err(_) => split_port(authority).map(|(_, port)| port),
    }
}

fn split_port(authority: &str) -> Result<(&str, Option<u16>), HostError> {
    let (host, port) = if let Some(literal) = authority.strip_prefix('[') {
        let (host, rest) = literal.split_once(']').ok_or(HostError::Malformed("a bracket is not closed"))?;
        (host, rest.strip_prefix(':'))
    } else {
        match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        }
    };
    let port = port.map(|port| port.parse().ok().filter(|port| *port != 0).ok_or(HostError::BadPort));
    Ok((host, port.transpose()?))
}

/// Letters, digits, hyphens and underscores in labels of 1 to 63 (RFC 1123, section 2.1; underscores occur in practice).
pub(super) fn name(host: &str) -> Result<HubHost, HostError> {
    let host = host.strip_suffix('.').unwrap_or(host);
    if host.is_empty() {
        return Err(HostError::Empty);
    }
    if host.chars().count() > MAX_NAME {
        return Err(HostError::TooLong(host.chars().count()));
    }
    if !host.is_ascii() {
        return Err(HostError::Malformed(
            "it has letters outside ASCII (write an international name in its xn-- form)",
        ));
    }
    if !host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')) {
        return Err(HostError::Malformed("a hostname has letters, digits, hyphens and dots only"));
    }
    for label in host.split('.') {
        if label.is_empty() {
            return Err(HostError::Malformed("two dots stand together"));
        }
        if label.len() > 63 {
            return Err(HostError::Malformed("a part between two dots is longer than 63 characters"));
        }
        if label.starts_with('-') || label.ends_with('-') {
            return Err(HostError::Malformed("a part begins or ends with a hyphen"));
        }
    }
    if host.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit())) {
        return Err(HostError::Malformed("it looks like an IP address but is none"));
    }
    Ok(HubHost::Name(host.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(input: &str) -> String {
        HubHost::parse(input).expect(input).to_string()
    }

    #[test]
    fn the_host_is_taken_from_whatever_people_paste() {
        for input in [
            "contoso.azure-devices.net",
            " Contoso.Azure-Devices.NET. ",
            "contoso.azure-devices.net:8883",
            "https://contoso.azure-devices.net/devices?api-version=1#x",
            "mqtts://user:p%40ss@contoso.azure-devices.net:8883",
            "contoso.azure-devices.net/path",
            "HostName=contoso.azure-devices.net;DeviceId=d1;SharedAccessKey=c2VjcmV0",
            "DeviceId=d1;hostname=contoso.azure-devices.net;SharedAccessKey=c2VjcmV0=",
        ] {
            assert_eq!(parsed(input), "contoso.azure-devices.net", "{input}");
        }
        assert_eq!(parsed("10.1.2.3:443"), "10.1.2.3");
        assert_eq!(parsed("https://[2001:db8::1]:443/"), "2001:db8::1");
        assert_eq!(parsed("2001:db8::1"), "2001:db8::1");
    }

    #[test]
    fn errors_never_repeat_the_input() {
        for input in [
            "",
            "  ",
            "SharedAccessKey=c2VjcmV0",
            "DeviceId=c2VjcmV0;SharedAccessKey=c2VjcmV0",
            "c2VjcmV0 c2VjcmV0",
            "https://c2VjcmV0:0/",
            "contoso.net:c2VjcmV0",
            "host:0",
            "host:65536",
            "a..c2VjcmV0",
            "-c2VjcmV0.net",
            "1.2.3.400",
            "[::1",
            "bücher.example",
            &"c2VjcmV0.".repeat(60),
        ] {
            let error = HubHost::parse(input).expect_err(input).to_string();
            assert!(!error.contains("c2VjcmV0"), "{error}");
            assert!(!error.contains('\n'), "{error}");
        }
    }

    #[test]
    fn a_bare_name_is_noticed() {
        assert!(HubHost::parse("contoso").expect("valid").is_bare());
        assert!(!HubHost::parse("10.0.0.1").expect("valid").is_bare());
    }
}
