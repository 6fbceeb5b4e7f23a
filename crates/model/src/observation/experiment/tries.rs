//! Several tries of an endpoint that has had two outcomes.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{Facts, Measured};
use crate::{hub::CheckId, observation::Stage};

/// One check at one address several times in sequence, with nothing in parallel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tries {
    /// The check.
    pub check: CheckId,
    /// The address.
    pub address: IpAddr,
    /// The TCP port.
    pub port: u16,
    /// Each try, in order.
    pub tries: Vec<Try>,
}

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Try {
    /// The stage that failed; `null` if it succeeded.
    pub failed_at: Option<Stage>,
    /// Whether an answer ended it; false if none came in time.
    pub answered: bool,
    /// How long it took, in milliseconds.
    pub duration_ms: f64,
}

impl Tries {
    /// How many failed.
    pub fn failures(&self) -> usize {
        self.tries.iter().filter(|one| one.failed_at.is_some()).count()
    }

    /// Whether some failed and some did not.
    pub fn are_mixed(&self) -> bool {
        (1..self.tries.len()).contains(&self.failures())
    }
}

impl Facts for Tries {
    /// The result of one check holds for its port.
    fn measured(&self) -> Vec<Measured<'_>> {
        vec![Measured::Port(self.address, self.port)]
    }
}
