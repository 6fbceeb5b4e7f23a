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
    /// The settings of this machine that name a proxy, and whether they count for this hub.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proxy_settings: Vec<ProxySetting>,
    /// What the device trusts.
    pub trust_store: TrustStore,
    /// This machine's links, addresses and routes; `None` if nothing failed: they are read only then.
    #[serde(default)]
    pub network: Option<LocalNetwork>,
}

/// A setting that names a proxy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProxySetting {
    /// Where it stands: a variable, a file, or a place of the system.
    pub source: String,
    /// The proxy, without its credentials; `None` if it cannot be read, or is not named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The address of a file that programs compute their proxy from (proxy auto-configuration, PAC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pac: Option<String>,
    /// Why it is not used here; `None` if it is.
    pub unused: Option<WhyUnused>,
}

/// Why a proxy that a setting names is not used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum WhyUnused {
    /// Another setting excepts the hub from it.
    Excepted {
        /// That setting, such as `NO_PROXY`.
        by: String,
        /// The entry of it that names the hub.
        entry: String,
    },
    /// The user names another proxy.
    Overridden,
    /// The user wants another route.
    NotWanted,
    /// It is no proxy that this program can use.
    Unusable {
        /// Why.
        message: String,
    },
    /// Programs such as this one do not read it: it is for others.
    ForOthers,
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
