//! `hubreach diagnose`: judge saved observations again, with no network.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use hubreach::report::Report;

use super::{
    args::DiagnoseArgs,
    exit::{Failure, Status},
    output,
};

/// Far above any report.
const LARGEST: u64 = 64 * 1024 * 1024;

pub fn run(args: &DiagnoseArgs) -> Result<Status, Failure> {
    let text = read(&args.file).map_err(|error| {
        Failure::input(format!(
            "cannot read {}: {error}; give a report that `hubreach check --output FILE.json` wrote",
            args.file.display()
        ))
    })?;
    let saved = Report::from_json(&text).map_err(|error| Failure::input(error.to_string()))?;
    let seen = saved.observations();
    let diagnosis = hubreach::diagnose(&seen);
    let report = Report::new(seen, diagnosis);
    output::deliver(&report, &args.output)?;
    Ok(Status::of(report.requirement.met))
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
