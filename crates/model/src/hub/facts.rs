//! What is known of a kind of hub.

use super::{HubKind, Protocol, roots};

/// Everything that the program knows about one kind.
#[derive(Debug)]
pub struct KindFacts {
    /// The kind these facts are about.
    pub kind: HubKind,
    /// Hostname suffixes that identify the kind (a label may begin with `*`, for any beginning), each with the roots
    /// that genuinely sign such names. The first match counts.
    pub suffixes: &'static [(&'static str, &'static [roots::RootPem])],
    /// The endpoints and their default ports.
    pub endpoints: &'static [DefaultEndpoint],
    /// Path of the WebSocket upgrade.
    pub ws_path: &'static str,
    /// The path requested without credentials over HTTPS; `{client}` stands for a random name.
    pub https_path: &'static str,
    /// The MQTT user name of a client without a password, if required; `{host}` and `{client}` stand for the hub and
    /// the random client id. It must never be a possible name of a real device.
    pub mqtt_user: Option<&'static str>,
    /// Signatures of the product's own HTTP errors, which gateways have no reason to send: one is enough. Empty if its
    /// answers have none.
    pub response_signatures: &'static [ResponseSignature],
    /// Whether devices authenticate by certificate, or for HTTP by a signature. Without one, the hub may close the
    /// connection silently, or refuse the WebSocket upgrade.
    pub login_by_certificate: bool,
    /// Whether Azure's device SDKs support it, and their names for the protocols.
    pub azure_sdk: bool,
    /// The service tag under which the vendor publishes the addresses of such hubs for firewalls.
    pub service_tag: Option<&'static str>,
    /// Other hosts that every device of this kind needs, over HTTPS: (host, path).
    pub companions: &'static [(&'static str, &'static str)],
}

/// The defaults of a kind.
pub(super) const PLAIN: KindFacts = KindFacts {
    kind: HubKind::HttpsEndpoint,
    suffixes: &[],
    endpoints: &[],
    ws_path: "/",
    https_path: "/",
    mqtt_user: None,
    response_signatures: &[],
    login_by_certificate: false,
    azure_sdk: false,
    service_tag: None,
    companions: &[],
};

impl KindFacts {
    /// How `protocol` is offered at `port`: as at that default port, else, for a port of the user's own, as at the
    /// first.
    pub(super) fn default_endpoint_at(&self, protocol: Protocol, port: u16) -> Option<&DefaultEndpoint> {
        let offers = || self.endpoints.iter().filter(|offer| offer.protocol == protocol);
        offers().find(|offer| offer.port == port).or_else(|| offers().next())
    }
}

/// One protocol at its standard port.
#[derive(Debug, PartialEq, Eq)]
pub struct DefaultEndpoint {
    /// The protocol.
    pub protocol: Protocol,
    /// The TCP port.
    pub port: u16,
    /// The application protocol that a client must name in its TLS hello (ALPN, RFC 7301).
    pub alpn: Option<&'static str>,
}

pub(super) const fn default_endpoint(protocol: Protocol, port: u16) -> DefaultEndpoint {
    DefaultEndpoint { protocol, port, alpn: None }
}

pub(super) const fn default_endpoint_by_alpn(protocol: Protocol, port: u16, alpn: &'static str) -> DefaultEndpoint {
    DefaultEndpoint { protocol, port, alpn: Some(alpn) }
}

/// What identifies an HTTP error (a status of 400 or more) as the product's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseSignature {
    /// It has this header (in lower case).
    Header(&'static str),
    /// Its body contains this.
    Body(&'static str),
    /// Its body is a JSON object with each of these keys: a page that only mentions them does not count.
    Object(&'static [&'static str]),
}
