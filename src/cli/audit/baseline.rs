//! The run that an audit is compared with: read before anything is tested, so that a wrong file costs no time.

use std::{collections::HashSet, path::Path};

use hubreach::{audit::Plan, report::Document};

use super::super::{exit::CliError, interruptible, saved, signals::Signals};

pub fn read(file: &Path, plan: &Plan, signals: &Signals) -> Result<Document, CliError> {
    let before = interruptible::read(file, signals, saved::document)??;
    let planned: HashSet<String> = plan.targets.iter().map(|planned| planned.target.host.to_string()).collect();
    // Hostnames are alike whatever the case (RFC 4343).
    match before.reports().iter().any(|report| planned.contains(&report.observations.hub.host.to_ascii_lowercase())) {
        true => Ok(before),
        false => Err(CliError::input(format!(
            "{} has none of the hubs that are to be tested; give --baseline a file that an audit of this plan wrote",
            file.display()
        ))),
    }
}
