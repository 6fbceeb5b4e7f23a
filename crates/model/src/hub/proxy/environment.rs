//! The proxy that a process's environment names.

use super::{NoProxy, Proxy, ProxyError};
use crate::hub::HubHost;

/// The variables that name a proxy for TLS, in their order.
const VARIABLES: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
const HTTP_VARIABLES: [&str; 2] = ["http_proxy", "HTTP_PROXY"];
const NO_PROXY: [&str; 2] = ["no_proxy", "NO_PROXY"];

/// What a variable of the environment holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named<T> {
    /// The variable's name.
    pub variable: &'static str,
    /// What was read from it.
    pub value: T,
}

/// The proxy and its exceptions, as the environment names them.
///
/// No standard says which variables count. Programs read them so:
///
/// | program | for TLS | exceptions |
/// |---|---|---|
/// | curl | `https_proxy`, `HTTPS_PROXY`, `all_proxy`, `ALL_PROXY` | `no_proxy`, `NO_PROXY` |
/// | Python (urllib, requests) | the same; lower case wins | the same |
/// | .NET | the same | the same |
/// | Go | `HTTPS_PROXY`, `https_proxy` | `NO_PROXY`, `no_proxy` |
/// | Node's proxy agents | `https_proxy`, `HTTPS_PROXY`, `all_proxy`, `ALL_PROXY` | `no_proxy`, `NO_PROXY` |
///
/// hubreach reads them as curl does. `http_proxy` is for unencrypted HTTP in all of them, and no hub speaks that: it is
/// only a hint that this network has a proxy. An empty variable is not set (in Python, an empty `https_proxy` also
/// unsets `HTTPS_PROXY`). The first variable that is set counts, even if what it holds is not usable: other programs
/// would not look further either.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProxyEnvironment {
    /// The proxy for TLS, or why its variable holds none.
    pub proxy: Option<Named<Result<Proxy, ProxyError>>>,
    /// The hosts that it is not for.
    pub no_proxy: Option<Named<NoProxy>>,
    /// The proxy for unencrypted HTTP, which no hub is reached through: a hint alone.
    pub http_only: Option<Named<Result<Proxy, ProxyError>>>,
}

/// Why a host is reached without the proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exemption<'a> {
    /// The variable with the list.
    pub variable: &'static str,
    /// The entry, as written there.
    pub entry: &'a str,
}

impl ProxyEnvironment {
    /// Reads it by `get`, which gives the value of a variable.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Self {
        let first = |names: &[&'static str]| {
            let set = |name: &str| get(name).filter(|value| !value.trim().is_empty());
            names.iter().find_map(|&variable| Some(Named { variable, value: set(variable)? }))
        };
        let proxy = |Named { variable, value }: Named<String>| Named { variable, value: Proxy::parse(&value) };
        let list = |Named { variable, value }: Named<String>| Named { variable, value: NoProxy::parse(&value) };
        Self {
            proxy: first(&VARIABLES).map(proxy),
            no_proxy: first(&NO_PROXY).map(list),
            http_only: first(&HTTP_VARIABLES).map(proxy),
        }
    }

    /// What exempts `host` at `port` from the proxy, whichever that is.
    pub fn exemption(&self, host: &HubHost, port: u16) -> Option<Exemption<'_>> {
        let Named { variable, value } = self.no_proxy.as_ref()?;
        Some(Exemption { variable, entry: value.exempts(host, port)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> ProxyEnvironment {
        ProxyEnvironment::read(|name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    fn proxy(variables: &[(&str, &str)]) -> Option<(&'static str, Result<String, ProxyError>)> {
        let Named { variable, value } = read(variables).proxy?;
        Some((variable, value.map(|proxy| proxy.to_string())))
    }

    #[test]
    fn the_first_variable_that_is_set_counts() {
        let all = [("ALL_PROXY", "d:4"), ("all_proxy", "c:3"), ("HTTPS_PROXY", "b:2"), ("https_proxy", "a:1")];
        let found = ["d:4", "c:3", "b:2", "a:1"];
        for count in 1..=all.len() {
            let expected = (all[count - 1].0, Ok(format!("http://{}", found[count - 1])));
            assert_eq!(proxy(&all[..count]), Some(expected));
        }
        assert_eq!(
            proxy(&[("https_proxy", " "), ("HTTPS_PROXY", "b:2")]),
            Some(("HTTPS_PROXY", Ok("http://b:2".to_owned())))
        );
        assert_eq!(proxy(&[]), None);
    }

    #[test]
    fn a_variable_that_is_not_usable_is_told() {
        let set = [("https_proxy", "socks4://a:1"), ("HTTPS_PROXY", "b:2")];
        assert_eq!(proxy(&set), Some(("https_proxy", Err(ProxyError::SocksVersion))));
    }

    #[test]
    fn a_proxy_for_http_is_a_hint() {
        let environment = read(&[("http_proxy", "a:1"), ("HTTP_PROXY", "b:2")]);
        assert_eq!(environment.proxy, None);
        let hint = environment.http_only.map(|hint| (hint.variable, hint.value.map(|proxy| proxy.to_string())));
        assert_eq!(hint, Some(("http_proxy", Ok("http://a:1".to_owned()))));
    }

    #[test]
    fn the_list_and_the_entry_that_exempt_are_told() {
        let environment = read(&[("NO_PROXY", "a.test"), ("no_proxy", "b.test, .Hub.test")]);
        let at = |host: &str| environment.exemption(&HubHost::parse(host).expect(host), 443);
        assert_eq!(at("x.hub.test"), Some(Exemption { variable: "no_proxy", entry: ".Hub.test" }));
        assert_eq!(at("a.test"), None);
        assert_eq!(read(&[]).exemption(&HubHost::parse("a.test").expect("a host"), 443), None);
    }
}
