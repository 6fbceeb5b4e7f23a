//! A check at an address that the name servers give for the hub, and the system's resolver does not.

use serde::{Deserialize, Serialize};

use super::{Facts, Measured};
use crate::{hub::CheckId, observation::Attempt};

/// One check at such an address.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OtherAddress {
    /// The check.
    pub check: CheckId,
    /// What was seen there.
    pub attempt: Box<Attempt>,
}

impl Facts for OtherAddress {
    fn measured(&self) -> Vec<Measured<'_>> {
        vec![Measured::Check(&self.check, self.attempt.address)]
    }
}
