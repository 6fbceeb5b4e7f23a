//! A check's verdict, from what each of its addresses came to.

use std::net::IpAddr;

use super::{
    Code, Severity, Verdict,
    cause::{Cause, listed},
    judgement::{Judgement, Reach},
    rules,
    scene::{Scene, has_no_route},
};
use crate::observation::{CheckSeen, Observations};

/// The judgement of one check.
pub(super) struct Judged {
    pub(super) verdict: Verdict,
    pub(super) summary: String,
    pub(super) causes: Vec<Cause>,
}

/// A check that had no address to go to.
pub(super) fn without_address(_: &CheckSeen, summary: &str, cause: Option<Cause>) -> Judged {
    Judged { verdict: Verdict::Unknown, summary: summary.to_owned(), causes: cause.into_iter().collect() }
}

/// Allowed at one address is allowed; what then fails at others is told by what the addresses have in common. Otherwise
/// the hub's own refusal outweighs the rest, and an address that was cut short leaves the check open.
pub(super) fn judge(seen: &Observations, check: &CheckSeen) -> Judged {
    let judgements: Vec<(IpAddr, Judgement)> =
        check.attempts.iter().map(|attempt| (attempt.address, rules::judge(Scene { seen, check, attempt }))).collect();
    let with = |reach| judgements.iter().find(|(_, judgement)| judgement.reach == reach);
    let (verdict, leading) = match [Reach::Allowed, Reach::Declined, Reach::Unknown, Reach::Blocked, Reach::NoRoute]
        .into_iter()
        .find_map(|reach| with(reach).map(|found| (reach, found)))
    {
        Some((Reach::Allowed, (_, leading))) => (Verdict::Allowed, leading),
        Some((Reach::Declined, (_, leading))) => (Verdict::Declined, leading),
        Some((Reach::Unknown, (_, leading))) => (Verdict::Unknown, leading),
        Some((_, (_, leading))) => (Verdict::Blocked, leading),
        None => return without_address(check, "no address to try", None),
    };
    let summary = leading.summary.clone();
    let causes = match verdict {
        Verdict::Allowed => beside_success(seen, &judgements),
        _ => without_success(judgements),
    };
    Judged { verdict, summary, causes }
}

/// A missing family is no fault while another is there to be judged.
fn without_success(judgements: Vec<(IpAddr, Judgement)>) -> Vec<Cause> {
    let some_route = judgements.iter().any(|(_, judgement)| judgement.reach != Reach::NoRoute);
    let severity = |cause: Cause, reach| match (reach, some_route) {
        (Reach::NoRoute, false) => Cause { owner: super::Owner::NetworkAdmin, ..cause.severity(Severity::Error) },
        _ => cause,
    };
    let causes = judgements.into_iter().flat_map(|(_, judgement)| {
        let reach = judgement.reach;
        judgement.causes.into_iter().map(move |cause| (reach, cause))
    });
    causes.map(|(reach, cause)| severity(cause, reach)).collect()
}

/// The successes' own remarks, and one remark on the addresses that failed.
fn beside_success(seen: &Observations, judgements: &[(IpAddr, Judgement)]) -> Vec<Cause> {
    let mut causes = Vec::new();
    for (_, judgement) in judgements {
        if matches!(judgement.reach, Reach::Allowed | Reach::NoRoute) {
            causes.extend(judgement.causes.iter().cloned());
        }
    }
    let failing: Vec<_> = judgements
        .iter()
        .filter(|(_, judgement)| matches!(judgement.reach, Reach::Blocked | Reach::Declined))
        .collect();
    for v6 in [false, true] {
        let of_family: Vec<_> = failing.iter().filter(|(address, _)| address.is_ipv6() == v6).collect();
        let addresses: Vec<String> = of_family.iter().map(|(address, _)| address.to_string()).collect();
        if addresses.is_empty() {
            continue;
        }
        let cause = if is_broken(seen, v6) {
            Cause::confirmed(Code::AddressFamilyBroken).fact("family", if v6 { "IPv6" } else { "IPv4" })
        } else {
            Cause::likely(Code::SomeAddressesBlocked).fact("addresses", listed(&addresses))
        };
        let seen_there = of_family.iter().map(|(address, judgement)| format!("{address}: {}", judgement.summary));
        causes.push(seen_there.fold(cause, |cause, seen| cause.seen(seen)));
    }
    causes
}

/// Whether nothing in the whole run got through a TCP handshake in this family, though it was tried.
fn is_broken(seen: &Observations, v6: bool) -> bool {
    let mut attempts =
        seen.checks.iter().flat_map(|check| &check.attempts).filter(|attempt| attempt.address.is_ipv6() == v6);
    attempts.all(|attempt| !attempt.connect.is_ok() && !has_no_route(attempt))
}
