//! Streams what happens during a check, one JSON object a line, and ends it after five seconds with what was seen by then.
//!
//!     cargo run --example progress -- contoso.azure-devices.net

#![allow(clippy::print_stdout)] // an example shows what it does

use std::{error::Error, time::Duration};

use hubreach::{
    Settings,
    hub::{HubHost, Target, TargetOptions},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let host = std::env::args().nth(1).unwrap_or_default();
    let target = Target::new(HubHost::parse(&host)?, &TargetOptions::default())?;

    let stop = tokio::time::sleep(Duration::from_secs(5));
    let observations = hubreach::observe(&target, &Settings::default(), stop, &|event| {
        if let Ok(line) = serde_json::to_string(event) {
            println!("{line}");
        }
    })
    .await?;

    // What was seen is one thing, what to make of it another.
    let diagnosis = hubreach::diagnose(&observations);
    println!("{}", serde_json::to_string_pretty(&diagnosis.verdicts)?);
    Ok(())
}
