//! What a run has come to before its end: only climbs that have ended, of which nothing will change any more.

use super::{Bench, seen};
use crate::{
    observation::{Attempt, Climb, Observations, millis},
    target::CheckId,
};

/// A run halfway.
pub(crate) struct SoFar {
    /// Every check, with those of its climbs that have ended.
    pub(crate) seen: Observations,
    /// The checks of which more is to come.
    pub(crate) pending: Vec<CheckId>,
}

impl Bench<'_> {
    /// What is known for good by now; nothing before the first climb has begun.
    pub(crate) fn so_far(&self) -> Option<SoFar> {
        let situation = self.board.situation();
        let (roots, resolution) = (self.board.roots()?, situation.resolution?);
        let mut pending = Vec::new();
        let checks = self.target.checks.iter().map(|check| {
            let climbs: Vec<&Climb> = situation.climbs.iter().filter(|climb| climb.check.id == check.id).collect();
            if climbs.is_empty() || !climbs.iter().all(|climb| climb.has_ended()) {
                pending.push(check.id.clone());
            }
            let ended = climbs.into_iter().filter(|climb| climb.has_ended());
            let attempts: Vec<Attempt> = ended.map(|climb| climb.attempt.clone()).collect();
            seen(check, millis(self.board.now()), attempts)
        });
        let checks = checks.collect();
        Some(SoFar { seen: self.observations(&roots, resolution, checks), pending })
    }
}
