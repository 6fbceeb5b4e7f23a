//! What is to be tested: from a plan file, or from a list of hubs.

mod error;
mod file;
mod layer;

use std::{
    collections::{HashMap, HashSet},
    path::Path,
    sync::Arc,
};

pub use error::{PlanError, TargetFault};

use self::{error::Lines, file::File};
use crate::{
    Routing, RoutingError,
    hub::{Check, HubHost, HubKind, Requirement, Target, TargetOptions, TypedHub, redacted},
    probe::Settings,
    report::PlanEntry,
};

/// Targets, and how each is tested.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The title of its reports.
    pub title: Option<String>,
    /// In the order of the reports.
    pub targets: Vec<Planned>,
}

/// One target, and how it is tested.
#[derive(Debug, Clone)]
pub struct Planned {
    /// What is tested.
    pub target: Target,
    /// How.
    pub settings: Settings,
    /// On which routes, for its companions too.
    routing: Arc<Routing>,
    /// Where the plan says so, counted from 1.
    pub line: usize,
    /// What a plan file says of it to those who read its report.
    pub entry: Option<PlanEntry>,
}

/// What holds for every target that says nothing else.
#[derive(Debug, Clone, Default)]
pub struct Defaults {
    /// What is tested of it.
    pub options: TargetOptions,
    /// How.
    pub settings: Settings,
    /// On which routes.
    pub routing: Arc<Routing>,
}

impl Plan {
    /// Reads a plan file, in TOML, whose relative paths begin at `directory`.
    ///
    /// # Errors
    /// The first thing that is wrong: not TOML, an unknown key or word, a target that is there twice, keys that do not go
    /// together.
    pub fn from_toml(text: &str, directory: &Path, defaults: &Defaults) -> Result<Self, PlanError> {
        let file: File = toml::from_str(text).map_err(|error| PlanError::of_toml(text, &error))?;
        if let Some(hub) = &file.defaults.hub {
            return Err(PlanError::at(text, hub, "a hub belongs to a [[target]], not to the defaults"));
        }
        if let Some(name) = &file.defaults.name {
            return Err(PlanError::at(text, name, "a name belongs to a [[target]], not to the defaults"));
        }
        let (defaults, lines) = (file.defaults.over(defaults, directory), Lines::of(text));
        let (mut targets, mut companions) = (Vec::new(), Vec::new());
        for target in &file.target {
            let keys = target.get_ref();
            let hub = keys.hub.as_ref();
            let hub = hub.ok_or_else(|| PlanError::at(text, target, "this target has no hub; write hub = \"...\""))?;
            let own = keys.over(&defaults, directory);
            let entry = keys.entry(&file.defaults, lines.of_value(hub));
            let planned = plan(hub.get_ref(), &own, lines.of_value(hub));
            let planned = planned.map_err(|fault| PlanError::of_target(lines.of_value(hub), fault))?;
            targets.push(Planned { entry: Some(entry.clone()), ..planned });
            for host in keys.companion.iter().chain(&file.defaults.companion).flatten() {
                let companion = https_endpoint(host.get_ref());
                let companion = companion.map_err(|fault| PlanError::of_target(lines.of_value(host), fault))?;
                companions.push(beside(&own, companion, lines.of_value(host), Some(&entry)));
            }
        }
        if targets.is_empty() {
            return Err(PlanError::new(1, "there is no target; write [[target]] and below it hub = \"...\""));
        }
        let title = file.title.map(|title| redacted(&title).into_owned());
        Self { title, targets }.complete(companions)
    }

