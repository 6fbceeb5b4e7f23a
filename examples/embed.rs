//! A service that checks its hubs from time to time, on a runtime with several threads: each check is a task of its own.
//!
//!     cargo run --example embed -- contoso.azure-devices.net fabrikam.azure-devices.net

#![allow(clippy::print_stdout)] // an example shows what it does

use std::{error::Error, process::ExitCode, time::Duration};

use hubreach::{
    Checker,
    diagnosis::Verdict,
    hub::{HubHost, Target, TargetOptions},
};

#[tokio::main(flavor = "multi_thread")]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut checks = tokio::task::JoinSet::new();
    for host in std::env::args().skip(1) {
        let target = Target::new(HubHost::parse(&host)?, &TargetOptions::default())?;
        let checker = Checker::builder(target).timeout(Duration::from_secs(20)).build()?;
        // The future owns what it needs. A service would keep the checker and run it again.
        checks.spawn(checker.run());
    }

    let mut reached = true;
    while let Some(report) = checks.join_next().await {
        let report = report??;
        println!("{}", report.observations.hub.host);
        for check in report.checks() {
            println!("  {:8} {:?}: {}", check.observations.protocol, check.verdict, check.summary);
        }
        for finding in &report.diagnosis.findings {
            println!("  {}: {} -> {}", finding.code, finding.title(), finding.fix());
        }
        reached &= report.checks().any(|check| check.verdict == Verdict::Allowed);
    }
    Ok(if reached { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
