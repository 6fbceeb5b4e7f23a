//! A target in its plan.

use serde::{Deserialize, Serialize};

/// A target as its plan describes it, and its line in the plan.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PlanEntry {
    /// The name for people.
    pub name: Option<String>,
    /// The place of the device.
    pub site: Option<String>,
    /// Whom to contact.
    pub contact: Option<String>,
    /// Anything else worth knowing.
    pub note: Option<String>,
    /// The plan's file, as given.
    pub file: Option<String>,
    /// The line of the target in it, counted from 1.
    pub line: Option<usize>,
}

impl PlanEntry {
    /// The entry of an additional host that the target needs: without name and note, which are not its own.
    pub fn of_companion(&self, line: usize) -> Self {
        Self { name: None, note: None, line: Some(line), ..self.clone() }
    }

    /// The values for people, each with the plan's key.
    pub(super) fn said(&self) -> [(&'static str, Option<&str>); 4] {
        [
            ("name", self.name.as_deref()),
            ("site", self.site.as_deref()),
            ("contact", self.contact.as_deref()),
            ("note", self.note.as_deref()),
        ]
    }
}
