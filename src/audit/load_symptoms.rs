//! Symptoms of overload in the report of one target: failures that testing other targets at the same time may cause.
//! Pure.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use crate::{
    diagnosis::Verdict,
    observation::{
        Attempt, ConnectEvidence, ConnectFailure, Ending, ExchangeFailure, Outcome, ResolveFailure, Stage, StageResult,
        TlsFailure, UpgradeFailure, kind,
    },
    report::{Report, Strain},
};

/// If fewer targets tried a port, and none got through, that proves nothing.
const MIN_TARGETS: usize = 3;

/// A stage of a port; the lookup of a name has port 0.
type PortStage = (u16, Stage);

/// A failure of a kind that too many connections, or too many bytes, cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Failure {
    at: PortStage,
    pub(super) strain: Strain,
}

/// The symptoms of one target.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct LoadSymptoms {
    /// One for each attempt that failed so, in order. Equal lists mean equal failures.
    pub(super) failures: Vec<Failure>,
    passed: BTreeSet<PortStage>,
    tried: BTreeSet<PortStage>,
    /// Connections that its checks attempted.
    pub(super) connections: usize,
    /// Those that were established.
    pub(super) answered: usize,
    /// Those of them whose first SYN was not answered.
    late: usize,
    /// Whether the link was busy for seconds: waiting connections may have waited for that.
    is_slow: bool,
    /// Whether all its checks are allowed all the same.
    pub(super) is_well: bool,
}

impl LoadSymptoms {
    pub(super) fn of(report: &Report) -> Self {
        let is_well = allowed(report) == report.observations.checks.len();
        let mut symptoms = Self { is_slow: slow(report), is_well, ..Self::default() };
        match (&report.observations.resolution.failure, report.observations.resolution.outcome) {
            // An answer of a name server does not depend on load.
            (Some(ResolveFailure::TimedOut), _) => symptoms.fail((0, Stage::Resolve), Strain::NotAnswered),
            (_, Outcome::Cancelled) if report.observations.deadline_reached => {
                symptoms.fail((0, Stage::Resolve), Strain::Unfinished);
            }
            (_, Outcome::Ok) => symptoms.pass((0, Stage::Resolve)),
            _ => {}
        }
        for check in report.checks() {
            for attempt in &check.observations.attempts {
                symptoms.add(check.observations.port, attempt, report);
            }
        }
        symptoms.failures.sort_unstable();
        symptoms
    }

    fn add(&mut self, port: u16, attempt: &Attempt, report: &Report) {
        self.connections += usize::from(attempt.connect.outcome() != Outcome::NotReached);
        if let Some(evidence) = attempt.connect.success() {
            self.answered += 1;
            self.late += usize::from(ConnectEvidence::was_sent_again(evidence));
        }
        let upgrade = attempt.upgrade.as_ref();
        let stages = [
            (Stage::Connect, attempt.connect.outcome(), attempt.connect.failure().and_then(at_connect)),
            (Stage::Tls, attempt.tls.outcome(), attempt.tls.failure().and_then(at_tls)),
            (
                Stage::Upgrade,
                upgrade.map_or(Outcome::NotReached, StageResult::outcome),
                upgrade.and_then(StageResult::failure).and_then(at_upgrade),
            ),
            (Stage::Exchange, attempt.exchange.outcome(), attempt.exchange.failure().and_then(at_exchange)),
        ];
        for (stage, outcome, strain) in stages {
            let at = (port, stage);
            match outcome {
                Outcome::Ok => self.pass(at),
                Outcome::Failed => match strain {
                    Some(strain) => self.fail(at, strain),
                    // Any other answer is an answer.
                    None => self.pass(at),
                },
                Outcome::Cancelled if report.observations.deadline_reached => self.fail(at, Strain::Unfinished),
                Outcome::Cancelled | Outcome::NotReached => {}
            }
        }
    }

    fn pass(&mut self, at: PortStage) {
        self.tried.insert(at);
        self.passed.insert(at);
    }

    fn fail(&mut self, at: PortStage, strain: Strain) {
        self.tried.insert(at);
        self.failures.push(Failure { at, strain });
    }

    /// Whether any of its connections had to repeat its SYN, or failed.
    pub(super) fn has_waited(&self) -> bool {
        self.late > 0 || !self.failures.is_empty()
    }

    /// Whether more than half of its connections had to repeat their SYN.
    pub(super) fn is_late(&self) -> bool {
        self.late * 2 > self.connections
    }
}

fn slow(report: &Report) -> bool {
    report.observations.experiments.iter().any(|experiment| experiment.facts::<kind::LinkRate>().is_some())
}

fn at_connect(failure: &ConnectFailure) -> Option<Strain> {
    match failure {
        ConnectFailure::TimedOut { .. } => Some(Strain::NotAnswered),
        ConnectFailure::Refused { .. } | ConnectFailure::Unreachable => Some(Strain::Refused),
        ConnectFailure::Icmp { from_this_machine, .. } => (!from_this_machine).then_some(Strain::Refused),
        _ => None,
    }
}

fn at_tls(failure: &TlsFailure) -> Option<Strain> {
    match failure {
        TlsFailure::TimedOut { .. } => Some(Strain::Silent),
        TlsFailure::Closed { .. } | TlsFailure::Reset { .. } => Some(Strain::Cut),
        _ => None,
    }
}

fn at_upgrade(failure: &UpgradeFailure) -> Option<Strain> {
    match failure {
        UpgradeFailure::TimedOut { .. } => Some(Strain::Silent),
        UpgradeFailure::Ended(ending) => cut(ending),
        _ => None,
    }
}

