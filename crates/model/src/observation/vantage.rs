//! Where the run took place.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::LocalNetwork;

/// The machine and its network as the checks saw them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Vantage {
    /// This machine's name.
    pub host: Option<String>,
    /// Minutes by which local time is ahead of UTC; `None` if the system does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utc_offset_minutes: Option<i32>,
    /// The operating system: `linux`, `macos`, `windows`, ...
    pub os: String,
    /// The default gateway, if the system tells.
    pub gateway: Option<IpAddr>,
    /// The name servers that the system asks, if it tells.
    pub resolvers: Vec<String>,
    /// The configured name servers after these, which are unused: resolvers take the first three (resolv.conf(5)).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unused_resolvers: Vec<String>,
    /// The proxy configured, without its credentials.
    pub proxy: Option<String>,
    /// The environment variable that names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy_source: Option<String>,
    /// What the device trusts.
    pub trust_store: TrustStore,
    /// This machine's links, addresses and routes; `None` if nothing failed: they are read only then.
    #[serde(default)]
    pub network: Option<LocalNetwork>,
}

/// The roots that stand for the device's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustStore {
    /// Their source.
    pub source: RootSource,
    /// Their number.
    pub roots: usize,
}

/// The source of a set of roots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RootSource {
    /// This machine's store.
    Native,
    /// A file that the user named.
    File,
    /// Built into the program.
    BuiltIn,
}
