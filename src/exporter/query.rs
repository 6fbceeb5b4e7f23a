//! The query of a probe request.

use super::{Module, module::UnknownModule};
use crate::hub::{HostError, HubHost, Protocol, UnknownProtocol};

/// A probe as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ProbeQuery {
    /// `None` means the only one that the exporter was started with.
    pub(super) hub: Option<HubHost>,
    /// Empty means all that are tested of the hub.
    pub(super) protocols: Vec<Protocol>,
    pub(super) module: Module,
}

/// Why a query cannot be understood. Nothing of it is repeated: it may hold what was pasted into it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadQuery {
    #[error("{0} is given more than once")]
    Twice(&'static str),
    #[error("unknown parameter; there are hub, protocol and module")]
    UnknownParameter,
    #[error("hub: {0}; give its hostname, for example contoso.azure-devices.net")]
    Hub(#[from] HostError),
    #[error(transparent)]
    Protocol(#[from] UnknownProtocol),
    #[error(transparent)]
    Module(#[from] UnknownModule),
}

impl ProbeQuery {
    /// Reads `hub=...&protocol=mqtt,https&module=tls`; `protocol` may be repeated, as Prometheus does with lists.
    pub(super) fn parse(query: &str) -> Result<Self, BadQuery> {
        let (mut hub, mut protocols, mut module) = (None, Vec::new(), None);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "hub" => once("hub", &mut hub, HubHost::parse(&value)?)?,
                "protocol" => {
                    for word in value.split(',') {
                        protocols.push(word.parse()?);
                    }
                }
                "module" => once("module", &mut module, value.parse()?)?,
                _ => return Err(BadQuery::UnknownParameter),
            }
        }
        protocols.sort();
        protocols.dedup();
        Ok(Self { hub, protocols, module: module.unwrap_or_default() })
    }
}

fn once<T>(name: &'static str, slot: &mut Option<T>, value: T) -> Result<(), BadQuery> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(BadQuery::Twice(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read_as_prometheus_writes_it() {
        let all = ProbeQuery::parse("hub=Contoso.azure-devices.net.").expect("a query");
        let hub = |query: &ProbeQuery| query.hub.as_ref().map(ToString::to_string).unwrap_or_default();
        assert_eq!((hub(&all).as_str(), all.module), ("contoso.azure-devices.net", Module::Default));
        assert!(all.protocols.is_empty());
        let some = ProbeQuery::parse("module=tls&protocol=https%2Cmqtt&protocol=mqtt&hub=%5B2001%3Adb8%3A%3A1%5D");
        let some = some.expect("a query");
        assert_eq!(some.protocols, [Protocol::Mqtt, Protocol::Https]);
        assert_eq!((hub(&some).as_str(), some.module), ("2001:db8::1", Module::Tls));
    }

    #[test]
    fn what_is_not_understood_is_said_and_not_repeated() {
        for (query, told) in [
            ("hub=", "hub: "),
            ("hub=a.example&hub=b.example", "hub is given more than once"),
            ("hub=a.example&module=tls&module=tls", "module is given more than once"),
            ("hub=a.example&module=c2VjcmV0", "use one of: default"),
            ("hub=a.example&protocol=c2VjcmV0", "use one of: mqtt"),
            ("hub=a.example&protocol=", "use one of: mqtt"),
            ("hub=a.example&port=22", "unknown parameter"),
            ("hub=a.example&c2VjcmV0", "unknown parameter"),
            ("hub=a%0d%0aX-c2VjcmV0", "not a hostname"),
            ("hub=%ff%fe", "not a hostname"),
        ] {
            let told_us = ProbeQuery::parse(query).expect_err(query).to_string();
            assert!(told_us.contains(told) && !told_us.contains("c2VjcmV0"), "{query}: {told_us}");
            assert!(!told_us.contains('\n'), "{told_us}");
        }
    }
}
