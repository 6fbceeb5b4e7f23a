//! The causes that can be named: one file each.
//!
//! # How to add a cause
//!
//! Write `causes/its_word.rs` and put it into the two halves of the list below: the `mod` lines, and the call of
//! [`causes!`] at the place where its rules are to be asked. The file holds all of it:
//!
//! - a struct with the facts that tell this cause from others of its code, typed, with `derive(Debug, Clone, Default,
//!   PartialEq, Serialize)`. Serialised it is the finding's `facts` (fields that are no figure or name for programs are
//!   `serde(skip)`); its `Default` is the form in which nothing is known, of which `explain` speaks;
//! - `impl CauseKind`: its [`ENTRY`](CauseKind::ENTRY) (what `explain` tells; who could forge the proof), and its title and
//!   fix as said of a [`Scope`], that is of one or several hubs, ports and places: never write a plural or a name yourself;
//! - its evidence, an enum (say `Seen`) with `impl Display` and `impl Statement`: data, said where it is shown;
//! - its rule, in whichever of these hooks fits, each pure and all optional:
//!   [`of_resolution`](CauseKind::of_resolution) where there is no address to try, [`of_run`](CauseKind::of_run) for what is
//!   to be said of every check, [`of_attempt`](CauseKind::of_attempt) for why one attempt failed,
//!   [`amend`](CauseKind::amend) for what it adds to, or takes from, what others say of an attempt.
//!
//! An [`Occurrence`] is the cause with what all causes have in common: how sure it is, what else it could be, whose it is,
//! where, and what was seen. `Occurrence::confirmed(Its { .. }).evidence(Seen::.. { .. })`: what anybody on the path could
//! have made up ([`Forgery`](super::Forgery)) is never more than likely, whatever the rule claims. Findings of several
//! checks, addresses and hubs are put together by comparing the data, never the words.
//!
//! Then a case of its name in `tests/diagnosis/cases/`, a scenario in `tests/lab/scenarios/`, and
//! `cargo run -- explain --markdown > docs/causes.md`.

use std::{fmt, net::IpAddr};

use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    Code, Entry, judgement::Judgement, occurrence::Occurrence, plain::Plain, remedy::Remedy, scene::Scene,
    scope::Scope, text::clipped,
};
use crate::observation::Observations;

pub(super) mod address_family_broken;
pub(super) mod address_family_unavailable;
mod icmp_reject;
mod local_block;
mod port_closed;
mod silent_drop;
pub(super) mod some_addresses_blocked;
mod tcp_reset;
mod transparent_proxy;

/// A cause, in all that it does not share with the others.
pub(crate) trait CauseKind: fmt::Debug + Clone + Default + PartialEq + Serialize {
    /// What is said of it before it is ever seen.
    const ENTRY: Entry;

    /// The cause in a line, without a full stop.
    fn title(&self, scope: &Scope) -> String;

    /// What to do, in whole sentences.
    fn fix(&self, scope: &Scope) -> String;

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
    fn of_attempt(_attempt: Scene<'_>) -> Option<Judgement> {
        None
    }

    /// What it makes of what is said of the attempt so far. Asked in the order of the list.
    fn amend(_attempt: Scene<'_>, judgement: Judgement) -> Judgement {
        judgement
    }
}

