//! `hubreach check`: test every protocol, explain what fails.

use hubreach::{
    probe::{Event, Pem, Settings},
    report::{Format, Report},
    target::{Choices, HubHost, HubKind, Requirement, Target},
};

use super::{
    args::{Addresses, CheckArgs, Endpoints, Volume},
    block_on,
    exit::{Failure, Status},
    output,
    progress::Progress,
    signals,
    stream::Stream,
};

/// Azure's limit for a hub's short name.
const LONGEST_HUB_NAME: usize = 50;

pub fn run(args: &CheckArgs, volume: &Volume) -> Result<Status, Failure> {
    let target = target(args.hub.as_deref(), &args.what.endpoints, args.what.ws_path.clone(), &args.how.addresses)?;
    let settings = settings(args, volume);
    fits(&target, &settings.requirement)?;
    let stream = Stream::new(&args.output);
    let report = block_on(report(&target, &settings, args.output.format, volume, &|event| stream.tell(event)))??;
    if args.what.endpoints.kind.is_none() && !volume.quiet && target.host.name().and_then(HubKind::by_suffix).is_none()
    {
        output::note(&format!(
            "{} tells no kind of hub: {}'s protocols are assumed, see --kind",
            target.host, target.kind
        ));
    }
    let (events, told) = stream.end();
    let met = report.requirement.met;
    told.and(output::deliver(&[report], &events, &args.output))?;
    Ok(Status::of(met))
}

/// Makes the checks, with progress where someone watches; Ctrl-C ends them early. Each event is told to `listener` too.
pub async fn report(
    target: &Target,
    settings: &Settings,
    format: Format,
    volume: &Volume,
    listener: &dyn Fn(&Event),
) -> Result<Report, Failure> {
    let progress = Progress::start(target, format, volume);
    let happened = |event: &Event| {
        progress.show(event);
        listener(event);
    };
    let report = hubreach::check(target, settings, signals::interrupted(), &happened).await;
    report.map_err(|error| match error.is_input() {
        true => Failure::input(error.to_string()),
        false => Failure::cannot_run(error.to_string()),
    })
}

/// The hub that was typed, and what is to be tested of it.
pub fn target(
    hub: Option<&str>,
    endpoints: &Endpoints,
    ws_path: Option<String>,
    addresses: &Addresses,
) -> Result<Target, Failure> {
    let host = HubHost::parse(hub.unwrap_or_default()).map_err(|error| Failure::input(error.to_string()))?;
    let meant = endpoints.kind.is_some() || !addresses.address.is_empty() || host.name() == Some("localhost");
    if host.is_bare() && !meant {
        return Err(Failure::input(bare(&host)));
    }
    let choices = Choices {
        kind: endpoints.kind,
        protocols: endpoints.protocol.clone(),
        ports: endpoints.port.iter().copied().collect(),
        ws_path,
    };
    let target = Target::new(host, &choices).map_err(|error| Failure::input(error.to_string()))?;
    let mut literals = addresses.address.clone();
    if let (HubHost::Ip(ip), true) = (&target.host, literals.is_empty()) {
        literals.push(*ip);
    }
    if !literals.is_empty() && !literals.iter().any(|ip| addresses.families().include(*ip)) {
        return Err(Failure::input("-4 or -6 leaves none of the addresses given; leave the option out"));
    }
    Ok(target)
}

fn bare(host: &HubHost) -> String {
    let name = host.to_string();
    let full = match name.len() <= LONGEST_HUB_NAME && !name.contains('_') {
        true => format!("{name}.azure-devices.net"),
        false => "contoso.azure-devices.net".to_owned(),
    };
    format!("a hub's full hostname is needed; type: hubreach {full} (a short name of your own network needs --kind)")
}

fn settings(args: &CheckArgs, volume: &Volume) -> Settings {
    Settings {
        timeout: args.how.addresses.timeout,
        depth: args.how.depth.into(),
        families: args.how.addresses.families(),
        all_addresses: args.how.addresses.all_addresses,
        addresses: args.how.addresses.address.clone(),
        resolvers: args.how.addresses.resolver.clone(),
        ca: args.trust.ca.clone().map(Pem::File),
        hub_ca: args.trust.hub_ca.clone().map(Pem::File),
        experiments: !args.how.no_experiments,
        large_hello: volume.verbose > 0,
        requirement: args.judgement.require.clone(),
        role: args.judgement.role.into(),
    }
}

/// Options that are sound one by one, but not together.
pub fn fits(target: &Target, requirement: &Requirement) -> Result<(), Failure> {
    let tested = |protocol| target.checks.iter().any(|check| check.endpoint.protocol == protocol);
    if let Some(missing) = requirement.named().find(|protocol| !tested(*protocol)) {
        let tested: Vec<_> = target.checks.iter().map(|check| check.endpoint.protocol.id()).collect();
        return Err(Failure::input(format!(
            "--require names {missing}, which is not tested; require some of: {}, or add it to --protocol",
            tested.join(", ")
        )));
    }
    Ok(())
}
