//! What every cause implements.

use std::{any::Any, fmt, net::IpAddr};

use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    Code, Entry,
    attempt_context::AttemptContext,
    attempt_verdict::AttemptVerdict,
    cause::{AnyCause, Cause},
    occurrence::Occurrence,
    remedy::Remedy,
    scope::Scope,
    text::clipped,
};
use crate::observation::Observations;

/// A cause in the list, which gives it its code.
pub(super) trait Listed {
    /// Its name.
    const CODE: Code;
}

/// The part of a cause that it does not share with others.
pub(super) trait CauseKind:
    Listed + fmt::Debug + Clone + Default + PartialEq + Serialize + Send + Sync + 'static
{
    /// What is known of it in general.
    const ENTRY: Entry;

    /// The cause in a line, without a full stop.
    fn title(&self, scope: &Scope) -> String;

    /// What the owner does, in whole sentences.
    fn fix(&self, scope: &Scope) -> String;

    /// What the operator of the device does before asking the owner; `None` if nothing remains to be found out.
    fn first_step(&self, _scope: &Scope) -> Option<String> {
        None
    }

    /// What to do, as data; by default only what [`Self::fix`] says.
    fn remedy(&self) -> Remedy {
        Remedy::Own
    }

    /// The device that named itself as the sender, if known apart from the location.
    fn device(&self) -> Option<IpAddr> {
        None
    }

    /// Whether both are occurrences of one cause. Facts that may differ between occurrences do not count; they are
    /// [merged](Self::merge).
    fn is_same(&self, other: &Self) -> bool {
        self == other
    }

    /// Whether both are one cause at one device, which has an address in each family and sends ICMP and ICMPv6.
    fn is_same_over_other_family(&self, other: &Self) -> bool {
        self.is_same(other)
    }

    /// This device's clock is right: another address of the hub shows a certificate that is valid by it.
    fn clock_is_right(&mut self) {}

    /// Adds what another occurrence of the same cause knows.
    fn merge(&mut self, _other: &Self) {}

    /// Why there is no address to try: a short text and the cause. The first cause in the list that answers wins.
    fn of_resolution(_run: &Observations) -> Option<(&'static str, Occurrence)> {
        None
    }

    /// What applies to every check of the run.
    fn of_run(_run: &Observations) -> Option<Occurrence> {
        None
    }

    /// Why this attempt ended as it did; also asked if the peer answered. The first cause in the list that answers
    /// wins, so specific causes come before general ones.
    fn of_attempt(_attempt: AttemptContext<'_>) -> Option<AttemptVerdict> {
        None
    }

    /// How the cause changes the verdict so far. Called in the order of the list.
    fn amend(_attempt: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        verdict
    }
}

impl<C: CauseKind> From<C> for Cause {
    fn from(cause: C) -> Self {
        Self::of(cause)
    }
}

impl<C: CauseKind> AnyCause for C {
    fn code(&self) -> Code {
        C::CODE
    }

    fn entry(&self) -> Entry {
        C::ENTRY
    }

    fn title(&self, scope: &Scope) -> String {
        CauseKind::title(self, scope)
    }

    fn fix(&self, scope: &Scope) -> String {
        CauseKind::fix(self, scope)
    }

    fn first_step(&self, scope: &Scope) -> Option<String> {
        CauseKind::first_step(self, scope)
    }

    fn remedy(&self) -> Remedy {
        CauseKind::remedy(self)
    }

    fn device(&self) -> Option<IpAddr> {
        CauseKind::device(self)
    }

    fn facts(&self) -> Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(facts)) => bounded(facts),
            _ => Map::new(),
        }
    }

    fn clock_is_right(&mut self) {
        CauseKind::clock_is_right(self);
    }

    fn is_same(&self, other: &dyn AnyCause) -> bool {
        of_kind(other).is_some_and(|other| CauseKind::is_same(self, other))
    }

    fn is_same_over_other_family(&self, other: &dyn AnyCause) -> bool {
        of_kind(other).is_some_and(|other| CauseKind::is_same_over_other_family(self, other))
    }

    fn merge(&mut self, other: &dyn AnyCause) {
        if let Some(other) = of_kind(other) {
            CauseKind::merge(self, other);
        }
    }

    fn equals(&self, other: &dyn AnyCause) -> bool {
        of_kind(other) == Some(self)
    }

    fn cloned(&self) -> Box<dyn AnyCause> {
        Box::new(self.clone())
    }
}

fn of_kind<C: CauseKind>(cause: &dyn AnyCause) -> Option<&C> {
    let cause: &dyn Any = cause;
    cause.downcast_ref()
}

/// Not generic: [`AnyCause::facts`] is compiled once for each cause.
fn bounded(mut facts: Map<String, Value>) -> Map<String, Value> {
    for value in facts.values_mut() {
        if let Value::String(text) = value {
            *text = clipped(text);
        }
    }
    facts
}
