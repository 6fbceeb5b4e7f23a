//! Checks a hub from one's own program and acts on the result.
//!
//!     cargo run --example embed -- contoso.azure-devices.net

#![allow(clippy::print_stdout)] // an example shows what it does

use std::{error::Error, process::ExitCode};

use hubreach::{
    Settings,
    diagnosis::Verdict,
    hub::{HubHost, Target, TargetOptions},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let host = std::env::args().nth(1).unwrap_or_default();
    let target = Target::new(HubHost::parse(&host)?, &TargetOptions::default())?;

    // Runs until done or until the settings' deadline; a program that may want to end it sooner passes another future.
    let report = hubreach::check(&target, &Settings::default(), std::future::pending(), &|_| ()).await?;

    for check in report.checks() {
        println!("{:8} {:?}: {}", check.seen.protocol, check.verdict, check.summary);
    }
    for finding in &report.diagnosis.findings {
        println!("{}: {} -> {}", finding.code, finding.title(), finding.fix());
    }
    let allowed = report.checks().any(|check| check.verdict == Verdict::Allowed);
    Ok(if allowed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
