//! A check's verdict, from what each of its addresses came to.

use std::{collections::BTreeMap, net::IpAddr};

use super::{
    Family, Severity, Verdict,
    attempt_context::AttemptContext,
    causes::{address_family_broken, address_family_unavailable, port_closed, some_addresses_blocked},
    comparisons::Comparisons,
    crowd, judge,
    judged_check::JudgedCheck,
    location::{self, Ends},
    occurrence::Occurrence,
    verdict::{AttemptOutcome, AttemptVerdict},
};
use crate::observation::{Attempt, CheckObservations, ConnectFailure, Observations, kind};

/// One address of a check, and what it came to.
struct JudgedAttempt {
    address: IpAddr,
    verdict: AttemptVerdict,
    /// Where on the path its packets end, if clearly before the hub.
    ends: Option<Ends>,
    /// It took a connection, on whichever port, or refused this one, and yet is of no use: packets come and go, whoever answers.
    speaks: bool,
}

/// The verdict of every check. Addresses are compared over the whole run: one that fails everywhere while others work is
/// one fault, not one for each port.
pub(super) fn judge_all(observations: &Observations) -> Vec<JudgedCheck> {
    let comparisons = Comparisons::of(observations);
    let tried: Vec<Vec<JudgedAttempt>> =
        observations.checks.iter().map(|check| try_all(observations, &comparisons, check)).collect();
    let dead = dead(&tried);
    port_closed::forgive(observations, tried.into_iter().map(|tried| judge(tried, &dead)).collect())
}

fn try_all<'a>(
    observations: &'a Observations,
    comparisons: &'a Comparisons<'a>,
    check: &'a CheckObservations,
) -> Vec<JudgedAttempt> {
    let judged = |attempt| judge::judge(AttemptContext { observations, comparisons, check, attempt });
    let tried = |family: Family| {
        check.attempts.iter().any(|attempt| is_tried(attempt) && Family::of(attempt.address) == family)
    };
    let both_families = tried(Family::V4) && tried(Family::V6);
    let tried = check.attempts.iter().map(|attempt| {
        let context = AttemptContext { observations, comparisons, check, attempt };
        // Nobody is judged by what fails in a crowd and works alone.
        let verdict = match (crowd::judged_by(context), context.shown::<kind::Repeat>()) {
            (Some(alone), _) => judged(alone),
            (None, Some(again)) => twice(judged(attempt), judged(&again.attempt)),
            (None, None) => judged(attempt),
        };
        let family = both_families.then(|| Family::of(attempt.address));
        let verdict = verdict.explained(|cause| cause.over(family));
        let refused = matches!(attempt.connect.failure(), Some(ConnectFailure::Refused { .. }));
        let speaks = verdict.outcome == AttemptOutcome::Blocked && (comparisons.connects(attempt.address) || refused);
        JudgedAttempt { address: attempt.address, verdict, ends: ends(context), speaks }
    });
    tried.collect()
}

/// Whether packets went to an address, or this machine would have sent them.
fn is_tried(attempt: &Attempt) -> bool {
    attempt.connect.is_ok() || attempt.connect.failure().is_some_and(|failure| *failure != ConnectFailure::NoRoute)
}

/// Where the packets to an address end, by the path to whichever of its ports was traced.
fn ends(context: AttemptContext<'_>) -> Option<Ends> {
    let paths = context.comparisons.paths_to(context.address()).iter().copied();
    paths.filter(|path| path.failing.address == context.address()).find_map(location::ends_before_the_hub)
}

/// What the same attempt came to twice. What shows again is no accident; what does not is worth a warning and no more.
fn twice(first: AttemptVerdict, second: AttemptVerdict) -> AttemptVerdict {
    if second.outcome == AttemptOutcome::Allowed {
        let once = |cause: Occurrence| {
            let severity = cause.severity.max(Severity::Warning);
            cause.severity(severity).evidence("the same once more went through")
        };
        let mut causes = second.causes;
        causes.extend(first.causes.into_iter().map(once));
        return AttemptVerdict { causes, ..second };
    }
    let again = |cause: Occurrence| match second.causes.iter().any(|other| other.is_the_same(&cause)) {
        true => cause.seen_again(),
        false => cause,
    };
    AttemptVerdict { causes: first.causes.into_iter().map(again).collect(), ..first }
}

