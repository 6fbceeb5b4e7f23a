//! `hubreach health`: one line, fast, quiet; for a container's health check.

use hubreach::{Settings, probe::Pem};

use super::{
    args::HealthArgs,
    block_on, check,
    exit::{Failure, Status},
    output, signals,
};

/// Knows two statuses, whatever goes wrong: container engines reserve the others.
pub fn run(args: &HealthArgs) -> Result<Status, Failure> {
    probe(args).map_err(|failure| Failure { status: Status::NotMet, ..failure })
}

fn probe(args: &HealthArgs) -> Result<Status, Failure> {
    let mut choices = args.what.choices();
    if choices.protocols.is_empty() {
        // What is not required need not be bothered.
        choices.protocols = args.require.named().collect();
    }
    let target = check::target(args.hub.as_deref(), &choices, &args.how.address)?;
    let settings = Settings {
        timeout: args.how.timeout,
        depth: args.depth.into(),
        families: args.how.families(),
        all_addresses: args.how.all_addresses,
        addresses: args.how.address.clone(),
        resolvers: args.how.resolver.clone(),
        ca: args.trust.ca.clone().map(Pem::File),
        hub_ca: args.trust.hub_ca.clone().map(Pem::File),
        experiments: args.experiments,
        requirement: args.require.clone(),
        ..Settings::default()
    };
    settings.fit(&target).map_err(Failure::input)?;
    let report = block_on(hubreach::decide(&target, &settings, signals::interrupted(), &|_| ()))?;
    let report = report.map_err(|error| Failure::cannot_run(error.to_string()))?;
    output::stdout(&report.health())?;
    Ok(Status::of(report.requirement.met))
}
