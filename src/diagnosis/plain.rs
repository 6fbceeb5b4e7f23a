//! Causes in the old form: a code, and sentences with places to fill in. Goes once every cause has a file of its own.

use std::{fmt::Display, net::IpAddr};

use serde_json::{Map, Value};

use super::{
    Code, catalogue,
    causes::Cause,
    evidence::Statement,
    occurrence::Occurrence,
    remedy::Remedy,
    scope::Scope,
    template,
    text::{clipped, listed},
};
use crate::observation::Stage;

/// The most values in a fact that is a list.
const MOST_VALUES: usize = 20;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plain {
    pub(super) code: Code,
    title: &'static str,
    fix: &'static str,
    facts: Map<String, Value>,
    details: Map<String, Value>,
}

impl Plain {
    pub(super) fn of(code: Code) -> Self {
        let (title, fix) = catalogue::texts(code);
        Self { code, title, fix, facts: Map::new(), details: Map::new() }
    }

    pub(super) fn title(&self, scope: &Scope) -> String {
        let subject =
            ["Outbound TCP {ports} is ", "TCP {ports} is "].into_iter().find(|start| self.title.starts_with(start));
        let title = match subject {
            Some(_) if scope.ports().len() > 1 => self.title.replacen(" is ", " are ", 1),
            _ => self.title.to_owned(),
        };
        self.filled(&title, scope)
    }

    pub(super) fn fix(&self, scope: &Scope) -> String {
        self.filled(self.fix, scope)
    }

    pub(super) fn remedy(&self) -> Remedy {
        match (catalogue::entry(self.code).stage, self.code) {
            (_, Code::TlsIntercepted | Code::WebsocketStripped | Code::GatewayBlockPage) => Remedy::Exempt,
            (Stage::Resolve, _) => Remedy::Own,
            _ => Remedy::Own,
        }
    }

    pub(super) fn device(&self) -> Option<IpAddr> {
        self.facts.get("offender")?.as_str()?.parse().ok()
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        let key = |one: &Self| (one.code, one.title, one.fix);
        key(self) == key(other) && self.facts == other.facts
    }

    /// Lists are joined; of other details the first sighting's is kept.
    pub(super) fn merge(&mut self, other: &Self) {
        for (name, other) in &other.details {
            match (self.details.get_mut(name), other) {
                (Some(Value::Array(values)), Value::Array(others)) => {
                    for other in others {
                        if !values.contains(other) && values.len() < MOST_VALUES {
                            values.push(other.clone());
                        }
                    }
                }
                (Some(_), _) => {}
                (None, other) => {
                    self.details.insert(name.clone(), other.clone());
                }
            }
        }
    }

    pub(super) fn facts(&self) -> Map<String, Value> {
        let mut facts = self.facts.clone();
        facts.extend(self.details.clone());
        facts
    }

    fn filled(&self, template: &str, scope: &Scope) -> String {
        let facts = self.facts();
        let value = |name: &str| match (name, facts.get(name)) {
            ("host", _) => Some(scope.host()),
            ("ports", _) => Some(scope.tcp().trim_start_matches("TCP ").to_owned()),
            ("place", _) => scope.place(),
            (_, Some(Value::Array(items))) => Some(listed(&items.iter().map(plain).collect::<Vec<_>>())),
            (_, None | Some(Value::Null)) => None,
            (_, Some(value)) => Some(plain(value)),
        };
        template::fill(template, value)
    }
}

impl From<Code> for Cause {
    fn from(code: Code) -> Self {
        Self::Plain(Plain::of(code))
    }
}

impl Statement for String {}

impl Occurrence {
    fn plainly(mut self, change: impl FnOnce(&mut Plain)) -> Self {
        if let Cause::Plain(plain) = &mut self.cause {
            change(plain);
        }
        self
    }

    pub(super) fn fact(self, name: &str, value: impl Into<Value>) -> Self {
        self.plainly(|plain| drop(plain.facts.insert(name.to_owned(), bounded(value.into()))))
    }

    pub(super) fn detail(self, name: &str, value: impl Into<Value>) -> Self {
        self.plainly(|plain| drop(plain.details.insert(name.to_owned(), bounded(value.into()))))
    }

    /// The catalogue's title does not fit this case of the cause.
    pub(super) fn titled(self, title: &'static str) -> Self {
        self.plainly(|plain| plain.title = title)
    }

    /// The catalogue's fix does not fit this case of the cause.
    pub(super) fn mended_by(self, fix: &'static str) -> Self {
        self.plainly(|plain| plain.fix = fix)
    }

    pub(super) fn seen(self, evidence: impl Display) -> Self {
        self.evidence(evidence.to_string())
    }
}

fn bounded(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(clipped(&text)),
        other => other,
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
