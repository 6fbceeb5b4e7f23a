//! What every cause has to say, each in its own way.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use crate::{
    diagnosis::{
        Entry, attempt_context::AttemptContext, occurrence::Occurrence, remedy::Remedy, scope::Scope,
        verdict::AttemptVerdict,
    },
    observation::Observations,
};

/// A cause, in all that it does not share with the others.
pub(crate) trait CauseKind: fmt::Debug + Clone + Default + PartialEq + Serialize {
    /// What is said of it before it is ever seen.
    const ENTRY: Entry;

    /// The cause in a line, without a full stop.
    fn title(&self, scope: &Scope) -> String;

    /// What its owner does about it, in whole sentences.
    fn fix(&self, scope: &Scope) -> String;

    /// What whoever stands before the device does before the owner is asked; `None` where nothing is left to find out.
    fn first_step(&self, _scope: &Scope) -> Option<String> {
        None
    }

    /// What to do, as data; by default what [`Self::fix`] says and nothing else.
    fn remedy(&self) -> Remedy {
        Remedy::Own
    }

    /// The device that named itself as the one that stops it, where that is known beside the place on the path.
    fn device(&self) -> Option<IpAddr> {
        None
    }

    /// Whether both are sightings of one cause. Facts that may differ from one sighting to the next are left out, and
    /// [merged](Self::merge).
    fn is_same(&self, other: &Self) -> bool {
        self == other
    }

    /// Whether both are one cause at one device, which has an address in each family and speaks ICMP and ICMPv6.
    fn is_alike_over_another_family(&self, other: &Self) -> bool {
        self.is_same(other)
    }

    /// Takes in that this device's clock is not what is wrong: by it, what another of the hub's addresses shows is valid.
    fn clock_is_right(&mut self) {}

    /// Takes in what another sighting of the same cause knows more.
    fn merge(&mut self, _other: &Self) {}

    /// Why there is no address to try: in a few words, and as a cause. The first that answers is believed.
    fn of_resolution(_run: &Observations) -> Option<(&'static str, Occurrence)> {
        None
    }

    /// What is to be said of every check of the run.
    fn of_run(_run: &Observations) -> Option<Occurrence> {
        None
    }

    /// Why this attempt failed. The first in the list that answers is believed, so the more specific stand before the more
    /// general.
    fn of_attempt(_attempt: AttemptContext<'_>) -> Option<AttemptVerdict> {
        None
    }

    /// What it makes of what is said of the attempt so far. Asked in the order of the list.
    fn amend(_attempt: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        verdict
    }
}
