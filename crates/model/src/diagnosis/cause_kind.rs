//! What every cause has to say, each in its own way.

use std::{any::Any, fmt, net::IpAddr};

use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    Code, Entry,
    attempt_context::AttemptContext,
    cause::{AnyCause, Cause},
    occurrence::Occurrence,
    remedy::Remedy,
    scope::Scope,
    text::clipped,
    verdict::AttemptVerdict,
};
use crate::observation::Observations;

/// A cause that stands in the list, which gives it its code.
pub(super) trait Listed {
    /// Its name.
    const CODE: Code;
}

/// A cause, in all that it does not share with the others.
pub(super) trait CauseKind:
    Listed + fmt::Debug + Clone + Default + PartialEq + Serialize + Send + Sync + 'static
{
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

    fn is_alike_over_another_family(&self, other: &dyn AnyCause) -> bool {
        of_kind(other).is_some_and(|other| CauseKind::is_alike_over_another_family(self, other))
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

/// Apart from [`AnyCause::facts`], which the program holds once for each cause.
fn bounded(mut facts: Map<String, Value>) -> Map<String, Value> {
    for value in facts.values_mut() {
        if let Value::String(text) = value {
            *text = clipped(text);
        }
    }
    facts
}
