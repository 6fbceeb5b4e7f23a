//! Several tries where one endpoint has had two outcomes.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{Facts, Measured};
use crate::{hub::CheckId, observation::Stage};

/// One check at one address, several times, one after another and with nothing beside them.
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
    /// How far it got: `null` where it arrived, else the stage that failed.
    pub failed_at: Option<Stage>,
    /// Whether an answer ended it; false where nothing came in time.
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
    /// What one check shows of a port holds for all.
    fn measured(&self) -> Vec<Measured<'_>> {
        vec![Measured::Port(self.address, self.port)]
    }
}
