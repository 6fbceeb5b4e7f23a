//! One traced path, read hop by hop.

use std::{collections::BTreeSet, net::IpAddr};

use crate::observation::{Path, PathProbe, ProbeAnswer, Trace};

/// A single missing answer may be lost by chance; two are not.
const MAX_CHANCE_LOSSES: usize = 1;

#[derive(Clone, Copy)]
pub(super) struct HopView<'a>(pub(super) &'a Trace);

impl<'a> HopView<'a> {
    fn at(self, ttl: u8) -> impl Iterator<Item = &'a PathProbe> {
        self.0.probes.iter().filter(move |probe| probe.ttl == ttl)
    }

    /// The furthest router that answered; 0 if none did.
    pub(super) fn last_router(self) -> u8 {
        let answered = self.0.probes.iter().filter(|probe| is_from_a_router(probe));
        answered.map(|probe| probe.ttl).max().unwrap_or_default()
    }

    /// The router at a hop, if all flows met the same one.
    pub(super) fn router(self, ttl: u8) -> Option<IpAddr> {
        let mut met = self.at(ttl).filter_map(|probe| match probe.answer {
            ProbeAnswer::TimeExceeded { from } => from,
            _ => None,
        });
        let first = met.next()?;
        met.all(|other| other == first).then_some(first)
    }

    /// The hop at which a router of this address answered.
    pub(super) fn hop_of(self, router: IpAddr) -> Option<u8> {
        let answer = ProbeAnswer::TimeExceeded { from: Some(router) };
        self.0.probes.iter().filter(|probe| probe.answer == answer).map(|probe| probe.ttl).min()
    }

    /// The furthest hop with any answer.
    pub(super) fn reach(self) -> u8 {
        self.arrival().unwrap_or(self.last_router())
    }

    /// The smallest TTL with which the address itself answered, in any way.
    pub(super) fn arrival(self) -> Option<u8> {
        self.address_answers().map(|probe| probe.ttl).min()
    }

    /// The same, if two flows agree on it and no packet expired further on.
    pub(super) fn consistent_arrival(self) -> Option<u8> {
        let first = self.arrival()?;
        let flows: BTreeSet<u8> =
            self.address_answers().filter(|probe| probe.ttl == first).map(|probe| probe.flow).collect();
        (flows.len() > 1 && self.last_router() < first).then_some(first)
    }

    fn address_answers(self) -> impl Iterator<Item = &'a PathProbe> {
        let address = self.0.address;
        self.0.probes.iter().filter(move |probe| match probe.answer {
            ProbeAnswer::SynAck | ProbeAnswer::Reset | ProbeAnswer::Reply => true,
            ProbeAnswer::Icmp { from, .. } => from == Some(address),
            ProbeAnswer::TimeExceeded { .. } | ProbeAnswer::Silent | ProbeAnswer::NotSent { .. } => false,
        })
    }

    /// Whether there was any answer that is neither silence nor Time Exceeded.
    pub(super) fn has_other_answers(self) -> bool {
        let answers = self.0.probes.iter().map(|probe| &probe.answer);
        answers
            .into_iter()
            .any(|answer| matches!(answer, ProbeAnswer::SynAck | ProbeAnswer::Reset | ProbeAnswer::Icmp { .. }))
    }

    /// The smallest TTL with this answer.
    fn first(self, answer: &ProbeAnswer) -> Option<u8> {
        self.0.probes.iter().filter(|probe| probe.answer == *answer).map(|probe| probe.ttl).min()
    }

    /// The smallest TTL with this answer, if two flows agree on it and no SYN expired further on.
    pub(super) fn first_consistent(self, answer: &ProbeAnswer) -> Option<u8> {
        let first = self.first(answer)?;
        let flows: BTreeSet<u8> =
            self.at(first).filter(|probe| probe.answer == *answer).map(|probe| probe.flow).collect();
        (flows.len() > 1 && self.last_router() < first).then_some(first)
    }

    /// How many rounds of SYNs were sent.
    pub(super) fn flows(self) -> usize {
        self.0.probes.iter().map(|probe| probe.flow).collect::<BTreeSet<_>>().len()
    }

    /// Whether this reference proves that a silence at a hop is meaningful: it got an answer there before the silent
    /// probe and another one after it.
    pub(super) fn corroborates(self, silent: HopView<'_>, ttl: u8) -> bool {
        let answers = || self.at(ttl).filter(|probe| is_an_answer(probe)).map(|probe| probe.sent_ms);
        let (Some(first), Some(last)) = (answers().min_by(f64::total_cmp), answers().max_by(f64::total_cmp)) else {
            return false;
        };
        let mut silences = silent.at(ttl).filter(|probe| probe.answer == ProbeAnswer::Silent);
        silences.any(|probe| first < probe.sent_ms && probe.sent_ms < last)
    }

    /// Whether flows got differently far: some were silent at a hop where the reference always got answers, while
    /// others got answers there or further on.
    pub(super) fn is_inconsistent_with(self, reference: HopView<'_>) -> bool {
        let steady = |ttl| {
            let mut probes = reference.at(ttl).peekable();
            probes.peek().is_some() && probes.all(is_an_answer)
        };
        let reached = (1..=self.last_router()).filter(|ttl| steady(*ttl));
        let silent = reached.flat_map(|ttl| self.at(ttl)).filter(|probe| probe.answer == ProbeAnswer::Silent);
        silent.count() > MAX_CHANCE_LOSSES
    }

    /// Whether both paths have the same routers up to this hop, as far as known.
    pub(super) fn shares_path_up_to(self, other: HopView<'_>, ttl: u8) -> bool {
        (1..=ttl).all(|ttl| match (self.router(ttl), other.router(ttl)) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        })
    }
}

fn is_from_a_router(probe: &PathProbe) -> bool {
    matches!(probe.answer, ProbeAnswer::TimeExceeded { .. })
}

fn is_an_answer(probe: &PathProbe) -> bool {
    !matches!(probe.answer, ProbeAnswer::Silent | ProbeAnswer::NotSent { .. })
}

/// The reference, if it is a port of the same address.
pub(super) fn comparable_reference(path: &Path) -> Option<HopView<'_>> {
    path.reference.as_ref().filter(|trace| trace.address == path.failing.address).map(HopView)
}
