//! The proxy that this machine's environment names, as most programs read it.

use std::net::IpAddr;

use crate::hub::HubHost;

/// Where programs look for a proxy, in their order: lower case comes first, and what is meant for TLS before the rest.
const VARIABLES: [&str; 6] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "http_proxy", "HTTP_PROXY"];
const EXCEPTIONS: [&str; 2] = ["no_proxy", "NO_PROXY"];

/// The schemes that proxies have. What has none is spoken to in clear HTTP.
const SCHEMES: [&str; 6] = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];

/// A proxy, without its credentials.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Proxy {
    pub(crate) url: String,
    pub(crate) variable: &'static str,
}

/// The proxy for `host`, if there is one; `read` gives a variable of the environment.
pub(crate) fn proxy(host: &HubHost, read: impl Fn(&str) -> Option<String>) -> Option<Proxy> {
    let set = |name: &str| read(name).filter(|value| !value.trim().is_empty());
    let (variable, value) = VARIABLES.into_iter().find_map(|name| Some((name, set(name)?)))?;
    let exceptions = EXCEPTIONS.into_iter().find_map(set).unwrap_or_default();
    let mut exceptions = exceptions.split([',', ' ']).map(str::trim).filter(|entry| !entry.is_empty());
    if exceptions.any(|entry| excepts(entry, host)) {
        return None;
    }
    Some(Proxy { url: without_credentials(value.trim())?, variable })
}

/// Scheme, host and port alone: a user name may be a secret too, and so may anything that is no URL.
fn without_credentials(value: &str) -> Option<String> {
    let (scheme, rest) = value.split_once("://").unwrap_or(("http", value));
    let scheme = scheme.to_ascii_lowercase();
    let authority = rest.split(['/', '?', '#']).next()?;
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let is_literal = authority.starts_with('[') || authority.parse::<IpAddr>().is_ok();
    let port = authority.rsplit_once(':').filter(|(host, _)| !is_literal || host.ends_with(']'));
    let port = port.and_then(|(_, port)| port.parse::<u16>().ok()).map(|port| format!(":{port}")).unwrap_or_default();
    let host = match HubHost::parse(authority).ok()? {
        HubHost::Ip(IpAddr::V6(ip)) => format!("[{ip}]"),
        other => other.to_string(),
    };
    SCHEMES.contains(&scheme.as_str()).then(|| format!("{scheme}://{host}{port}"))
}

/// Whether one entry of `NO_PROXY` is `host` or a domain that it lies in.
fn excepts(entry: &str, host: &HubHost) -> bool {
    let entry = entry.to_ascii_lowercase();
    match host {
        _ if entry == "*" => true,
        HubHost::Ip(ip) => entry.trim_matches(['[', ']']).parse() == Ok(*ip),
        HubHost::Name(name) => {
            let entry = entry.split(':').next().unwrap_or_default();
            let domain = entry.trim_start_matches('*').trim_start_matches('.');
            let ends = || name.strip_suffix(domain).is_some_and(|before| before.is_empty() || before.ends_with('.'));
            !domain.is_empty() && ends()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(host: &str, variables: &[(&str, &str)]) -> Option<(String, &'static str)> {
        let host = HubHost::parse(host).expect("a host");
        let read =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        proxy(&host, read).map(|proxy| (proxy.url, proxy.variable))
    }

    #[test]
    fn of_a_proxy_nothing_secret_is_kept() {
        for (value, url) in [
            ("http://user:s3cret@proxy.corp:3128/", Some("http://proxy.corp:3128")),
            ("http://user:p@ss@10.0.0.1:8080", Some("http://10.0.0.1:8080")),
            ("proxy.corp:3128", Some("http://proxy.corp:3128")),
            ("SOCKS5h://user@[2001:db8::1]:1080", Some("socks5h://[2001:db8::1]:1080")),
            ("http://[2001:db8::1]", Some("http://[2001:db8::1]")),
            ("http://proxy.corp", Some("http://proxy.corp")),
            ("s3cret://proxy.corp", None),
            ("http://s3cret s3cret", None),
            ("  ", None),
        ] {
            assert_eq!(of("hub.test", &[("HTTPS_PROXY", value)]), url.map(|url| (url.to_owned(), "HTTPS_PROXY")));
        }
    }

    #[test]
    fn the_first_variable_counts_unless_the_hub_is_excepted() {
        let set =
            [("HTTPS_PROXY", "b:2"), ("https_proxy", "a:1"), ("NO_PROXY", "localhost, .corp,10.0.0.9,plain.test:443")];
        for (host, url) in [
            ("hub.test", Some("http://a:1")),
            ("hub.corp", None),
            ("corp", None),
            ("hubcorp.test", Some("http://a:1")),
            ("plain.test", None),
            ("10.0.0.9", None),
            ("10.0.0.8", Some("http://a:1")),
        ] {
            assert_eq!(of(host, &set), url.map(|url| (url.to_owned(), "https_proxy")), "{host}");
        }
        assert_eq!(of("hub.test", &[("all_proxy", "a:1"), ("no_proxy", "*")]), None);
        assert_eq!(of("hub.test", &[]), None);
    }
}
