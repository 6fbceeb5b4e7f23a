//! Reports that were saved in files.

use std::path::Path;

use hubreach::report::Document;

use super::{exit::CliError, file};

/// Far above any report or audit: one of 500 hubs with two addresses each is 50 MB, nearly all of it certificates.
const MAX_SIZE: u64 = 256 * 1024 * 1024;

/// What is in a file: a report, or those of an audit; `-` is stdin.
pub fn document(path: &Path) -> Result<Document, CliError> {
    let text = file::read(path, MAX_SIZE).map_err(|error| {
        CliError::input(format!(
            "cannot read {}: {error}; give a report that `hubreach check --output FILE.json` wrote",
            path.display()
        ))
    })?;
    Document::read(&text).map_err(|error| CliError::input(format!("{}: {error}", path.display())))
}
