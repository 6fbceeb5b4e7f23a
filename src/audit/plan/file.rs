//! A plan file as it is written: the keys, and what each may hold.

use std::{
    collections::BTreeMap,
    fmt,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use serde::{
    Deserialize, Deserializer,
    de::{self, SeqAccess, Visitor, value::SeqAccessDeserializer},
};
use toml::Spanned;

use crate::{
    hub::{Depth, HubKind, Protocol, Proxy, ProxyError, Requirement, Role, Route},
    probe::{Families, parse},
};

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct File {
    /// The report's title.
    pub(super) title: Option<String>,
    /// What every target has that says nothing else.
    #[serde(default)]
    pub(super) defaults: Keys,
    /// What is tested.
    #[serde(default)]
    pub(super) target: Vec<Spanned<Keys>>,
}

/// What can be said of a target. The keys are `hubreach check`'s options.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Keys {
    pub(super) hub: Option<Spanned<String>>,
    pub(super) kind: Option<HubKind>,
    pub(super) protocol: Option<Vec<Protocol>>,
    pub(super) port: Option<BTreeMap<Protocol, u16>>,
    pub(super) ws_path: Option<String>,
    pub(super) https_path: Option<String>,
    pub(super) route: Option<Vec<Route>>,
    pub(super) proxy: Option<ProxyUrl>,
    /// Other hosts that the device needs over HTTPS.
    pub(super) companion: Option<Vec<Spanned<String>>>,
    #[serde(deserialize_with = "requirement")]
    pub(super) require: Option<Requirement>,
    pub(super) role: Option<Role>,
    pub(super) address: Option<Vec<Address>>,
    pub(super) all_addresses: Option<bool>,
    pub(super) family: Option<Family>,
    pub(super) resolver: Option<Vec<NameServer>>,
    pub(super) ca: Option<PathBuf>,
    pub(super) hub_ca: Option<PathBuf>,
    pub(super) depth: Option<Depth>,
    pub(super) timeout: Option<Timeout>,
    pub(super) experiments: Option<bool>,
    /// What is told of it in the reports, as it stands.
    pub(super) name: Option<Spanned<String>>,
    pub(super) site: Option<String>,
    pub(super) contact: Option<String>,
    pub(super) note: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Family {
    Both,
    Ipv4,
    Ipv6,
}

impl From<Family> for Families {
    fn from(family: Family) -> Self {
        match family {
            Family::Both => Self::Both,
            Family::Ipv4 => Self::V4,
            Family::Ipv6 => Self::V6,
        }
    }
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Address(pub(super) IpAddr);

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct NameServer(pub(super) SocketAddr);

/// No error quotes any of it: it may hold credentials.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct ProxyUrl(pub(super) Proxy);

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Timeout(pub(super) Duration);

impl TryFrom<String> for Address {
    type Error = &'static str;

    fn try_from(word: String) -> Result<Self, Self::Error> {
        parse::address(&word).map(Self)
    }
}

impl TryFrom<String> for NameServer {
    type Error = &'static str;

    fn try_from(word: String) -> Result<Self, Self::Error> {
        parse::name_server(&word).map(Self)
    }
}

impl TryFrom<String> for ProxyUrl {
    type Error = ProxyError;

    fn try_from(url: String) -> Result<Self, Self::Error> {
        Proxy::parse(&url).map(Self)
    }
}

impl TryFrom<String> for Timeout {
    type Error = &'static str;

    fn try_from(word: String) -> Result<Self, Self::Error> {
        parse::timeout(&word).map(Self)
    }
}

/// `any`, `all`, `none`, or protocols: as a list, or as the option has them.
fn requirement<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Requirement>, D::Error> {
    struct Spec;

    impl<'de> Visitor<'de> for Spec {
        type Value = Requirement;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("`any`, `all`, `none`, or protocols such as [\"mqtt\", \"https\"]")
        }

        fn visit_str<E: de::Error>(self, spec: &str) -> Result<Self::Value, E> {
            spec.parse().map_err(E::custom)
        }

        fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
            let words = Vec::<String>::deserialize(SeqAccessDeserializer::new(list))?;
            self.visit_str(&words.join(","))
        }
    }

    input.deserialize_any(Spec).map(Some)
}
