//! A target in its plan.

use serde::{Deserialize, Serialize};

/// A target as its plan speaks of it, and where in the plan that stands.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PlanEntry {
    /// What people call it.
    pub name: Option<String>,
    /// Where it stands.
    pub site: Option<String>,
    /// Who is to be told of it.
    pub contact: Option<String>,
    /// What else is worth knowing.
    pub note: Option<String>,
    /// The plan's file, as it was given.
    pub file: Option<String>,
    /// The line of the target in it, counted from 1.
    pub line: Option<usize>,
}

impl PlanEntry {
    /// What a host has of it that is needed besides: it is neither called so nor noted.
    pub fn of_companion(&self, line: usize) -> Self {
        Self { name: None, note: None, line: Some(line), ..self.clone() }
    }

    /// What is said for people, each as the plan's key calls it.
    pub(super) fn said(&self) -> [(&'static str, Option<&str>); 4] {
        [
            ("name", self.name.as_deref()),
            ("site", self.site.as_deref()),
            ("contact", self.contact.as_deref()),
            ("note", self.note.as_deref()),
        ]
    }
}
