//! What a plan says of a target for the readers of its report. It does not change what is tested.

use super::{PlanEntry, Report, text::shown};

impl Report {
    /// Adds what a plan says of its target.
    pub fn in_plan(self, plan: Option<PlanEntry>) -> Self {
        Self { plan, ..self }
    }

    /// The plan's value for a key, escaped; empty if there is none.
    pub(super) fn planned(&self, key: &str) -> String {
        let values = self.plan.iter().flat_map(PlanEntry::said);
        let found = values.into_iter().find(|(name, _)| *name == key).and_then(|(_, value)| value);
        found.map(shown).unwrap_or_default()
    }

    /// The name for people: `Pump 3, Leeds`, or the hub's host if the plan has no name for it.
    pub(super) fn label(&self) -> String {
        let (name, site) = (self.planned("name"), self.planned("site"));
        let name = if name.is_empty() { shown(&self.observations.hub.host) } else { name };
        if site.is_empty() { name } else { format!("{name}, {site}") }
    }

    /// The same, with the host if that is not its name.
    pub(super) fn label_and_host(&self) -> String {
        match self.planned("name").is_empty() {
            true => self.label(),
            false => format!("{} ({})", self.label(), shown(&self.observations.hub.host)),
        }
    }
}

/// What the plan says of a target besides name and place: whom to contact, and notes.
pub(super) fn besides(report: &Report) -> impl Iterator<Item = (&'static str, String)> + use<> {
    let values = [("Contact", report.planned("contact")), ("Note", report.planned("note"))];
    values.into_iter().filter(|(_, value)| !value.is_empty())
}

/// The keys for which the plan has a value in any of `reports`.
pub(super) fn keys(reports: &[Report]) -> Vec<&'static str> {
    let all = PlanEntry::default().said().map(|(key, _)| key);
    all.into_iter().filter(|key| reports.iter().any(|report| !report.planned(key).is_empty())).collect()
}
