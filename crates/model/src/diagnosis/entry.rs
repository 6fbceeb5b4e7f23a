//! What can be said of a cause before it is ever seen.

use std::fmt;

use super::{Owner, Severity};
use crate::observation::Stage;

/// The part of a cause that is the same in every report: what `hubreach explain` tells beside its title and its fix.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// At which stage it shows.
    pub stage: Stage,
    /// How much it hurts, unless the finding knows better.
    pub severity: Severity,
    /// Who can mend it, unless the finding knows better.
    pub owner: Owner,
    /// Who could make up what confirms it.
    pub forgery: Forgery,
    /// What it means for a person on site.
    pub explanation: &'static str,
    /// What must be seen before it is called `confirmed`.
    pub proof: &'static str,
}

/// Who could make a proof up. What anybody on the path can make up confirms nothing: [`Confidence::Confirmed`] is not to be
/// had from it.
///
/// [`Confidence::Confirmed`]: super::Confidence::Confirmed
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Forgery {
    /// It was seen on this machine itself, or inside TLS after the hub's signature.
    Nobody,
    /// Whoever makes it up does what the cause says, and accuses himself.
    OnlyTheAccused,
    /// Distance was measured, there and back: only who stands where the hub does.
    OnlyAtTheHub,
    /// It came in clear, or without proof of who sent it.
    AnyoneOnPath,
}

impl fmt::Display for Forgery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nobody => "nobody on the path",
            Self::OnlyTheAccused => "only who does what it says, and so accuses himself",
            Self::OnlyAtTheHub => {
                "only who stands where the hub does, or counts the hops left in every packet to pass for it"
            }
            Self::AnyoneOnPath => "anybody on the path: never more than likely",
        })
    }
}
