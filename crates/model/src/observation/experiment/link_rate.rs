//! How fast a slow link is.

use serde::{Deserialize, Serialize};

use super::{Facts, Measured};

/// What came on all connections of the attempts together, where that took seconds without a pause.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LinkRate {
    /// Bytes that came, below TLS.
    pub bytes: u64,
    /// How long they came without a longer gap, in milliseconds.
    pub busy_ms: f64,
}

impl LinkRate {
    /// In kbit/s, which is bits in a millisecond.
    pub fn kbit_per_s(&self) -> f64 {
        if self.busy_ms > 0.0 { self.bytes as f64 * 8.0 / self.busy_ms } else { 0.0 }
    }
}

impl Facts for LinkRate {
    /// It is of this machine's link.
    fn measured(&self) -> Vec<Measured<'_>> {
        vec![Measured::Run]
    }
}
