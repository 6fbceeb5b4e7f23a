//! What the report of one target shows of the company in which it was tested: pure.

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
type Place = (u16, Stage);

/// What failed in a way in which too many connections, or too many bytes, make things fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Failure {
    place: Place,
    pub(super) shows: Strain,
}

/// What one target shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Signs {
    /// One for each attempt that failed so, in order: targets with the same fail alike.
    pub(super) failures: Vec<Failure>,
    passed: BTreeSet<Place>,
    tried: BTreeSet<Place>,
    /// Connections of its checks.
    pub(super) connections: usize,
    /// Those that were established.
    pub(super) answered: usize,
    /// Those of them whose first SYN was not answered.
    late: usize,
    /// Whether bytes came for seconds: what waits may then wait for them.
    is_slow: bool,
    /// Whether all its checks are allowed nevertheless.
    pub(super) is_well: bool,
}

impl Signs {
    pub(super) fn of(report: &Report) -> Self {
        let is_well = allowed(report) == report.observations.checks.len();
        let mut signs = Self { is_slow: slow(report), is_well, ..Self::default() };
        match (&report.observations.resolution.failure, report.observations.resolution.outcome) {
            // What a name server says is no matter of company.
            (Some(ResolveFailure::TimedOut), _) => signs.fail((0, Stage::Resolve), Strain::NotAnswered),
            (_, Outcome::Cancelled) if report.observations.deadline_reached => {
                signs.fail((0, Stage::Resolve), Strain::Unfinished);
            }
            (_, Outcome::Ok) => signs.pass((0, Stage::Resolve)),
            _ => {}
        }
        for check in report.checks() {
            for attempt in &check.seen.attempts {
                signs.add(check.seen.port, attempt, report);
            }
        }
        signs.failures.sort_unstable();
        signs
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
            let place = (port, stage);
            match outcome {
                Outcome::Ok => self.pass(place),
                Outcome::Failed => match strain {
                    Some(strain) => self.fail(place, strain),
                    // Whoever answers something else answers.
                    None => self.pass(place),
                },
                Outcome::Cancelled if report.observations.deadline_reached => self.fail(place, Strain::Unfinished),
                Outcome::Cancelled | Outcome::NotReached => {}
            }
        }
    }

    fn pass(&mut self, place: Place) {
        self.tried.insert(place);
        self.passed.insert(place);
    }

    fn fail(&mut self, place: Place, shows: Strain) {
        self.tried.insert(place);
        self.failures.push(Failure { place, shows });
    }

    /// Whether any of its connections had to ask twice, or failed.
    pub(super) fn has_waited(&self) -> bool {
        self.late > 0 || !self.failures.is_empty()
    }

    /// Whether more than half of its connections had to ask twice.
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

/// What all targets so far show together.
#[derive(Debug, Default)]
pub(super) struct Tally {
    passed: BTreeSet<Place>,
    tried: BTreeMap<Place, usize>,
}

impl Tally {
    pub(super) fn add(&mut self, signs: &Signs) {
        self.passed.extend(&signs.passed);
        for place in &signs.tried {
            *self.tried.entry(*place).or_default() += 1;
        }
    }

    /// Whether something failed at one target that went well at another: what lets nothing through counts no connections.
    pub(super) fn contradicts(&self, signs: &Signs) -> bool {
        signs.failures.iter().any(|failure| signs.is_slow || self.passed.contains(&failure.place))
    }

    /// Whether the company may be to blame: not where no target at all got through, several having tried. The first connections
    /// of an audit have no others beside them.
    pub(super) fn leaves_in_doubt(&self, signs: &Signs) -> bool {
        let is_of_all = |failure: &Failure| {
            !self.passed.contains(&failure.place)
                && self.tried.get(&failure.place).is_some_and(|tried| *tried >= MIN_TARGETS)
                && !signs.is_slow
                && failure.shows != Strain::Unfinished
        };
        !signs.failures.iter().all(is_of_all)
    }
}

/// How many of a target's checks are allowed.
pub(super) fn allowed(report: &Report) -> usize {
    report.checks().filter(|check| check.verdict == Verdict::Allowed).count()
}

/// How well a target does: what it requires first, then its checks, then what had to be looked at twice.
pub(super) fn standing(report: &Report) -> (bool, usize, Reverse<usize>) {
    (report.diagnosis.requirement_met, allowed(report), Reverse(Signs::of(report).failures.len()))
}

#[cfg(test)]
impl Signs {
    /// Of a target that failed so at connecting to these ports and got to the end of the others.
    pub(super) fn made(failed: &[(u16, Strain)], passed: &[u16]) -> Self {
        let mut signs = Self { connections: failed.len() + passed.len(), answered: passed.len(), ..Self::default() };
        failed.iter().for_each(|(port, shows)| signs.fail((*port, Stage::Connect), *shows));
        passed.iter().for_each(|port| signs.pass((*port, Stage::Connect)));
        signs
    }

    /// Of one whose checks are all allowed.
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
        let (mut tally, stopped) = (Tally::default(), Signs::made(&[(8883, DROPPED)], &[443]));
        for number in 1..=3 {
            tally.add(&stopped);
            assert_eq!(tally.leaves_in_doubt(&stopped), number < 3, "{number} targets prove as much");
            assert!(!tally.contradicts(&stopped));
        }
        tally.add(&Signs::made(&[], &[8883, 443]));
        assert!(tally.contradicts(&stopped) && tally.leaves_in_doubt(&stopped));
    }

    #[test]
    fn the_deadline_and_a_slow_link_always_leave_a_doubt() {
        let (mut tally, mut slow) = (Tally::default(), Signs::made(&[(443, Strain::Silent)], &[]));
        let late = Signs::made(&[(443, Strain::Unfinished)], &[]);
        (0..9).for_each(|_| tally.add(&late));
        assert!(tally.leaves_in_doubt(&late) && !tally.leaves_in_doubt(&slow));
        slow.is_slow = true;
        assert!(tally.leaves_in_doubt(&slow) && tally.contradicts(&slow));
    }

    /// A report that the lab recorded, and what of it company may have caused.
    #[test]
    fn a_report_shows_what_company_may_cause_and_nothing_else() {
        let of = |text: &str| Signs::of(&Report::from_json(text).expect("a report"));
        macro_rules! recorded {
            ($case:literal) => {
                of(include_str!(concat!("../../crates/model/tests/diagnosis/cases/", $case, "/report.json")))
            };
        }
        for (signs, shows) in [
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
            let found: BTreeSet<Strain> = signs.failures.iter().map(|failure| failure.shows).collect();
            assert_eq!(found.into_iter().collect::<Vec<_>>(), shows);
            assert!(!signs.is_late());
        }
    }
}
