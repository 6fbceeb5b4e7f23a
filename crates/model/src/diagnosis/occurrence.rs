//! A cause as one attempt shows it: what all causes have in common.

use std::net::IpAddr;

use super::{
    Code, Confidence, Family, Forgery, Location, Owner, Severity,
    cause::Cause,
    evidence::{Evidence, Statement},
};
use crate::observation::Stage;

/// One cause seen in one attempt.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Occurrence {
    pub(super) cause: Cause,
    pub(super) stage: Stage,
    pub(super) severity: Severity,
    /// As the rule has it; what counts is [`Self::confidence`].
    claimed: Confidence,
    /// Who could make up what this rests on.
    pub(super) forgery: Forgery,
    pub(super) alternatives: Vec<Code>,
    pub(super) owner: Owner,
    /// Where on the path, if known. Causes at different places are different causes.
    pub(super) location: Option<Location>,
    /// The address family over which it was seen, where the other was tried too.
    pub(super) family: Option<Family>,
    /// The one address of the hub at which it was seen, while another is the hub.
    pub(super) alone_at: Option<IpAddr>,
    pub(super) evidence: Vec<Evidence>,
    /// Whether seeing it at a second attempt completes the proof.
    twice_confirms: bool,
    /// Whether a second attempt at the same check and address showed it too.
    pub(super) again: bool,
    /// The code of the cause that brings this one about.
    pub(super) follows: Option<Code>,
}

impl Occurrence {
    /// A cause whose proof is complete, as its entry describes it. Where anybody on the path can make that proof up, it is
    /// likely all the same and no more.
    pub(super) fn confirmed(cause: impl Into<Cause>) -> Self {
        let cause = cause.into();
        let entry = cause.entry();
        Self {
            cause,
            stage: entry.stage,
            severity: entry.severity,
            claimed: Confidence::Confirmed,
            forgery: entry.forgery,
            alternatives: Vec::new(),
            owner: entry.owner,
            location: None,
            family: None,
            alone_at: None,
            evidence: Vec::new(),
            twice_confirms: false,
            again: false,
            follows: None,
        }
    }

    /// A cause that fits best, without complete proof.
    pub(super) fn likely(cause: impl Into<Cause>) -> Self {
        Self { claimed: Confidence::Likely, ..Self::confirmed(cause) }
    }

    /// A cause that fits best, though `rarer` looks the same and is not ruled out.
    pub(super) fn likelier_than(cause: impl Into<Cause>, rarer: Code) -> Self {
        Self { alternatives: vec![rarer], ..Self::likely(cause) }
    }

    /// A cause beside which others remain.
    pub(super) fn possible(cause: impl Into<Cause>, alternatives: &[Code]) -> Self {
        Self { claimed: Confidence::Possible, alternatives: alternatives.to_vec(), ..Self::confirmed(cause) }
    }

    pub(super) fn code(&self) -> Code {
        self.cause.code()
    }

    /// How sure it is: what anybody on the path can make up confirms nothing.
    pub(super) fn confidence(&self) -> Confidence {
        match (self.claimed, self.forgery) {
            (Confidence::Confirmed, Forgery::AnyoneOnPath) => Confidence::Likely,
            (claimed, _) => claimed,
        }
    }

    /// The proof is complete now.
    pub(super) fn proved(self) -> Self {
        Self { claimed: Confidence::Confirmed, alternatives: Vec::new(), ..self }
    }

    /// It is no more than likely.
    pub(super) fn no_more_than_likely(self) -> Self {
        let claimed = match self.claimed {
            Confidence::Confirmed | Confidence::Likely => Confidence::Likely,
            Confidence::Possible => Confidence::Possible,
        };
        Self { claimed, twice_confirms: false, ..self }
    }

    /// It rests on something that this one could make up, not on what the entry has in mind.
    pub(super) fn forgeable_by(self, forgery: Forgery) -> Self {
        Self { forgery, ..self }
    }

    /// Another cause remains beside this one.
    pub(super) fn or(mut self, alternative: Code) -> Self {
        self.claimed = Confidence::Possible;
        if !self.alternatives.contains(&alternative) && alternative != self.code() {
            self.alternatives.push(alternative);
        }
        self
    }

    /// Whether it is this, or may be.
    pub(super) fn mentions(&self, code: Code) -> bool {
        self.code() == code || self.alternatives.contains(&code)
    }

    /// An alternative that was ruled out.
    pub(super) fn not(mut self, alternative: Code) -> Self {
        self.alternatives.retain(|code| *code != alternative);
        self
    }

    /// An alternative that was ruled out. What remains beside any silence or cut is a box that takes every connection, and
    /// then cannot make its own.
    pub(super) fn without(self, alternative: Code) -> Self {
        match self.not(alternative) {
            cause if cause.claimed == Confidence::Possible && cause.alternatives.is_empty() => {
                cause.or(Code::TransparentProxy)
            }
            cause => cause,
        }
    }

    /// Something else was valid by this device's clock at the same moment.
    pub(super) fn clock_is_right(mut self) -> Self {
        self.cause.clock_is_right();
        self.not(Code::ClockWrong)
    }

