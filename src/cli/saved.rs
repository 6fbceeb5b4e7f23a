//! Reports that were saved in files.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use hubreach::report::Document;

use super::exit::Failure;

/// Far above any report or audit: one of 500 hubs with two addresses each is 50 MB, nearly all of it certificates.
const LARGEST: u64 = 256 * 1024 * 1024;

/// What is in a file: a report, or those of an audit; `-` is stdin.
pub fn document(path: &Path) -> Result<Document, Failure> {
    let text = read(path).map_err(|error| {
        Failure::input(format!(
            "cannot read {}: {error}; give a report that `hubreach check --output FILE.json` wrote",
            path.display()
        ))
    })?;
    Document::read(&text).map_err(|error| Failure::input(format!("{}: {error}", path.display())))
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
