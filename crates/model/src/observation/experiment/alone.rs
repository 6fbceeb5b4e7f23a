//! An attempt repeated alone: parallel connections of ours may be why it failed.

use serde::{Deserialize, Serialize};

use super::{Facts, Measured};
use crate::{hub::CheckId, observation::Attempt};

/// The same check at the same address once more, after every other connection of the run has ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alone {
    /// The check.
    pub check: CheckId,
    /// How many checks were running when it failed, this one included.
    pub crowd: u32,
    /// The new observations.
    pub attempt: Box<Attempt>,
}

impl Facts for Alone {
    fn measured(&self) -> Vec<Measured<'_>> {
        vec![Measured::Check(&self.check, self.attempt.address)]
    }
}