fn at_exchange(failure: &ExchangeFailure) -> Option<Strain> {
    match failure {
        ExchangeFailure::TimedOut { .. } => Some(Strain::Silent),
        ExchangeFailure::Ended(ending) => cut(ending),
        ExchangeFailure::Mismatch { .. } => None,
    }
}

fn cut(ending: &Ending) -> Option<Strain> {
    matches!(ending, Ending::Fin | Ending::Reset | Ending::CloseNotify).then_some(Strain::Cut)
}

/// The symptoms of all targets so far.
#[derive(Debug, Default)]
pub(super) struct Tally {
    passed: BTreeSet<PortStage>,
    tried: BTreeMap<PortStage, usize>,
}

impl Tally {
    pub(super) fn add(&mut self, symptoms: &LoadSymptoms) {
        self.passed.extend(&symptoms.passed);
        for at in &symptoms.tried {
            *self.tried.entry(*at).or_default() += 1;
        }
    }

    /// Whether a stage failed at this target and passed at another: a port that is blocked for all is not a matter of
    /// load.
    pub(super) fn contradicts(&self, symptoms: &LoadSymptoms) -> bool {
        symptoms.failures.iter().any(|failure| symptoms.is_slow || self.passed.contains(&failure.at))
    }

    /// Whether load may be the cause: not if several targets tried the port and none got through, as the first
    /// connections of an audit have no others in parallel.
    pub(super) fn leaves_in_doubt(&self, symptoms: &LoadSymptoms) -> bool {
        let is_of_all = |failure: &Failure| {
            !self.passed.contains(&failure.at)
                && self.tried.get(&failure.at).is_some_and(|tried| *tried >= MIN_TARGETS)
                && !symptoms.is_slow
                && failure.strain != Strain::Unfinished
        };
        !symptoms.failures.iter().all(is_of_all)
    }
}

/// How many of a target's checks are allowed.
pub(super) fn allowed(report: &Report) -> usize {
    report.checks().filter(|check| check.verdict == Verdict::Allowed).count()
}

/// How well a target does: what it requires first, then its checks, then what had to be looked at twice.
pub(super) fn standing(report: &Report) -> (bool, usize, Reverse<usize>) {
    (report.diagnosis.requirement_met, allowed(report), Reverse(LoadSymptoms::of(report).failures.len()))
}

#[cfg(test)]
impl LoadSymptoms {
    /// Of a target that failed so at connecting to these ports and got to the end of the others.
    pub(super) fn made(failed: &[(u16, Strain)], passed: &[u16]) -> Self {
        let mut symptoms = Self { connections: failed.len() + passed.len(), answered: passed.len(), ..Self::default() };
        failed.iter().for_each(|(port, strain)| symptoms.fail((*port, Stage::Connect), *strain));
        passed.iter().for_each(|port| symptoms.pass((*port, Stage::Connect)));
        symptoms
    }

    /// The same, with all checks allowed.
    pub(super) fn well(self) -> Self {
        Self { is_well: true, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DROPPED: Strain = Strain::NotAnswered;

    #[test]
    fn what_nobody_gets_through_is_no_matter_of_company() {
        let (mut tally, stopped) = (Tally::default(), LoadSymptoms::made(&[(8883, DROPPED)], &[443]));
        for number in 1..=3 {
            tally.add(&stopped);
            assert_eq!(tally.leaves_in_doubt(&stopped), number < 3, "{number} targets prove as much");
            assert!(!tally.contradicts(&stopped));
        }
        tally.add(&LoadSymptoms::made(&[], &[8883, 443]));
        assert!(tally.contradicts(&stopped) && tally.leaves_in_doubt(&stopped));
    }

    #[test]
    fn the_deadline_and_a_slow_link_always_leave_a_doubt() {
        let (mut tally, mut slow) = (Tally::default(), LoadSymptoms::made(&[(443, Strain::Silent)], &[]));
        let late = LoadSymptoms::made(&[(443, Strain::Unfinished)], &[]);
        (0..9).for_each(|_| tally.add(&late));
        assert!(tally.leaves_in_doubt(&late) && !tally.leaves_in_doubt(&slow));
        slow.is_slow = true;
        assert!(tally.leaves_in_doubt(&slow) && tally.contradicts(&slow));
    }

    /// A report that the lab recorded, and the symptoms in it.
    #[test]
    fn a_report_shows_what_company_may_cause_and_nothing_else() {
        let of = |text: &str| LoadSymptoms::of(&Report::from_json(text).expect("a report"));
        macro_rules! recorded {
            ($case:literal) => {
                of(include_str!(concat!("../../crates/model/tests/diagnosis/cases/", $case, "/report.json")))
            };
        }
        for (symptoms, strain) in [
            (recorded!("healthy"), &[][..]),
            (recorded!("certificate-expired"), &[]),
            (recorded!("not-tls"), &[]),
            (recorded!("dns-name-not-found"), &[]),
            (recorded!("local-block-reject"), &[]),
            (recorded!("silent-drop-r2"), &[Strain::NotAnswered]),
            (recorded!("icmp-prohibited-r1-v4"), &[Strain::Refused]),
            (recorded!("tls-reset"), &[Strain::Cut]),
            (recorded!("tls-silent"), &[Strain::Silent]),
        ] {
            let found: BTreeSet<Strain> = symptoms.failures.iter().map(|failure| failure.strain).collect();
            assert_eq!(found.into_iter().collect::<Vec<_>>(), strain);
            assert!(!symptoms.is_late());
        }
    }
}
