//! A repeated attempt: what happens twice is not chance.

use serde::{Deserialize, Serialize};

use super::{Facts, Measured};
use crate::{hub::CheckId, observation::Attempt};

/// The same check at the same address once more, with fresh keys and ids throughout.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Repeat {
    /// The check.
    pub check: CheckId,
    /// What the second attempt saw.
    pub attempt: Box<Attempt>,
}

impl Facts for Repeat {
    fn measured(&self) -> Vec<Measured<'_>> {
        vec![Measured::Check(&self.check, self.attempt.address)]
    }
}
