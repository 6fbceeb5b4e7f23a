//! How fast a slow link is.

use serde::{Deserialize, Serialize};

use super::{Facts, Measured};

/// Data received on all connections of the attempts together, if it took seconds without a pause.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LinkRate {
    /// Bytes received, below TLS.
    pub bytes: u64,
    /// How long data came without a longer gap, in milliseconds.
    pub busy_ms: f64,
}

impl LinkRate {
    /// In kbit/s, which is bits per millisecond.
    pub fn kbit_per_s(&self) -> f64 {
        if self.busy_ms > 0.0 { self.bytes as f64 * 8.0 / self.busy_ms } else { 0.0 }
    }
}

impl Facts for LinkRate {
    /// It measures this machine's link.
    fn measured(&self) -> Vec<Measured<'_>> {
        vec![Measured::Run]
    }
}
