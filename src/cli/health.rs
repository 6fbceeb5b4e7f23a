//! `hubreach health`: one line, fast, quiet; for a container's health check.

use hubreach::Checker;

use super::{
    args::HealthArgs,
    block_on, check,
    exit::{CliError, Status},
    output,
    routing::{asked_for, quick_routing},
    service,
    signals::Signals,
};

pub fn run(args: &HealthArgs) -> Result<Status, CliError> {
    // The image's health check comes with `hubreach serve` and `hubreach exporter`, too: without a hub of its own it asks whether
    // they run, and they are the container.
    if let (None, Some(service)) = (&args.hub, service::of_container()) {
        output::stdout_until(format!("healthy: hubreach {service} runs; no hub is given to check\n"))?;
        return Ok(Status::Met);
    }
    let mut options = args.what.options();
    if options.protocols.is_empty() {
        // What is not required need not be bothered.
        options.protocols = args.require.named().collect();
    }
    let target = check::target(args.hub.as_deref(), &options, &args.probe.address)?;
    let mut settings = args.trust.of(args.probe.settings());
    (settings.depth, settings.experiments) = (args.depth, args.experiments);
    settings.requirement = args.require.clone();
    let routing = asked_for(quick_routing(&args.routes)?, &target.host)?;
    let (target, settings) = routing.apply(target, settings)?;
    settings.validate(&target)?;
    let signals = Signals::listen(Status::of_health);
    let checker = Checker::builder(target).settings(settings).stop(signals.token()).build()?;
    let report = block_on(checker.decide())??;
    output::stdout_until(report.health())?;
    Ok(Status::of(report.diagnosis.requirement_met))
}
