//! WHAT to test: hub kinds and their endpoints, protocols, routes, requirements.

mod check;
#[doc(hidden)]
pub mod enum_words;
mod facts;
mod host;
mod kind;
mod kinds;
mod legacy;
pub mod limits;
mod protocol;
mod proxy;
mod requirement;
pub mod roots;
mod route;
mod secret;
mod suffix;
mod typed;

use std::collections::BTreeMap;

use crate::enum_words;

pub use check::{Check, CheckId, Endpoint};
pub use facts::{DefaultEndpoint, KindFacts, ResponseSignature};
pub(crate) use host::in_url;
pub use host::{HostError, HubHost};
pub use kind::{HubKind, UnknownKind};
pub use kinds::KINDS;
pub use legacy::ats_name;
pub use protocol::{Protocol, UnknownProtocol};
pub use proxy::{
    Exemption, Named, NoProxy, Proxy, ProxyCredentials, ProxyEnvironment, ProxyError, ProxyScheme, UnknownProxyScheme,
};
pub use requirement::{BadRequirement, Needed, Requirement};
pub use route::{Route, UnknownRoute};
pub use secret::{looks_secret, redacted, redacted_page};
pub use typed::{TypedError, TypedHub};

/// A hub and the checks to make of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The hub's host.
    pub host: HubHost,
    /// The product that the name stands for.
    pub kind: HubKind,
    /// Whether the kind is only assumed: the user names neither a kind nor a protocol, and the host name does not
    /// identify one for certain.
    pub kind_assumed: bool,
    /// In the order of the report; never empty.
    pub checks: Vec<Check>,
}

/// Deviations from what a kind of hub offers.
#[derive(Debug, Clone, Default)]
pub struct TargetOptions {
    /// The kind, if the suffix does not identify it.
    pub kind: Option<HubKind>,
    /// Only these protocols; empty means all of the kind's.
    pub protocols: Vec<Protocol>,
    /// Other ports. Each replaces all of its protocol's ports. That of HTTPS also applies to WebSocket variants that
    /// share its port by default and have none of their own here.
    pub ports: BTreeMap<Protocol, u16>,
    /// Another WebSocket path, with its leading slash.
    pub ws_path: Option<String>,
    /// Another path to fetch over HTTPS, with its leading slash.
    pub https_path: Option<String>,
}

/// Why options do not fit the kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TargetOptionsError {
    /// The kind does not have the protocol.
    #[error("{kind} does not speak {protocol}; it has: {}", offered(*.kind))]
    NotOffered {
        /// The kind.
        kind: HubKind,
        /// The missing protocol.
        protocol: Protocol,
    },
    /// TCP has no port 0.
    #[error("the port of {0} is 0; a port is a number from 1 to 65535")]
    PortZero(Protocol),
    /// The WebSocket path is not valid in a request line.
    #[error("a path begins with / and has no spaces or control characters")]
    BadWsPath,
    /// The HTTPS path is not valid in a request line.
    #[error("a path begins with / and has no spaces or control characters")]
    BadHttpsPath,
}

impl Target {
    /// Builds the checks of `host`: its kind's protocols over the direct route, modified by `options`.
    pub fn new(host: HubHost, options: &TargetOptions) -> Result<Self, TargetOptionsError> {
        let by_suffix = host.name().and_then(HubKind::by_suffix).map(|(kind, _)| kind);
        // Names with published roots are certainly the product's; what others offer is less firmly documented.
        let for_certain = host.name().and_then(HubKind::by_suffix).is_some_and(|(_, roots)| !roots.is_empty());
        let kind_assumed = options.kind.is_none() && !for_certain && options.protocols.is_empty();
        let kind = options.kind.or(by_suffix).unwrap_or(HubKind::AzureIotHub);
        let facts = kind.facts();
        let named = options.protocols.iter().chain(options.ports.keys());
        if let Some(&protocol) =
            named.into_iter().find(|&wanted| !facts.endpoints.iter().any(|offer| offer.protocol == *wanted))
        {
            return Err(TargetOptionsError::NotOffered { kind, protocol });
        }
        if let Some((&protocol, _)) = options.ports.iter().find(|(_, port)| **port == 0) {
            return Err(TargetOptionsError::PortZero(protocol));
        }
        let ws_path = options.ws_path.as_deref().unwrap_or(facts.ws_path);
        let https_path = options.https_path.as_deref().unwrap_or(facts.https_path);
        for (bad, path) in [(TargetOptionsError::BadWsPath, ws_path), (TargetOptionsError::BadHttpsPath, https_path)] {
            if !path.starts_with('/') || !path.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(bad);
            }
        }
        let chosen =
            |offer: &&DefaultEndpoint| options.protocols.is_empty() || options.protocols.contains(&offer.protocol);
        let shares = |offer: &DefaultEndpoint| {
            let web = |other: &DefaultEndpoint| other.protocol == Protocol::Https && other.port == offer.port;
            offer.protocol.subprotocol().is_some() && facts.endpoints.iter().any(web)
        };
        let shared = |offer: &DefaultEndpoint| options.ports.get(&Protocol::Https).filter(|_| shares(offer));
        let endpoint = |offer: &DefaultEndpoint| {
            let given = options.ports.get(&offer.protocol).or_else(|| shared(offer)).copied();
            // A port from the user replaces all others.
            let meant = given.is_none_or(|port| facts.default_endpoint_at(offer.protocol, port) == Some(offer));
            meant.then(|| Endpoint {
                protocol: offer.protocol,
                port: given.unwrap_or(offer.port),
                path: if offer.protocol == Protocol::Https { https_path } else { ws_path }.to_owned(),
                alpn: offer.alpn,
            })
        };
        let endpoints = facts.endpoints.iter().filter(chosen).filter_map(endpoint).collect();
        Ok(Self { host, kind, kind_assumed, checks: check::name_checks(endpoints, Route::Direct) })
    }

    /// The same hub, with every check on each of these routes, in their order. No route at all leaves it as it is.
    #[must_use]
    pub fn on_routes(self, routes: &[Route]) -> Self {
        let Some(first) = self.checks.first().map(|check| check.route).filter(|_| !routes.is_empty()) else {
            return self;
        };
        let endpoints = || self.checks.iter().filter(|check| check.route == first).map(|check| check.endpoint.clone());
        let checks = routes.iter().flat_map(|route| check::name_checks(endpoints().collect(), *route)).collect();
        Self { checks, ..self }
    }

    /// The other hosts that a device of this hub's kind needs, as targets of their own.
    pub fn companions(&self) -> impl Iterator<Item = Self> {
        self.kind.facts().companions.iter().filter_map(|(host, path)| {
            let options = TargetOptions {
                kind: Some(HubKind::HttpsEndpoint),
                https_path: Some((*path).to_owned()),
                ..TargetOptions::default()
            };
            Self::new(HubHost::parse(host).ok()?, &options).ok()
        })
    }

    /// The roots known to sign this hub's certificates, in PEM; empty if its suffix does not identify any.
    pub fn built_in_roots(&self) -> &'static [roots::RootPem] {
        self.host.name().and_then(HubKind::by_suffix).map_or(&[], |(_, roots)| roots)
    }
}

