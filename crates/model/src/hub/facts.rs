//! What can be known of a kind of hub.

use super::{HubKind, Protocol, roots};

/// All that the program knows about one kind.
#[derive(Debug)]
pub struct KindFacts {
    /// The kind these facts are about.
    pub kind: HubKind,
    /// Hostname suffixes that identify the kind (a label may begin with `*`, for any beginning), each with the roots that
    /// genuinely sign such names; the first that fits counts.
    pub suffixes: &'static [(&'static str, &'static [roots::RootPem])],
    /// What is offered, and where by default.
    pub endpoints: &'static [DefaultEndpoint],
    /// Path of the WebSocket upgrade.
    pub ws_path: &'static str,
    /// What is fetched without credentials over HTTPS; `{client}` stands for a random name.
    pub https_path: &'static str,
    /// The MQTT user name of a client without a password, if there must be one; `{host}` and `{client}` stand for the hub and
    /// the random client id. Never anything that could be a real device's name.
    pub mqtt_user: Option<&'static str>,
    /// What the product's own HTTP errors bear and no gateway has a reason to send: one of these is enough. Empty where an
    /// answer carries nothing by which it could be told.
    pub response_signatures: &'static [ResponseSignature],
    /// Whether devices are known by their certificate, or for HTTP by a signature, and whoever shows none may be cut off
    /// without a word, or refused at the WebSocket's upgrade.
    pub login_by_certificate: bool,
    /// Whether Azure's device SDKs speak to it, and how they name what they speak.
    pub azure_sdk: bool,
    /// The name under which the vendor publishes the addresses of such hubs for firewalls.
    pub service_tag: Option<&'static str>,
    /// Other hosts that every device of this kind needs, over HTTPS: (host, path).
    pub companions: &'static [(&'static str, &'static str)],
}

/// What no kind needs to say.
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
    /// How `protocol` is offered at `port`: as there by default, else, at a port of the user's own, as at its first.
    pub(super) fn default_endpoint_at(&self, protocol: Protocol, port: u16) -> Option<&DefaultEndpoint> {
        let offers = || self.endpoints.iter().filter(|offer| offer.protocol == protocol);
        offers().find(|offer| offer.port == port).or_else(|| offers().next())
    }
}

/// One protocol at its standard port.
#[derive(Debug, PartialEq, Eq)]
pub struct DefaultEndpoint {
    /// What is spoken.
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

/// By what an HTTP error (a status of 400 or more) is known to be the product's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseSignature {
    /// It has this header (in lower case).
    Header(&'static str),
    /// Its body contains this.
    Body(&'static str),
    /// Its body is a JSON object that contains each of these: a page that merely speaks of them is none.
    Object(&'static [&'static str]),
}
