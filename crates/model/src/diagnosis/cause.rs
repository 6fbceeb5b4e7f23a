//! A cause of any kind, with its facts: its users need not know all kinds.

use std::{any::Any, fmt, net::IpAddr};

use serde_json::{Map, Value};

use super::{Code, Entry, remedy::Remedy, scope::Scope};

/// What every cause provides. Each method calls that of its [`CauseKind`](super::cause_kind::CauseKind).
pub(super) trait AnyCause: fmt::Debug + Any + Send + Sync {
    fn code(&self) -> Code;
    fn entry(&self) -> Entry;
    fn title(&self, scope: &Scope) -> String;
    fn fix(&self, scope: &Scope) -> String;
    fn first_step(&self, scope: &Scope) -> Option<String>;
    fn remedy(&self) -> Remedy;
    fn device(&self) -> Option<IpAddr>;
    fn facts(&self) -> Map<String, Value>;
    fn clock_is_right(&mut self);
    /// These three have nothing in common with a cause of another kind.
    fn is_same(&self, other: &dyn AnyCause) -> bool;
    fn is_same_over_other_family(&self, other: &dyn AnyCause) -> bool;
    fn merge(&mut self, other: &dyn AnyCause);
    /// `PartialEq` and `Clone` cannot be asked of a kind that is not known.
    fn equals(&self, other: &dyn AnyCause) -> bool;
    fn cloned(&self) -> Box<dyn AnyCause>;
}

/// A cause with its facts.
#[derive(Debug)]
pub(crate) struct Cause(Box<dyn AnyCause>);

impl Cause {
    pub(super) fn of(cause: impl AnyCause) -> Self {
        Self(Box::new(cause))
    }

    pub(crate) fn code(&self) -> Code {
        self.0.code()
    }

    pub(super) fn entry(&self) -> Entry {
        self.0.entry()
    }

    pub(crate) fn title(&self, scope: &Scope) -> String {
        self.0.title(scope)
    }

    pub(crate) fn fix(&self, scope: &Scope) -> String {
        self.0.fix(scope)
    }

    pub(crate) fn first_step(&self, scope: &Scope) -> Option<String> {
        self.0.first_step(scope)
    }

    pub(crate) fn remedy(&self) -> Remedy {
        self.0.remedy()
    }

    pub(crate) fn device(&self) -> Option<IpAddr> {
        self.0.device()
    }

    /// Figures and names by which programs can tell findings apart.
    pub(crate) fn facts(&self) -> Map<String, Value> {
        self.0.facts()
    }

    pub(super) fn clock_is_right(&mut self) {
        self.0.clock_is_right();
    }

    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.0.is_same(&*other.0)
    }

    pub(super) fn is_same_over_other_family(&self, other: &Self) -> bool {
        self.0.is_same_over_other_family(&*other.0)
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.0.merge(&*other.0);
    }

    /// The cause itself, if it is of this kind.
    pub(super) fn downcast_mut<C: Any>(&mut self) -> Option<&mut C> {
        let cause: &mut dyn Any = &mut *self.0;
        cause.downcast_mut()
    }
}

impl Clone for Cause {
    fn clone(&self) -> Self {
        Self(self.0.cloned())
    }
}

impl PartialEq for Cause {
    fn eq(&self, other: &Self) -> bool {
        self.0.equals(&*other.0)
    }
}