enum_words! {
    /// The role that will connect later; it affects the recommendation.
    #[derive(Default)]
    pub enum Role {
        /// One device with its own connection.
        #[default]
        Device = "device",
        /// A gateway that multiplexes devices over one connection.
        Gateway = "gateway",
    }
    read as "role" or UnknownRole
}

enum_words! {
    /// How far each attempt goes.
    #[derive(PartialOrd, Ord, Default)]
    pub enum Depth {
        /// To the TCP handshake.
        Connect = "connect",
        /// To the TLS handshake.
        Tls = "tls",
        /// To the hub's answer in the protocol itself.
        #[default]
        Exchange = "exchange",
    }
    read as "depth" or UnknownDepth
}

fn offered(kind: HubKind) -> String {
    let mut offered: Vec<&str> = kind.facts().endpoints.iter().map(|offer| offer.protocol.id()).collect();
    offered.dedup();
    offered.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checks(options: &TargetOptions) -> Vec<(String, Option<&'static str>)> {
        let host = HubHost::parse("a1b2c3-ats.iot.eu-west-1.amazonaws.com").expect("a host");
        let target = Target::new(host, options).expect("a target");
        target.checks.into_iter().map(|check| (check.id.to_string(), check.endpoint.alpn)).collect()
    }

    #[test]
    fn a_protocol_on_several_ports_is_named_by_them() {
        let all = [
            ("mqtt:8883@direct", None),
            ("mqtt:443@direct", Some("x-amzn-mqtt-ca")),
            ("mqtt-ws@direct", None),
            ("https:8443@direct", None),
            ("https:443@direct", Some("x-amzn-http-ca")),
        ];
        assert_eq!(checks(&TargetOptions::default()), all.map(|(id, alpn)| (id.to_owned(), alpn)));
    }

    #[test]
    fn a_port_that_is_given_is_the_only_one() {
        let at = |port| TargetOptions {
            protocols: vec![Protocol::Mqtt],
            ports: BTreeMap::from([(Protocol::Mqtt, port)]),
            ..TargetOptions::default()
        };
        let one = |alpn| [("mqtt@direct".to_owned(), alpn)];
        assert_eq!(checks(&at(443)), one(Some("x-amzn-mqtt-ca")));
        assert_eq!(checks(&at(8883)), one(None));
        assert_eq!(checks(&at(18883)), one(None));
    }

    #[test]
    fn websocket_goes_where_https_goes() {
        let ports = |given: &[(Protocol, u16)]| {
            let options = TargetOptions { ports: given.iter().copied().collect(), ..TargetOptions::default() };
            let host = HubHost::parse("h.azure-devices.net").expect("a host");
            let target = Target::new(host, &options).expect("a target");
            target.checks.iter().map(|check| check.endpoint.port).collect::<Vec<_>>()
        };
        assert_eq!(ports(&[(Protocol::Https, 9443)]), [8883, 5671, 9443, 9443, 9443]);
        assert_eq!(ports(&[(Protocol::Https, 9443), (Protocol::AmqpWs, 444)]), [8883, 5671, 9443, 9443, 444]);
    }
}
