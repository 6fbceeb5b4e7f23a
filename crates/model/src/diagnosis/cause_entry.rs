//! What is known of a cause in general, before any run.

use std::fmt;

use super::{Owner, Severity};
use crate::observation::Stage;

/// The part of a cause that is the same in every report: what `hubreach explain` shows in addition to title and fix.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// At which stage it shows.
    pub stage: Stage,
    /// How much it hurts, unless the finding knows better.
    pub severity: Severity,
    /// Who can fix it, unless the finding knows better.
    pub owner: Owner,
    /// Who could forge its proof.
    pub forgery: Forgery,
    /// What it means for a person on site.
    pub explanation: &'static str,
    /// The evidence that makes it `confirmed`.
    pub proof: &'static str,
}

/// Who could forge a proof. A proof that anyone on the path can forge confirms nothing: it never gives
/// [`Confidence::Confirmed`].
///
/// [`Confidence::Confirmed`]: super::Confidence::Confirmed
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Forgery {
    /// It was measured on this machine, or inside TLS after the hub's signature.
    Nobody,
    /// Whoever forges it does what the cause describes.
    OnlyTheAccused,
    /// The distance was measured in both directions: only a device at the hub's position can forge it.
    OnlyAtTheHub,
    /// It came in clear text, or without proof of its sender.
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
