//! The verdict of a check, from the verdicts of its addresses.

use std::{collections::BTreeMap, net::IpAddr};

use super::{
    Family, Severity, Verdict,
    attempt_context::AttemptContext,
    attempt_verdict::{AttemptOutcome, AttemptVerdict},
    causes::{address_family_broken, address_family_unavailable, port_closed, some_addresses_blocked},
    comparisons::Comparisons,
    concurrency, judge,
    judged_check::JudgedCheck,
    location::{self, PathEnd},
    occurrence::Occurrence,
};
use crate::observation::{Attempt, CheckObservations, ConnectFailure, Observations, kind};

/// One address of a check, and its verdict.
struct JudgedAttempt {
    address: IpAddr,
    verdict: AttemptVerdict,
    /// Where its packets end, if clearly before the hub.
    path_end: Option<PathEnd>,
    /// It fails by silence, and nothing was looked for on its path.
    has_unknown_path: bool,
    /// Some port of the address connected, or refused this one, yet the attempt is blocked: packets do travel both
    /// ways, whoever answers.
    responds: bool,
}

/// The verdict of every check. Addresses are compared over the whole run: an address that always fails while others
/// work is one fault, not one for each port.
pub(super) fn judge_all(observations: &Observations) -> Vec<JudgedCheck> {
    let comparisons = Comparisons::of(observations);
    let by_check: Vec<Vec<JudgedAttempt>> =
        observations.checks.iter().map(|check| judge_attempts(observations, &comparisons, check)).collect();
    let dead = dead_addresses(&by_check);
    let judged = by_check.into_iter().map(|attempts| judge(attempts, &dead)).collect();
    port_closed::excuse_unoffered_ports(observations, judged)
}

fn judge_attempts<'a>(
    observations: &'a Observations,
    comparisons: &'a Comparisons<'a>,
    check: &'a CheckObservations,
) -> Vec<JudgedAttempt> {
    let has_tried = |family: Family| {
        check.attempts.iter().any(|attempt| was_sent(attempt) && Family::of(attempt.address) == family)
    };
    let both_families = has_tried(Family::V4) && has_tried(Family::V6);
    let judged = check.attempts.iter().map(|attempt| {
        let context = AttemptContext { observations, comparisons, check, attempt };
        let family = both_families.then(|| Family::of(attempt.address));
        let verdict = verdict_with_repeats(context).map_causes(|cause| cause.over_family(family));
        let refused = matches!(attempt.connect.failure(), Some(ConnectFailure::Refused { .. }));
        let responds =
            verdict.outcome == AttemptOutcome::Blocked && (comparisons.address_connects(attempt.address) || refused);
        let has_unknown_path = has_unknown_path(context);
        JudgedAttempt { address: attempt.address, verdict, path_end: path_end(context), has_unknown_path, responds }
    });
    judged.collect()
}

/// The verdict of an attempt, with what its repetitions showed.
fn verdict_with_repeats(context: AttemptContext<'_>) -> AttemptVerdict {
    let verdict = |attempt| judge::judge(AttemptContext { attempt, ..context });
    match (concurrency::conclusive_alone(context), context.first_result::<kind::Repeat>()) {
        // A failure among concurrent checks does not count if the check works alone.
        (Some(alone), _) => verdict(alone),
        (None, Some(repeat)) => combine_with_repeat(verdict(context.attempt), verdict(&repeat.attempt)),
        (None, None) => verdict(context.attempt),
    }
}

/// Whether packets were sent to the address, or this machine would have sent them.
fn was_sent(attempt: &Attempt) -> bool {
    attempt.connect.is_ok() || attempt.connect.failure().is_some_and(|failure| *failure != ConnectFailure::NoRoute)
}

/// Where packets to the address end, from the traced path to any of its ports.
fn path_end(context: AttemptContext<'_>) -> Option<PathEnd> {
    let paths = context.comparisons.paths_to(context.address()).iter().copied();
    paths.filter(|path| path.failing.address == context.address()).find_map(location::ends_short_of_hub)
}

fn has_unknown_path(context: AttemptContext<'_>) -> bool {
    let is_silent = matches!(context.attempt.connect.failure(), Some(ConnectFailure::TimedOut { .. }));
    is_silent && !context.was_traced() && context.comparisons.paths_to(context.address()).is_empty()
}

/// Combines two attempts at the same. A repeated cause is no accident; one that does not repeat is only a warning.
fn combine_with_repeat(first: AttemptVerdict, second: AttemptVerdict) -> AttemptVerdict {
    if second.outcome == AttemptOutcome::Allowed {
        let once = |cause: Occurrence| {
            let severity = cause.severity.max(Severity::Warning);
            cause.severity(severity).evidence("the same once more went through")
        };
        let mut causes = second.causes;
        causes.extend(first.causes.into_iter().map(once));
        return AttemptVerdict { causes, ..second };
    }
    let mark_repeated = |cause: Occurrence| match second.causes.iter().any(|other| other.is_same_cause(&cause)) {
        true => cause.repeated(),
        false => cause,
    };
    AttemptVerdict { causes: first.causes.into_iter().map(mark_repeated).collect(), ..first }
}

/// Addresses that fail in the whole run while others work.
type DeadAddresses = BTreeMap<IpAddr, DeadBecause>;

#[derive(Clone, Copy)]
enum DeadBecause {
    Family,
    Address,
}

