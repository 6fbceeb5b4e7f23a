//! `hubreach check`: test every protocol, explain what fails.

use std::{net::IpAddr, path::Path};

use hubreach::{
    Checker, Report,
    audit::{JOBS, Plan},
    hub::{HubHost, HubKind, Target, TargetOptions, TypedError, TypedHub},
    observation::{kind, revocation_addresses},
    report::Format,
};

use super::{
    args::{CheckArgs, Verbosity},
    audit, block_on, demo,
    event_stream::EventStream,
    exit::{CliError, Status},
    file, hints, output,
    progress::{Checks, Progress},
    prompt,
    routing::{asked_for, routing},
    screen::screen,
    settings,
    signals::Signals,
    usage,
};

/// Azure's limit for a hub's short name.
const MAX_HUB_NAME_LEN: usize = 50;

pub fn run(args: &CheckArgs, verbosity: &Verbosity) -> Result<Status, CliError> {
    let hub = args.hub.clone().or_else(prompt::hub);
    if hub.as_deref() == Some(prompt::DEMO) && args.hub.is_none() {
        return demo::run(verbosity);
    }
    let target = target(hub.as_deref(), &args.what.options(), &args.probe.addresses.address)?;
    let mut settings = settings::settings(&args.probe, &args.trust, &args.judgement);
    (settings.large_hello, settings.companions) = (args.large_hello, args.companions);
    let routing = routing(&args.routes)?;
    let asked = asked_for(routing.clone(), &target.host)?;
    let (routed, how) = asked.apply(target.clone(), settings.clone())?;
    how.validate(&routed)?;
    output::try_out(&args.output.output)?;
    if args.companions && target.companions().next().is_some() {
        // Each host has a report of its own, as in an audit.
        let (signals, plan) = (Signals::listen(Status::of_any), Plan::of(target, settings, routing)?);
        return audit::run_plan(&plan, JOBS, &args.output, verbosity, &signals);
    }
    let (target, settings) = (routed, how);
    let (signals, stream) = (Signals::listen(Status::of_any), EventStream::new(&args.output));
    let progress = Progress::start(Checks::of(&target), args.output.format == Format::Human, verbosity);
    let (show, tell) = (progress.listener(Checks::note), stream.listener());
    let checker = Checker::builder(target.clone()).settings(settings).stop(signals.token()).on_event(move |event| {
        show(event);
        tell(event);
    });
    let report = block_on(checker.build()?.run())?;
    drop(progress);
    let report = report?;
    if args.what.endpoints.kind.is_none()
        && !verbosity.quiet
        && target.host.name().and_then(HubKind::by_suffix).is_none()
    {
        output::note(&format!(
            "{} tells no kind of hub: {}'s protocols are assumed, see --kind",
            target.host, target.kind
        ));
    }
    // Every public hub names some, and an option asks for them. For other hubs it is news.
    let is_public = !target.built_in_roots().is_empty();
    if (verbosity.verbose || !is_public && !verbosity.quiet)
        && let Some(untested) = untested(&report)
    {
        output::note(&untested);
    }
    let met = report.diagnosis.requirement_met;
    stream.end(report, &args.output, screen(verbosity))?;
    Ok(Status::of(met))
}

/// The revocation hosts that the hub's certificates name, if they were not queried.
fn untested(report: &Report) -> Option<String> {
    let was_asked =
        report.observations.experiments.iter().any(|experiment| experiment.facts::<kind::Revocation>().is_some());
    let attempts = report.checks().flat_map(|check| &check.observations.attempts);
    let named = revocation_addresses(attempts.filter_map(|attempt| attempt.tls.success()));
    if was_asked || named.is_empty() {
        return None;
    }
    let named: Vec<String> = named.iter().map(|address| format!("{}:{}", address.host, address.port)).collect();
    Some(format!(
        "devices that check revocation (Windows, .NET) ask {}, which the hub's certificates name: not tested, see --companions",
        named.join(", ")
    ))
}

/// The hub that was typed, and what is to be tested of it.
pub fn target(hub: Option<&str>, options: &TargetOptions, addresses: &[IpAddr]) -> Result<Target, CliError> {
    if let Some(file) = hub.filter(|hub| file::is_meant(hub)) {
        return Err(not_a_hub(file));
    }
    let refused = |error: TypedError| CliError::input(hints::typed(&error));
    let typed = TypedHub::parse(hub.unwrap_or_default()).map_err(refused)?;
    let host = &typed.host;
    let meant = options.kind.is_some() || !addresses.is_empty() || host.name() == Some("localhost");
    if host.is_bare() && !meant {
        return Err(CliError::input(bare(host)));
    }
    typed.target(options).map_err(refused)
}

/// A file stands where a hub belongs.
fn not_a_hub(file: &str) -> CliError {
    CliError::input(match (Path::new(file).exists(), file::is_report(file)) {
        (false, _) => format!("there is no file {file}; type a hub's hostname, or the path of a file that exists"),
        (true, true) => format!("{file} is a file; type: hubreach diagnose {file}"),
        (true, false) => format!("{file} is a file; type: hubreach audit {file}"),
    })
}

fn bare(host: &HubHost) -> String {
    let name = host.to_string();
    let full = match name.len() <= MAX_HUB_NAME_LEN && !name.contains('_') {
        true => format!("{name}.azure-devices.net"),
        false => "contoso.azure-devices.net".to_owned(),
    };
    if let Some(command) = usage::meant_command(&name) {
        return format!("did you mean: hubreach {command}? A hub's full hostname is needed, such as {full}");
    }
    format!("a hub's full hostname is needed; type: hubreach {full} (a short name of your own network needs --kind)")
}
