//! The peer's time, measured if only a certificate's validity period fails.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{Facts, Measured};
use crate::observation::StoreVerdict;

/// The `Date` header (RFC 9110, section 6.6.1) of one answer, and the trust stores' verdict at that time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// Who was asked.
    pub address: IpAddr,
    /// The TCP port.
    pub port: u16,
    /// Whether the request used TLS in which at most the validity period failed.
    pub over_tls: bool,
    /// The peer's time, RFC 3339 in UTC; `None` if no answer had one.
    pub date: Option<String>,
    /// This machine's time when the answer came, RFC 3339 in UTC.
    pub here: String,
    /// Every chain of this address that failed only by its validity period, judged again at the peer's time.
    pub verdicts: Vec<VerdictThen>,
}

impl Facts for Clock {
    fn measured(&self) -> Vec<Measured<'_>> {
        vec![Measured::Address(self.address)]
    }
}

/// How the trust stores judge a chain at another time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictThen {
    /// SHA-256 of the peer's own certificate, in hexadecimal.
    pub sha256: String,
    /// The verdict of the device's store.
    pub device: StoreVerdict,
    /// The verdict of the hub's own roots; `None` if they are unknown.
    pub hub: Option<StoreVerdict>,
}