/// Addresses that are blocked in every finished attempt, alone or with their whole family, while others are allowed.
fn dead_addresses(by_check: &[Vec<JudgedAttempt>]) -> DeadAddresses {
    let (mut addresses, mut v4, mut v6) =
        (BTreeMap::<IpAddr, Outcomes>::new(), Outcomes::default(), Outcomes::default());
    for JudgedAttempt { address, verdict, .. } in by_check.iter().flatten().filter(|attempt| !attempt.responds) {
        addresses.entry(*address).or_default().count(verdict.outcome);
        if address.is_ipv6() { &mut v6 } else { &mut v4 }.count(verdict.outcome);
    }
    let why = |(address, outcomes): (IpAddr, Outcomes)| {
        let (family, other) = if address.is_ipv6() { (&v6, &v4) } else { (&v4, &v6) };
        let why = if family.is_blocked() && other.allowed {
            Some(DeadBecause::Family)
        } else {
            (outcomes.is_blocked() && family.allowed).then_some(DeadBecause::Address)
        };
        Some((address, why?))
    };
    addresses.into_iter().filter_map(why).collect()
}

/// The outcomes of all finished attempts of an address or a family.
#[derive(Default)]
struct Outcomes {
    blocked: bool,
    allowed: bool,
    declined: bool,
}

impl Outcomes {
    fn count(&mut self, outcome: AttemptOutcome) {
        match outcome {
            AttemptOutcome::Blocked => self.blocked = true,
            AttemptOutcome::Allowed => self.allowed = true,
            AttemptOutcome::Declined => self.declined = true,
            AttemptOutcome::NoRoute | AttemptOutcome::Unknown => {}
        }
    }

    fn is_blocked(&self) -> bool {
        self.blocked && !self.allowed && !self.declined
    }
}

/// Which outcome decides a check with several addresses; the first that occurs:
/// - allowed at one address: a device needs only one;
/// - declined by the verified hub at one: it would decline at the others;
/// - cut short at one: nothing is known of the check;
/// - blocked at one;
/// - no route to any: nothing was sent, so nothing is known of the network.
const PRECEDENCE: [AttemptOutcome; 5] = [
    AttemptOutcome::Allowed,
    AttemptOutcome::Declined,
    AttemptOutcome::Unknown,
    AttemptOutcome::Blocked,
    AttemptOutcome::NoRoute,
];

fn judge(attempts: Vec<JudgedAttempt>, dead: &DeadAddresses) -> JudgedCheck {
    let leading = PRECEDENCE.into_iter().find_map(|outcome| {
        let mut with = attempts.iter().filter(|attempt| attempt.verdict.outcome == outcome);
        let first = with.clone().next()?;
        Some(with.find(|attempt| !dead.contains_key(&attempt.address)).unwrap_or(first))
    });
    let Some(leading) = leading else {
        return JudgedCheck::without_address("no address to try", None);
    };
    let verdict = match leading.verdict.outcome {
        AttemptOutcome::Allowed => Verdict::Allowed,
        AttemptOutcome::Declined => Verdict::Declined,
        AttemptOutcome::Blocked => Verdict::Blocked,
        AttemptOutcome::Unknown | AttemptOutcome::NoRoute => Verdict::Unknown,
    };
    let summary = leading.verdict.summary.clone();
    // If all addresses of a check are dead, their own causes explain it.
    let explained = if dead.contains_key(&leading.address) { &DeadAddresses::new() } else { dead };
    JudgedCheck { verdict, is_offered: true, summary, causes: causes(attempts, verdict, explained), excused_by: None }
}

/// The causes of all addresses. Causes that another explains, or that do not matter, are replaced or reduced.
fn causes(attempts: Vec<JudgedAttempt>, of_check: Verdict, dead: &DeadAddresses) -> Vec<Occurrence> {
    let only_without_route = attempts.iter().all(|attempt| attempt.verdict.outcome == AttemptOutcome::NoRoute);
    let mut causes = Vec::new();
    for JudgedAttempt { address, verdict, path_end, has_unknown_path, responds } in attempts {
        match (verdict.outcome, dead.get(&address)) {
            (AttemptOutcome::NoRoute, _) if only_without_route => {
                causes.extend(verdict.causes.into_iter().map(address_family_unavailable::fatal));
            }
            (AttemptOutcome::Blocked, _) if responds && of_check == Verdict::Allowed => {
                causes.extend(some_addresses_blocked::for_single_address(address, verdict));
            }
            (AttemptOutcome::Blocked, Some(DeadBecause::Family)) => {
                causes.extend(address_family_broken::replacing_causes(address, verdict));
            }
            (AttemptOutcome::Blocked, Some(DeadBecause::Address)) => {
                causes.extend(some_addresses_blocked::replacing_causes(address, verdict, path_end, has_unknown_path))
            }
            (AttemptOutcome::Blocked | AttemptOutcome::Declined, None) if of_check == Verdict::Allowed => {
                causes.extend(some_addresses_blocked::replacing_causes(address, verdict, path_end, has_unknown_path));
            }
            // What this machine lacks for one address does no harm if another address works.
            (AttemptOutcome::Unknown, _) if of_check == Verdict::Allowed => {
                let lesser = |cause: Occurrence| {
                    let severity = cause.severity.max(Severity::Warning);
                    cause.severity(severity)
                };
                causes.extend(verdict.causes.into_iter().map(lesser));
            }
            _ => causes.extend(verdict.causes),
        }
    }
    causes
}
