//! A check's verdict, from what each of its addresses came to.

use std::net::IpAddr;

use super::{
    Code, Owner, Severity, Verdict,
    cause::{Cause, clipped},
    judgement::{Judgement, Reach},
    rules,
    scene::Scene,
};
use crate::observation::{CheckSeen, Observations};

/// The judgement of one check.
pub(super) struct Judged {
    pub(super) verdict: Verdict,
    pub(super) summary: String,
    pub(super) causes: Vec<Cause>,
}

/// One address of a check, and what it came to.
struct Tried {
    address: IpAddr,
    judgement: Judgement,
}

/// A check that had no address to go to.
pub(super) fn without_address(summary: &str, cause: Option<Cause>) -> Judged {
    Judged { verdict: Verdict::Unknown, summary: clipped(summary), causes: cause.into_iter().collect() }
}

/// The judgement of every check. Addresses are compared over the whole run: a family that fails everywhere while the other
/// works is one fault, not one for each port.
pub(super) fn judge_all(seen: &Observations) -> Vec<Judged> {
    let tried: Vec<Vec<Tried>> = seen.checks.iter().map(|check| try_all(seen, check)).collect();
    let broken = [false, true].map(|v6| is_broken(&tried, v6));
    tried.into_iter().map(|tried| judge(tried, |address| broken[usize::from(address.is_ipv6())])).collect()
}

fn try_all(seen: &Observations, check: &CheckSeen) -> Vec<Tried> {
    let judged = |attempt| rules::judge(Scene { seen, check, attempt });
    check.attempts.iter().map(|attempt| Tried { address: attempt.address, judgement: judged(attempt) }).collect()
}

/// Whether every address of a family that was tried to the end is blocked, while the other family is allowed somewhere.
fn is_broken(tried: &[Vec<Tried>], v6: bool) -> bool {
    let reaches = |family| {
        tried.iter().flatten().filter(move |one| one.address.is_ipv6() == family).map(|one| one.judgement.reach)
    };
    let mut decided = reaches(v6).filter(|reach| !matches!(reach, Reach::NoRoute | Reach::Unknown)).peekable();
    decided.peek().is_some()
        && decided.all(|reach| reach == Reach::Blocked)
        && reaches(!v6).any(|reach| reach == Reach::Allowed)
}

/// What decides a check with several addresses, the first that occurs:
/// - one address is allowed: so is the check, for a device needs no more than one;
/// - the verified hub declines at one: it would at the others;
/// - one was cut short: nothing can be said of the check;
/// - one is blocked;
/// - there is no route to any of them: nothing was sent, so nothing is known of the network.
const DECISIVE: [Reach; 5] = [Reach::Allowed, Reach::Declined, Reach::Unknown, Reach::Blocked, Reach::NoRoute];

fn judge(tried: Vec<Tried>, in_broken_family: impl Fn(IpAddr) -> bool) -> Judged {
    let leading = DECISIVE.into_iter().find_map(|reach| {
        let mut with = tried.iter().filter(|one| one.judgement.reach == reach);
        let first = with.clone().next()?;
        Some(with.find(|one| !in_broken_family(one.address)).unwrap_or(first))
    });
    let Some(leading) = leading else {
        return without_address("no address to try", None);
    };
    let verdict = match leading.judgement.reach {
        Reach::Allowed => Verdict::Allowed,
        Reach::Declined => Verdict::Declined,
        Reach::Blocked => Verdict::Blocked,
        Reach::Unknown | Reach::NoRoute => Verdict::Unknown,
    };
    let summary = leading.judgement.summary.clone();
    // Where a broken family is all that a check has to show, its own causes are what stops the check.
    let subsumes = !in_broken_family(leading.address);
    Judged { verdict, summary, causes: causes(tried, verdict, |address| subsumes && in_broken_family(address)) }
}

/// The causes of every address, those that another explains or that do not matter put in their place.
fn causes(tried: Vec<Tried>, verdict: Verdict, in_broken_family: impl Fn(IpAddr) -> bool) -> Vec<Cause> {
    let only_without_route = tried.iter().all(|one| one.judgement.reach == Reach::NoRoute);
    let failed = |reach| matches!(reach, Reach::Blocked | Reach::Declined);
    let mut causes = Vec::new();
    for Tried { address, judgement } in tried {
        match judgement.reach {
            Reach::NoRoute if only_without_route => {
                let fatal = |cause: Cause| cause.severity(Severity::Error).owner(Owner::NetworkAdmin);
                causes.extend(judgement.causes.into_iter().map(fatal));
            }
            Reach::Blocked if in_broken_family(address) => {
                let family = if address.is_ipv6() { "IPv6" } else { "IPv4" };
                let cause = Cause::confirmed(Code::AddressFamilyBroken).fact("family", family);
                causes.extend(subsumed(cause, address, judgement));
            }
            reach if failed(reach) && verdict == Verdict::Allowed => {
                let cause = Cause::likely(Code::SomeAddressesBlocked).detail("addresses", vec![address.to_string()]);
                causes.extend(subsumed(cause, address, judgement));
            }
            _ => causes.extend(judgement.causes),
        }
    }
    causes
}

/// `cause` in the place of an address's own causes, which become its evidence. Interception is kept beside it: whoever reads
/// the traffic of one address is worth knowing whatever the others do.
fn subsumed(cause: Cause, address: IpAddr, judgement: Judgement) -> Vec<Cause> {
    let codes: Vec<&str> = judgement.causes.iter().map(|cause| cause.code.id()).collect();
    let cause = cause.seen(format!("{address}: {} ({})", judgement.summary, codes.join(", ")));
    let intercepted = judgement.causes.into_iter().filter(|cause| cause.code == Code::TlsIntercepted);
    std::iter::once(cause).chain(intercepted.map(|cause| cause.severity(Severity::Warning))).collect()
}