    /// Something that was seen, as data.
    pub(super) fn evidence(mut self, observed: impl Statement) -> Self {
        self.evidence.push(Evidence::of(observed));
        self
    }

    /// What was seen before stays part of it.
    pub(super) fn evidence_of(mut self, others: Vec<Self>) -> Self {
        self.evidence.extend(others.into_iter().flat_map(|other| other.evidence));
        self
    }

    pub(super) fn at(self, stage: Stage) -> Self {
        Self { stage, ..self }
    }

    pub(super) fn located(self, location: Option<Location>) -> Self {
        Self { location, ..self }
    }

    /// Seen over this address family, where the other was tried too.
    pub(super) fn over(self, family: Option<Family>) -> Self {
        Self { family, ..self }
    }

    /// Seen at this address, while another of the hub's works.
    pub(super) fn alone_at(self, address: IpAddr) -> Self {
        Self { alone_at: Some(address), ..self }
    }

    pub(super) fn severity(self, severity: Severity) -> Self {
        Self { severity, ..self }
    }

    pub(super) fn owner(self, owner: Owner) -> Self {
        Self { owner, ..self }
    }

    /// A symptom of `root`, which is the finding to act on: no error of its own.
    pub(super) fn following(self, root: Code) -> Self {
        let severity = self.severity.max(Severity::Warning);
        Self { follows: Some(root), severity, ..self }
    }

    /// Seen at a second attempt, it is confirmed.
    pub(super) fn twice_confirms(self) -> Self {
        Self { twice_confirms: true, ..self }
    }

    /// A second attempt at the same check and address showed the same.
    pub(super) fn seen_again(self) -> Self {
        Self { again: true, ..self }.evidence("a second try came to the same")
    }

    /// Whether it says that something else than the hub answers.
    pub(super) fn is_of_a_stranger(&self) -> bool {
        matches!(
            self.code(),
            Code::TlsIntercepted
                | Code::CertificateNameMismatch
                | Code::CertificateUntrusted
                | Code::CaptivePortal
                | Code::NotTls
        )
    }

    /// After so many sightings.
    pub(super) fn after(mut self, sightings: usize) -> Self {
        if self.twice_confirms && (sightings > 1 || self.again) && self.claimed == Confidence::Likely {
            self.claimed = Confidence::Confirmed;
        }
        self
    }

    /// Whether both are sightings of one cause.
    pub(super) fn is_the_same(&self, other: &Self) -> bool {
        let key = |one: &Self| (one.owner, one.follows);
        key(self) == key(other) && self.cause.is_same(&other.cause) && self.may_be_where(other)
    }

    /// Whether both may be at one place. Where the sender is named, only one of them need have seen how far away it is.
    fn may_be_where(&self, other: &Self) -> bool {
        match (&self.location, &other.location) {
            (Some(one), Some(other)) => is_same_place(one, other),
            (None, None) => true,
            _ => self.cause.device().is_some(),
        }
    }

    /// Whether both are one fault at one device, which has an address in each family.
    pub(super) fn is_the_other_familys(&self, other: &Self) -> bool {
        let key = |one: &Self| (one.owner, one.follows, one.severity);
        let are_apart = matches!((self.family, other.family), (Some(one), Some(other)) if one != other);
        let is_one_place =
            matches!((&self.location, &other.location), (Some(one), Some(other)) if is_same_place(one, other));
        are_apart && is_one_place && key(self) == key(other) && self.cause.is_alike_over_another_family(&other.cause)
    }

    /// Takes in another sighting of the same cause, its evidence apart. The least sure speaks for all.
    pub(super) fn merge(&mut self, other: &Self) {
        self.cause.merge(&other.cause);
        self.severity = self.severity.min(other.severity);
        self.stage = self.stage.min(other.stage);
        self.forgery = self.forgery.max(other.forgery);
        self.again |= other.again;
        if rank(other.claimed) > rank(self.claimed) {
            self.claimed = other.claimed;
        }
        if self.location.is_none() {
            self.location.clone_from(&other.location);
        }
        self.family = self.family.filter(|family| other.family == Some(*family));
        self.alone_at = self.alone_at.filter(|address| other.alone_at == Some(*address));
        for alternative in &other.alternatives {
            if !self.alternatives.contains(alternative) {
                self.alternatives.push(*alternative);
            }
        }
    }
}

fn rank(confidence: Confidence) -> u8 {
    match confidence {
        Confidence::Confirmed => 0,
        Confidence::Likely => 1,
        Confidence::Possible => 2,
    }
}

/// Whether both may be one device: the same addresses, or the same distance in two address families.
fn is_same_place(one: &Location, other: &Location) -> bool {
    let distances = |at: &Location| (at.hop, at.next.as_ref().map(|next| next.hop), at.of);
    let families = |at: &Location| {
        let addresses = [at.address, at.next.as_ref().and_then(|next| next.address)];
        addresses.into_iter().flatten().map(|address| address.is_ipv6()).collect::<Vec<_>>()
    };
    let apart = families(one).iter().all(|v6| !families(other).contains(v6));
    one == other || (distances(one) == distances(other) && apart)
}
