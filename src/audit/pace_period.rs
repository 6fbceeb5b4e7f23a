//! The targets tested at one pace: connections, failures and time.

use std::collections::BTreeSet;

use tokio::time::{Duration, Instant};

use super::load_symptoms::LoadSymptoms;
use crate::{
    observation::millis,
    report::{Bears, PaceLimit, Strain},
};

#[derive(Debug, Default)]
pub(super) struct PacePeriod {
    /// From the start of the first to the end of the last.
    time: Option<(Instant, Instant)>,
    earlier: Duration,
    /// The most targets under way at once.
    targets: usize,
    connections: usize,
    answered: usize,
    strains: BTreeSet<Strain>,
}

impl PacePeriod {
    /// A target begins; `running` are now under way.
    pub(super) fn begin(&mut self, running: usize, now: Instant) {
        self.time.get_or_insert((now, now));
        self.targets = self.targets.max(running);
    }

    pub(super) fn end(&mut self, symptoms: &LoadSymptoms, now: Instant) {
        if let Some((_, until)) = &mut self.time {
            *until = now;
        }
        self.connections += symptoms.connections;
        self.answered += symptoms.answered;
        self.strains.extend(symptoms.failures.iter().map(|failure| failure.strain));
        self.strains.extend(symptoms.is_late().then_some(Strain::Late));
    }

    /// The period is interrupted.
    pub(super) fn pause(&mut self) {
        self.earlier = self.lasted();
        self.time = None;
    }

    pub(super) fn shows_trouble(&self) -> bool {
        !self.strains.is_empty()
    }

    pub(super) fn as_limit(&self) -> PaceLimit {
        let Self { targets, connections, answered, .. } = *self;
        let shows = self.strains.iter().copied().collect();
        PaceLimit { shows, targets, connections, answered, within_ms: millis(self.lasted()) }
    }

    /// `None` if nothing was tested in it.
    pub(super) fn as_bears(&self, targets: usize) -> Option<Bears> {
        if self.connections == 0 {
            return None;
        }
        // Under a tenth of a second a mean says nothing.
        let seconds = self.lasted().as_secs_f64().max(0.1);
        let rate = self.connections as f64 / seconds;
        Some(Bears { targets, connections_per_second: (rate * 10.0).round() / 10.0 })
    }

    fn lasted(&self) -> Duration {
        self.earlier + self.time.map(|(since, until)| until - since).unwrap_or_default()
    }
}
