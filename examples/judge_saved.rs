//! Judges a saved report again, years later and elsewhere: no network, no clock, no runtime.
//!
//!     hubreach contoso.azure-devices.net --output report.json
//!     cargo run --example judge_saved -- report.json

#![allow(clippy::print_stdout)] // an example shows what it does

use std::error::Error;

use hubreach::{Report, diagnose, report::Format};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("give the path of a saved report")?;
    let saved = Report::from_json(&std::fs::read_to_string(path)?)?;

    // What was seen then, judged by what is known today.
    let diagnosis = diagnose(&saved.observations);
    let changed = diagnosis.verdicts.iter().zip(saved.checks()).filter(|(now, then)| now.verdict != then.verdict);
    for (now, then) in changed {
        println!("{} was {:?}, is {:?}", now.id, then.verdict, now.verdict);
    }
    println!("{}", Report::new(saved.observations.clone(), diagnosis).render(Format::Human));
    Ok(())
}
