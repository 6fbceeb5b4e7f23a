//! The system's resolver asked again.

use serde::{Deserialize, Serialize};

use super::{Dns, Facts, Measured};
use crate::observation::Resolution;

/// The system's resolver and the name servers, asked again side by side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lookup {
    /// What the system's resolver said, and how long it took.
    pub system: Resolution,
    /// What the name servers said to questions of our own.
    pub servers: Dns,
}

impl Facts for Lookup {
    fn measured(&self) -> Vec<Measured<'_>> {
        vec![Measured::Run]
    }
}
