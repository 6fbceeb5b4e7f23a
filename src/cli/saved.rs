//! Reports that were saved in files.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use hubreach::report::{self, Report};

use super::exit::Failure;

/// Far above any report.
const LARGEST: u64 = 64 * 1024 * 1024;

/// The reports in a file: one, or those of an audit; `-` is stdin.
pub fn reports(path: &Path) -> Result<Vec<Report>, Failure> {
    let text = read(path).map_err(|error| {
        Failure::input(format!(
            "cannot read {}: {error}; give a report that `hubreach check --output FILE.json` wrote",
            path.display()
        ))
    })?;
    report::read(&text).map_err(|error| Failure::input(format!("{}: {error}", path.display())))
}

fn read(path: &Path) -> io::Result<String> {
    let source: Box<dyn Read> = match path == Path::new("-") {
        true => Box::new(io::stdin().lock()),
        false => Box::new(File::open(path)?),
    };
    let mut text = String::new();
    source.take(LARGEST + 1).read_to_string(&mut text)?;
    match text.len() as u64 > LARGEST {
        true => Err(io::Error::other("it is larger than any report")),
        false => Ok(text),
    }
}
