//! The system's resolver asked again.

use serde::{Deserialize, Serialize};

use super::{Dns, Facts, Measured};
use crate::observation::Resolution;

/// The system's resolver and the name servers, asked again in parallel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lookup {
    /// The resolver's answer, and how long it took.
    pub system: Resolution,
    /// The name servers' answers to our own queries.
    pub servers: Dns,
}

impl Facts for Lookup {
    fn measured(&self) -> Vec<Measured<'_>> {
        vec![Measured::Run]
    }
}
