//! What time it is at the other end, where nothing but a certificate's validity period fails.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{Facts, Measured};
use crate::observation::StoreVerdict;

/// The `Date` header (RFC 9110, section 6.6.1) of one answer, and what the trust stores say at that time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// Who was asked.
    pub address: IpAddr,
    /// The TCP port.
    pub port: u16,
    /// Whether it was asked inside TLS in which nothing but the validity period failed, if that.
    pub over_tls: bool,
    /// The time there, RFC 3339 in UTC; `None` where nothing answered with one.
    pub date: Option<String>,
    /// The time here when the answer came, RFC 3339 in UTC.
    pub here: String,
    /// Every chain of this address of which only the validity period failed, judged again at the time there.
    pub verdicts: Vec<VerdictThen>,
}

impl Facts for Clock {
    fn measured(&self) -> Vec<Measured<'_>> {
        vec![Measured::Address(self.address)]
    }
}

/// What the trust stores say of a chain at another time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictThen {
    /// SHA-256 of the peer's own certificate, in hexadecimal.
    pub sha256: String,
    /// What the device's store says.
    pub device: StoreVerdict,
    /// What the hub's own roots say; `None` where they are not known.
    pub hub: Option<StoreVerdict>,
}
