//! How far an audit is, on stderr: counts, and who takes longest.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use hubreach::audit::{Event, Plan};

use super::super::progress::Lines;

/// How many of those that take longest are named.
const MAX_SLOW_TARGETS: usize = 2;
/// A target that has been tested for less is not listed as slow.
const SLOW_TARGET: Duration = Duration::from_secs(2);

/// How the targets of one audit stand.
#[derive(Debug)]
pub struct Targets {
    /// By their places in the plan.
    hosts: Vec<String>,
    /// Who is being tested, by its place in the plan, since when.
    running: BTreeMap<usize, Instant>,
    done: usize,
    not_ready: usize,
}

impl Targets {
    pub fn of(plan: &Plan) -> Self {
        let hosts = plan.targets.iter().map(|planned| planned.target.host.to_string()).collect();
        Self { hosts, running: BTreeMap::new(), done: 0, not_ready: 0 }
    }

    /// What just happened.
    pub fn note(&mut self, event: &Event<'_>) {
        let (index, is_ready) = match event {
            Event::Began(index) => {
                self.running.insert(*index, Instant::now());
                return;
            }
            Event::SetAside(index) => {
                self.running.remove(index);
                return;
            }
            Event::Finished(index, report) => (index, report.diagnosis.requirement_met),
            Event::Failed(index, _) => (index, false),
            _ => return,
        };
        self.running.remove(index);
        self.done += 1;
        self.not_ready += usize::from(!is_ready);
    }

    /// `- 3 not ready - waiting for a.example (8 s), b.example (5 s)`
    fn summary(&self) -> String {
        let mut summary = String::new();
        if self.not_ready > 0 {
            summary = format!("- {} not ready ", self.not_ready);
        }
        let took = self.running.iter().map(|(index, since)| (since.elapsed(), *index));
        let mut slow: Vec<(Duration, usize)> = took.filter(|(took, _)| *took >= SLOW_TARGET).collect();
        slow.sort_by(|one, other| other.cmp(one));
        let named = slow.iter().take(MAX_SLOW_TARGETS).filter_map(|(took, index)| {
            let host = self.hosts.get(*index)?;
            Some(format!("{host} ({} s)", took.as_secs()))
        });
        let named: Vec<String> = named.collect();
        if !named.is_empty() {
            summary += &format!("- waiting for {}", named.join(", "));
        }
        summary
    }
}

impl Lines for Targets {
    fn drawn(&self, face: char) -> Vec<String> {
        vec![format!("  {face} {} of {} tested {}", self.done, self.hosts.len(), self.summary())]
    }
}
