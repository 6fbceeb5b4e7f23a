//! What the proxy answers to other requests than those of the checks.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{Facts, Measured};
use crate::observation::{ProxyEvidence, ProxyFailure, StageResult, TlsEvidence, TlsFailure};

/// Further requests to the proxy, which differ from those of the checks in one thing each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProxyConnect {
    /// The proxy's address.
    pub address: IpAddr,
    /// What was asked, and what came of it.
    pub trials: Vec<ProxyTrial>,
    /// Whether it answers a TLS hello with a ServerHello, though the setting says that it is spoken to in clear; `None` if it was
    /// not tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaks_tls: Option<bool>,
}

/// One request to a proxy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProxyTrial {
    /// What it was to connect to.
    pub destination: ProxyDestination,
    /// The port that it was to connect to.
    pub port: u16,
    /// Its answer, with or without credentials as the evidence says.
    pub answer: StageResult<ProxyEvidence, ProxyFailure>,
    /// The TLS handshake that followed; `None` if none was wanted.
    pub tls: Option<Box<StageResult<TlsEvidence, TlsFailure>>>,
}

/// What a proxy is asked to connect to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProxyDestination {
    /// The hub, by name.
    HubName,
    /// The hub, by an address that this device resolves its name to.
    HubAddress,
    /// A name that cannot exist (RFC 6761, section 6.4): only its rules make a proxy answer otherwise than that it is unknown.
    OtherName,
}

impl Facts for ProxyConnect {
    fn measured(&self) -> Vec<Measured<'_>> {
        vec![Measured::Address(self.address)]
    }
}