    /// Makes a plan of hubs, each with its line in the list. Every kind of input that [`TypedHub::parse`] understands is one.
    ///
    /// # Errors
    /// The first that is no host or is there twice, or options that do not go together.
    pub fn from_hubs<'a>(hubs: impl Iterator<Item = (usize, &'a str)>, defaults: &Defaults) -> Result<Self, PlanError> {
        let planned =
            hubs.map(|(line, hub)| plan(hub, defaults, line).map_err(|fault| PlanError::of_target(line, fault)));
        Self { title: None, targets: planned.collect::<Result<_, _>>()? }.complete(Vec::new())
    }

    /// One target on its routes, and the companions of its kind.
    ///
    /// # Errors
    /// The routes that are wanted do not exist here.
    pub fn of(target: Target, settings: Settings, routing: Routing) -> Result<Self, RoutingError> {
        let routing = Arc::new(routing);
        let (target, settings) = routing.apply(target, settings)?;
        let planned = Planned { target, settings, routing, line: 1, entry: None };
        Ok(Self { title: None, targets: vec![planned] }.with(Vec::new()))
    }

    /// With the name of the file that it was read from, for reports that point into it.
    pub fn in_file(mut self, file: &Path) -> Self {
        let file = redacted(&file.display().to_string()).into_owned();
        for entry in self.targets.iter_mut().filter_map(|planned| planned.entry.as_mut()) {
            entry.file = Some(file.clone());
        }
        self
    }

    /// With the companions, as long as nothing is there twice.
    fn complete(self, companions: Vec<Planned>) -> Result<Self, PlanError> {
        if let Some((one, other, check)) = first_overlap(&self.targets) {
            let message = format!(
                "{} is tested for {} on port {} by the target of line {} already; leave one of them out",
                one.target.host, check.endpoint.protocol, check.endpoint.port, other.line
            );
            return Err(PlanError::new(one.line, message));
        }
        Ok(self.with(companions))
    }

    /// With those of `companions` that are not there yet, and of the kinds'.
    fn with(mut self, companions: Vec<Planned>) -> Self {
        let of_kinds: Vec<Planned> = self.targets.iter().flat_map(of_its_kind).collect();
        let mut hosts: HashSet<HubHost> = self.targets.iter().map(|planned| planned.target.host.clone()).collect();
        let companions = companions.into_iter().chain(of_kinds);
        self.targets.extend(companions.filter(|companion| hosts.insert(companion.target.host.clone())));
        self
    }
}

/// One target, or what is wrong with it.
fn plan(hub: &str, wanted: &Defaults, line: usize) -> Result<Planned, TargetFault> {
    let typed = TypedHub::parse(hub)?;
    let host = &typed.host;
    if host.is_bare() && wanted.options.kind.is_none() && wanted.settings.addresses.is_empty() {
        return Err(TargetFault::Bare(host.clone()));
    }
    let target = typed.target(&wanted.options)?;
    let routing = wanted.routing.clone();
    let (target, settings) = routing.apply(target, wanted.settings.clone())?;
    settings.validate(&target)?;
    Ok(Planned { target, settings, routing, line, entry: None })
}

fn https_endpoint(host: &str) -> Result<Target, TargetFault> {
    let host = HubHost::parse(host)?;
    let options = TargetOptions { kind: Some(HubKind::HttpsEndpoint), ..TargetOptions::default() };
    Ok(Target::new(host, &options)?)
}

fn of_its_kind(planned: &Planned) -> impl Iterator<Item = Planned> {
    let (settings, routing) = (planned.settings.clone(), planned.routing.clone());
    let like = Defaults { options: TargetOptions::default(), settings, routing };
    let companions: Vec<Target> = planned.target.companions().collect();
    companions.into_iter().map(move |target| beside(&like, target, planned.line, planned.entry.as_ref()))
}

/// A companion is tested as its hub is, but has addresses and roots of its own; it is required where anything of the hub is.
fn beside(hub: &Defaults, target: Target, line: usize, entry: Option<&PlanEntry>) -> Planned {
    let requirement = match hub.settings.requirement {
        Requirement::None => Requirement::None,
        _ => Requirement::All,
    };
    let mut settings = hub.settings.clone();
    (settings.requirement, settings.addresses, settings.hub_ca) = (requirement, Vec::new(), None);
    // A route that the hub has and its companion does not is none to insist on.
    let (target, settings) = match hub.routing.apply(target.clone(), settings.clone()) {
        Ok(routed) => routed,
        Err(_) => (target, settings),
    };
    let entry = entry.map(|entry| entry.of_companion(line));
    Planned { target, settings, routing: hub.routing.clone(), line, entry }
}

/// The first target that makes a check which one before it makes alike, with both. A plan may have tens of thousands of targets:
/// none is held against each of the others.
fn first_overlap(targets: &[Planned]) -> Option<(&Planned, &Planned, &Check)> {
    let mut ways: HashMap<_, HashMap<&Check, usize>> = HashMap::new();
    targets.iter().enumerate().find_map(|(at, one)| {
        let Settings { addresses, resolvers, families, depth, .. } = &one.settings;
        let made = ways.entry((&one.target.host, addresses, resolvers, families, depth)).or_default();
        // Of itself a target makes no check twice.
        let before = one.target.checks.iter().filter_map(|check| Some((*made.get(check)?, check)));
        if let Some((other, check)) = before.min_by_key(|(other, _)| *other) {
            return Some((one, targets.get(other)?, check));
        }
        made.extend(one.target.checks.iter().map(|check| (check, at)));
        None
    })
}
