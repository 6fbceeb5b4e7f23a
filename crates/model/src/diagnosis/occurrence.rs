//! A cause as one attempt shows it: what all causes have in common.

use std::net::IpAddr;

use super::{
    Code, Confidence, Family, Forgery, Location, Owner, Severity,
    cause::Cause,
    evidence::{Evidence, Statement},
};
use crate::observation::Stage;

/// One cause in one attempt.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Occurrence {
    pub(super) cause: Cause,
    pub(super) stage: Stage,
    pub(super) severity: Severity,
    /// What the rule claims; [`Self::confidence`] counts.
    claimed: Confidence,
    /// Who could forge the proof.
    pub(super) forgery: Forgery,
    pub(super) alternatives: Vec<Code>,
    pub(super) owner: Owner,
    /// Where on the path, if known. Causes at different locations are different causes.
    pub(super) location: Option<Location>,
    /// The address family, if the other one was tried too.
    pub(super) family: Option<Family>,
    /// The only address of the hub that shows it, if another address is the hub.
    pub(super) only_at: Option<IpAddr>,
    pub(super) evidence: Vec<Evidence>,
    /// Whether a second attempt that shows it completes the proof.
    confirmed_if_repeated: bool,
    /// Whether a second attempt at the same check and address showed it too.
    pub(super) is_repeated: bool,
    /// The code of the cause that brings this one about.
    pub(super) symptom_of: Option<Code>,
}