/// Makes of the list whatever has to know every cause.
macro_rules! causes {
    ($($module:ident::$Cause:ident,)*) => {
        /// A cause with its facts.
        #[derive(Debug, Clone, PartialEq)]
        pub(crate) enum Cause {
            $($Cause($module::$Cause),)*
            /// In the old form.
            Plain(Plain),
        }

        $(impl From<$module::$Cause> for Cause {
            fn from(cause: $module::$Cause) -> Self {
                Self::$Cause(cause)
            }
        })*

        impl Cause {
            pub(crate) fn code(&self) -> Code {
                match self {
                    $(Self::$Cause(_) => Code::$Cause,)*
                    Self::Plain(plain) => plain.code,
                }
            }

            pub(crate) fn title(&self, scope: &Scope) -> String {
                match self {
                    $(Self::$Cause(cause) => cause.title(scope),)*
                    Self::Plain(plain) => plain.title(scope),
                }
            }

            pub(crate) fn fix(&self, scope: &Scope) -> String {
                match self {
                    $(Self::$Cause(cause) => cause.fix(scope),)*
                    Self::Plain(plain) => plain.fix(scope),
                }
            }

            pub(crate) fn remedy(&self) -> Remedy {
                match self {
                    $(Self::$Cause(cause) => cause.remedy(),)*
                    Self::Plain(plain) => plain.remedy(),
                }
            }

            pub(crate) fn device(&self) -> Option<IpAddr> {
                match self {
                    $(Self::$Cause(cause) => cause.device(),)*
                    Self::Plain(plain) => plain.device(),
                }
            }

            pub(crate) fn is_same(&self, other: &Self) -> bool {
                match (self, other) {
                    $((Self::$Cause(one), Self::$Cause(other)) => one.is_same(other),)*
                    (Self::Plain(one), Self::Plain(other)) => one.is_same(other),
                    _ => false,
                }
            }

            pub(super) fn merge(&mut self, other: &Self) {
                match (self, other) {
                    $((Self::$Cause(one), Self::$Cause(other)) => one.merge(other),)*
                    (Self::Plain(one), Self::Plain(other)) => one.merge(other),
                    _ => {}
                }
            }

            /// Figures and names by which programs can tell findings apart.
            pub(crate) fn facts(&self) -> Map<String, Value> {
                match self {
                    $(Self::$Cause(cause) => facts(cause),)*
                    Self::Plain(plain) => plain.facts(),
                }
            }

            /// The cause with nothing known of it.
            pub(super) fn general(code: Code) -> Self {
                match code {
                    $(Code::$Cause => Self::$Cause($module::$Cause::default()),)*
                    code => Self::Plain(Plain::of(code)),
                }
            }
        }

        pub(super) fn entry(code: Code) -> Option<Entry> {
            match code {
                $(Code::$Cause => Some($module::$Cause::ENTRY),)*
                _ => None,
            }
        }

        /// Why there is no address to try, by whichever cause says so first.
        pub(super) fn of_resolution(run: &Observations) -> Option<(&'static str, Occurrence)> {
            let rules = [$($module::$Cause::of_resolution),*];
            rules.into_iter().find_map(|rule| rule(run))
        }

        /// What is to be said of every check.
        pub(super) fn of_run(run: &Observations) -> Vec<Occurrence> {
            let rules = [$($module::$Cause::of_run),*];
            rules.into_iter().filter_map(|rule| rule(run)).collect()
        }

        /// Why an attempt failed, by whichever cause says so first.
        pub(super) fn of_attempt(attempt: Scene<'_>) -> Option<Judgement> {
            let rules: &[fn(Scene<'_>) -> Option<Judgement>] = &[$($module::$Cause::of_attempt),*];
            rules.iter().find_map(|rule| rule(attempt))
        }

        /// What every cause makes of what is said of an attempt, one after the other.
        pub(super) fn amend(attempt: Scene<'_>, judgement: Judgement) -> Judgement {
            let rules: &[fn(Scene<'_>, Judgement) -> Judgement] = &[$($module::$Cause::amend),*];
            rules.iter().fold(judgement, |judgement, rule| rule(attempt, judgement))
        }
    };
}

causes! {
    address_family_unavailable::AddressFamilyUnavailable,
    icmp_reject::IcmpReject,
    local_block::LocalBlock,
    silent_drop::SilentDrop,
    tcp_reset::TcpReset,
    port_closed::PortClosed,
    some_addresses_blocked::SomeAddressesBlocked,
    address_family_broken::AddressFamilyBroken,
    transparent_proxy::TransparentProxy,
}

fn facts(cause: &impl Serialize) -> Map<String, Value> {
    let Ok(Value::Object(facts)) = serde_json::to_value(cause) else { return Map::new() };
    let bounded = |(name, value)| match value {
        Value::String(text) => (name, Value::String(clipped(&text))),
        other => (name, other),
    };
    facts.into_iter().map(bounded).collect()
}