/// Addresses of which it is known over the whole run that they fail, while others work.
type Dead = BTreeMap<IpAddr, WhyDead>;

#[derive(Clone, Copy)]
enum WhyDead {
    Family,
    Address,
}

/// Addresses that, alone or with their whole family, are blocked wherever they were tried to the end, while others are allowed
/// somewhere.
fn dead(tried: &[Vec<JudgedAttempt>]) -> Dead {
    let (mut addresses, mut v4, mut v6) = (BTreeMap::<IpAddr, Fares>::new(), Fares::default(), Fares::default());
    for JudgedAttempt { address, verdict, .. } in tried.iter().flatten().filter(|tried| !tried.speaks) {
        addresses.entry(*address).or_default().count(verdict.outcome);
        if address.is_ipv6() { &mut v6 } else { &mut v4 }.count(verdict.outcome);
    }
    let why = |(address, fares): (IpAddr, Fares)| {
        let (family, other) = if address.is_ipv6() { (&v6, &v4) } else { (&v4, &v6) };
        let why = if family.is_blocked() && other.allowed {
            Some(WhyDead::Family)
        } else {
            (fares.is_blocked() && family.allowed).then_some(WhyDead::Address)
        };
        Some((address, why?))
    };
    addresses.into_iter().filter_map(why).collect()
}

/// How an address, or a family, fares wherever it was tried to the end.
#[derive(Default)]
struct Fares {
    blocked: bool,
    allowed: bool,
    declined: bool,
}

impl Fares {
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

/// What decides a check with several addresses, the first that occurs:
/// - one address is allowed: so is the check, for a device needs no more than one;
/// - the verified hub declines at one: it would at the others;
/// - one was cut short: nothing can be said of the check;
/// - one is blocked;
/// - there is no route to any of them: nothing was sent, so nothing is known of the network.
const DECISIVE: [AttemptOutcome; 5] = [
    AttemptOutcome::Allowed,
    AttemptOutcome::Declined,
    AttemptOutcome::Unknown,
    AttemptOutcome::Blocked,
    AttemptOutcome::NoRoute,
];

fn judge(tried: Vec<JudgedAttempt>, dead: &Dead) -> JudgedCheck {
    let leading = DECISIVE.into_iter().find_map(|outcome| {
        let mut with = tried.iter().filter(|one| one.verdict.outcome == outcome);
        let first = with.clone().next()?;
        Some(with.find(|one| !dead.contains_key(&one.address)).unwrap_or(first))
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
    // Where dead addresses are all that a check has to show, their own causes are what stops the check.
    let explained = if dead.contains_key(&leading.address) { &Dead::new() } else { dead };
    JudgedCheck { verdict, is_offered: true, summary, causes: causes(tried, verdict, explained) }
}

/// The causes of every address, those that another explains or that do not matter put in their place.
fn causes(tried: Vec<JudgedAttempt>, of_check: Verdict, dead: &Dead) -> Vec<Occurrence> {
    let only_without_route = tried.iter().all(|one| one.verdict.outcome == AttemptOutcome::NoRoute);
    let mut causes = Vec::new();
    for JudgedAttempt { address, verdict, ends, speaks } in tried {
        match (verdict.outcome, dead.get(&address)) {
            (AttemptOutcome::NoRoute, _) if only_without_route => {
                causes.extend(verdict.causes.into_iter().map(address_family_unavailable::fatal));
            }
            (AttemptOutcome::Blocked, _) if speaks && of_check == Verdict::Allowed => {
                causes.extend(some_addresses_blocked::of_one_alone(address, verdict));
            }
            (AttemptOutcome::Blocked, Some(WhyDead::Family)) => {
                causes.extend(address_family_broken::in_place_of(address, verdict));
            }
            (AttemptOutcome::Blocked, Some(WhyDead::Address)) => {
                causes.extend(some_addresses_blocked::in_place_of(address, verdict, ends))
            }
            (AttemptOutcome::Blocked | AttemptOutcome::Declined, None) if of_check == Verdict::Allowed => {
                causes.extend(some_addresses_blocked::in_place_of(address, verdict, ends));
            }
            // What this machine lacks for one address hinders nothing while another works.
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