impl Occurrence {
    /// A cause with complete proof, as its entry describes it. If anyone on the path can forge that proof, it is at
    /// most likely.
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
            only_at: None,
            evidence: Vec::new(),
            confirmed_if_repeated: false,
            is_repeated: false,
            symptom_of: None,
        }
    }

    /// The cause that fits best, without complete proof.
    pub(super) fn likely(cause: impl Into<Cause>) -> Self {
        Self { claimed: Confidence::Likely, ..Self::confirmed(cause) }
    }

    /// The cause that fits best, though `rarer` looks the same and is not ruled out.
    pub(super) fn likelier_than(cause: impl Into<Cause>, rarer: Code) -> Self {
        Self { alternatives: vec![rarer], ..Self::likely(cause) }
    }

    /// A cause among others that remain possible.
    pub(super) fn possible(cause: impl Into<Cause>, alternatives: &[Code]) -> Self {
        Self { claimed: Confidence::Possible, alternatives: alternatives.to_vec(), ..Self::confirmed(cause) }
    }

    pub(super) fn code(&self) -> Code {
        self.cause.code()
    }

    /// How sure it is. A proof that anyone on the path can forge confirms nothing.
    pub(super) fn confidence(&self) -> Confidence {
        match (self.claimed, self.forgery) {
            (Confidence::Confirmed, Forgery::AnyoneOnPath) => Confidence::Likely,
            (claimed, _) => claimed,
        }
    }

    /// How far it is from being sure: 0 is confirmed.
    pub(super) fn doubt(&self) -> u8 {
        rank(self.confidence())
    }

    pub(super) fn proved(self) -> Self {
        Self { claimed: Confidence::Confirmed, alternatives: Vec::new(), ..self }
    }

    pub(super) fn at_most_likely(self) -> Self {
        let claimed = match self.claimed {
            Confidence::Confirmed | Confidence::Likely => Confidence::Likely,
            Confidence::Possible => Confidence::Possible,
        };
        Self { claimed, confirmed_if_repeated: false, ..self }
    }

    /// The proof can be forged by others than the entry says.
    pub(super) fn forgeable_by(self, forgery: Forgery) -> Self {
        Self { forgery, ..self }
    }

    /// Adds an alternative that remains possible.
    pub(super) fn or_possibly(mut self, alternative: Code) -> Self {
        self.claimed = Confidence::Possible;
        if !self.alternatives.contains(&alternative) && alternative != self.code() {
            self.alternatives.push(alternative);
        }
        self
    }

    /// Adds it where `is_open` says that it was not ruled out.
    pub(super) fn or_possibly_if(self, is_open: bool, alternative: Code) -> Self {
        if is_open { self.or_possibly(alternative) } else { self }
    }

    /// One of two that remain possible.
    pub(super) fn only_possibly(self, alternative: Code) -> Self {
        Self { alternatives: vec![alternative], claimed: Confidence::Possible, confirmed_if_repeated: false, ..self }
    }

    /// Whether it is `code`, or has it as an alternative.
    pub(super) fn mentions(&self, code: Code) -> bool {
        self.code() == code || self.alternatives.contains(&code)
    }

    /// Names another alternative in the place of one.
    pub(super) fn replacing(mut self, alternative: Code, by: Code) -> Self {
        if self.alternatives.contains(&alternative) {
            self.alternatives.retain(|code| ![alternative, by].contains(code));
            if by != self.code() {
                self.alternatives.push(by);
            }
        }
        self
    }

    /// Removes an alternative that was ruled out.
    pub(super) fn ruling_out(mut self, alternative: Code) -> Self {
        self.alternatives.retain(|code| *code != alternative);
        self
    }

    /// Removes an alternative that was ruled out. If none is left, a proxy that accepts every connection but cannot
    /// make its own still explains any silence or cut.
    pub(super) fn ruling_out_or_proxied(self, alternative: Code) -> Self {
        match self.ruling_out(alternative) {
            cause if cause.claimed == Confidence::Possible && cause.alternatives.is_empty() => {
                cause.or_possibly(Code::TransparentProxy)
            }
            cause => cause,
        }
    }

    /// Another certificate was valid by this device's clock at the same time.
    pub(super) fn clock_is_right(mut self) -> Self {
        self.cause.clock_is_right();
        self.ruling_out(Code::ClockWrong)
    }

    pub(super) fn evidence(mut self, statement: impl Statement) -> Self {
        self.evidence.push(Evidence::of(statement));
        self
    }

    /// The same, for a statement that there may be.
    pub(super) fn evidence_if(self, statement: Option<impl Statement>) -> Self {
        match statement {
            Some(statement) => self.evidence(statement),
            None => self,
        }
    }

    /// The same, with all that proves it, as another cause.
    pub(super) fn told_as(self, cause: impl Into<Cause>) -> Self {
        Self { cause: cause.into(), ..self }
    }

    /// Keeps the evidence of the causes that it replaces.
    pub(super) fn evidence_from(mut self, others: Vec<Self>) -> Self {
        self.evidence.extend(others.into_iter().flat_map(|other| other.evidence));
        self
    }

    pub(super) fn at_stage(self, stage: Stage) -> Self {
        Self { stage, ..self }
    }

    pub(super) fn located(self, location: Option<Location>) -> Self {
        Self { location, ..self }
    }

    /// Shown over this address family, if the other one was tried too.
    pub(super) fn over_family(self, family: Option<Family>) -> Self {
        Self { family, ..self }
    }

    /// Shown at this address only, while another address of the hub works.
    pub(super) fn only_at(self, address: IpAddr) -> Self {
        Self { only_at: Some(address), ..self }
    }

    pub(super) fn severity(self, severity: Severity) -> Self {
        Self { severity, ..self }
    }

    pub(super) fn owner(self, owner: Owner) -> Self {
        Self { owner, ..self }
    }

    /// Makes it a symptom of `root`, which is the finding to act on: at most a warning.
    pub(super) fn symptom_of(self, root: Code) -> Self {
        let severity = self.severity.max(Severity::Warning);
        Self { symptom_of: Some(root), severity, ..self }
    }

    /// As what it is, and no fault, because of `root`. A symptom stays the symptom that it is.
    pub(super) fn excused_by(self, root: Code) -> Self {
        Self { symptom_of: self.symptom_of.or(Some(root)), severity: Severity::Info, ..self }
    }

    /// A second attempt that shows it confirms it.
    pub(super) fn confirmed_if_repeated(self) -> Self {
        Self { confirmed_if_repeated: true, ..self }
    }

    /// A second attempt at the same check and address showed the same.
    pub(super) fn repeated(self) -> Self {
        Self { is_repeated: true, ..self }.evidence("a second try came to the same")
    }

    /// Whether it means that something other than the hub answers.
    pub(super) fn implies_stranger(&self) -> bool {
        matches!(
            self.code(),
            Code::TlsIntercepted
                | Code::CertificateNameMismatch
                | Code::CertificateUntrusted
                | Code::CaptivePortal
                | Code::NotTls
        )
    }

    /// Takes the number of occurrences into account.
    pub(super) fn counted(mut self, count: usize) -> Self {
        if self.confirmed_if_repeated && (count > 1 || self.is_repeated) && self.claimed == Confidence::Likely {
            self.claimed = Confidence::Confirmed;
        }
        self
    }

    /// Whether both are occurrences of one cause.
    pub(super) fn is_same_cause(&self, other: &Self) -> bool {
        let key = |one: &Self| (one.owner, one.symptom_of);
        key(self) == key(other) && self.cause.is_same(&other.cause) && self.may_share_location(other)
    }

    /// Whether both may be at one location. If the sender is named, only one of them needs to know its distance.
    fn may_share_location(&self, other: &Self) -> bool {
        match (&self.location, &other.location) {
            (Some(one), Some(other)) => is_same_location(one, other),
            (None, None) => true,
            _ => self.cause.device().is_some(),
        }
    }

    /// Whether both are one fault at one device, which has an address in each family.
    pub(super) fn is_same_over_other_family(&self, other: &Self) -> bool {
        let key = |one: &Self| (one.owner, one.symptom_of, one.severity);
        let are_apart = matches!((self.family, other.family), (Some(one), Some(other)) if one != other);
        let is_one_place =
            matches!((&self.location, &other.location), (Some(one), Some(other)) if is_same_location(one, other));
        are_apart && is_one_place && key(self) == key(other) && self.cause.is_same_over_other_family(&other.cause)
    }

    /// Merges another occurrence of the same cause, except its evidence. The lower confidence counts.
    pub(super) fn merge(&mut self, other: &Self) {
        self.cause.merge(&other.cause);
        self.severity = self.severity.min(other.severity);
        self.stage = self.stage.min(other.stage);
        self.forgery = self.forgery.max(other.forgery);
        self.is_repeated |= other.is_repeated;
        if rank(other.claimed) > rank(self.claimed) {
            self.claimed = other.claimed;
        }
        if self.location.is_none() {
            self.location.clone_from(&other.location);
        }
        self.family = self.family.filter(|family| other.family == Some(*family));
        self.only_at = self.only_at.filter(|address| other.only_at == Some(*address));
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

/// Whether both may be one device: the same addresses, or the same distance over both address families.
fn is_same_location(one: &Location, other: &Location) -> bool {
    let distances = |at: &Location| (at.hop, at.next.as_ref().map(|next| next.hop), at.of);
    let families = |at: &Location| {
        let addresses = [at.address, at.next.as_ref().and_then(|next| next.address)];
        addresses.into_iter().flatten().map(|address| address.is_ipv6()).collect::<Vec<_>>()
    };
    let apart = families(one).iter().all(|v6| !families(other).contains(v6));
    one == other || (distances(one) == distances(other) && apart)
}
