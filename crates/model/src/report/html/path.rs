//! The path as a picture: this device, each router and the hub from top to bottom, and a line per port that ends where
//! it is stopped. If that is unknown, no line claims to know it.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    net::IpAddr,
};

use askama::Template;

use super::{
    Report, TraceReport, TracedPort,
    index::Index,
    sections,
    text::{cut, located, shown},
};
use crate::{
    diagnosis::{Location, Verdict},
    hub::{CheckId, Route},
    observation::{Experiment, ProbeAnswer, Trace, kind},
};

/// Stops drawn: no real path has more, but a file may claim so.
const MAX_HOPS: u8 = 30;
/// Between two stops, in the picture's own units.
const ROW: usize = 34;
/// Position of the first stop: the port numbers are above it.
const TOP: usize = 34;
/// Room for the names of the stops.
const NAMES: usize = 340;
/// What fits there; the page has the full name elsewhere.
const MAX_NAME: usize = 42;
/// Between two lines.
const COLUMN: usize = 62;

/// A path to one hub, or to one of its addresses.
#[derive(Template)]
#[template(path = "report-path.html")]
pub(super) struct Picture {
    width: usize,
    height: usize,
    /// Where the stops' lines begin, after their names.
    rail: usize,
    stops: Vec<Stop>,
    lines: Vec<Line>,
    /// The same in words.
    told: String,
}

struct Stop {
    y: usize,
    name: String,
}

/// A port's line.
struct Line {
    x: usize,
    port: u16,
    class: &'static str,
    /// Where it ends.
    end: usize,
    is_stopped: bool,
}

/// How far a port gets.
enum End<'a> {
    Hub,
    /// It is stopped there, or answered in the hub's name.
    At(&'a Location, &'static str),
    /// It is stopped at an unknown location.
    Unknown,
}

const STOPPED: &str = "stopped";

type Routers = BTreeMap<u8, BTreeSet<IpAddr>>;

/// The path to the hub, then that to a proxy that is not reached, each with at least one known location; without one there
/// is nothing to draw.
pub(super) fn of_report(report: &Report) -> Vec<Picture> {
    let seen = &report.observations;
    let to_hub = Way { route: Route::Direct, end: &seen.hub.host, port: None, experiments: &seen.experiments };
    let to_proxy = seen.proxy.as_ref().map(|proxy| Way {
        route: Route::Proxy,
        end: &proxy.host,
        port: Some(proxy.port),
        experiments: &proxy.experiments,
    });
    [to_hub].into_iter().chain(to_proxy).filter_map(|way| way.drawn(report)).collect()
}

/// A way that packets take.
struct Way<'a> {
    /// That of the checks.
    route: Route,
    /// The host at its end.
    end: &'a str,
    /// Of a proxy: all checks connect to that port.
    port: Option<u16>,
    experiments: &'a [Experiment],
}

impl Way<'_> {
    fn drawn(&self, report: &Report) -> Option<Picture> {
        let index = Index::of(report);
        let checks: Vec<_> = report.checks().filter(|check| check.observations.route == self.route).collect();
        let causes: Vec<_> = checks.iter().map(|check| (check, index.causes(*check))).collect();
        let carried = carried(report, &index);
        let mut ports: BTreeMap<u16, End<'_>> = BTreeMap::new();
        for (check, causes) in &causes {
            let end = match check.verdict {
                Verdict::Allowed | Verdict::Declined => End::Hub,
                Verdict::Unknown => continue,
                Verdict::Blocked => causes
                    .iter()
                    .find_map(|one| one.finding().location.as_ref())
                    .or_else(|| carried.get(&check.observations.id).copied())
                    .map_or(End::Unknown, |location| End::At(location, STOPPED)),
            };
            // If one of two protocols at a port gets through, the port is open.
            let port = self.port.unwrap_or(check.observations.port);
            match (ports.get(&port), &end) {
                (None, _) | (Some(_), End::Hub) => _ = ports.insert(port, end),
                _ => {}
            }
        }
        self.picture(report, ports)
    }

    fn picture(&self, report: &Report, mut ports: BTreeMap<u16, End<'_>>) -> Option<Picture> {
        let is_v6 = ports.values().find_map(|end| match end {
            End::At(location, _) => Some(family(location)),
            _ => None,
        })?;
        // Two address families have two paths: the picture shows one.
        let is_of_the_other = |location: &Location| is_v6.zip(family(location)).is_some_and(|(one, this)| one != this);
        for end in ports.values_mut() {
            if matches!(end, End::At(location, _) if is_of_the_other(location)) {
                *end = End::Unknown;
            }
        }
        let paths = self.experiments.iter().filter_map(|experiment| experiment.facts::<kind::Path>());
        let traces = paths.flat_map(|path| path.reference.iter().chain([&path.failing]));
        let routers = routers(traces.filter(|trace| is_v6.is_none_or(|v6| trace.address.is_ipv6() == v6)));
        let from = report.observations.vantage.host.as_deref().map(shown);
        Some(Picture::new(from, routers, &shown(self.end), &ports.into_iter().collect::<Vec<_>>()))
    }
}

/// Where checks are stopped that a proxy carries: no cause of theirs asks for anything.
fn carried<'a>(report: &'a Report, index: &Index<'_>) -> HashMap<&'a CheckId, &'a Location> {
    let findings = report.diagnosis.findings.iter();
    let carried = findings.filter(|finding| sections::is_carried_by_the_proxy(finding, index));
    let located = carried.filter_map(|finding| Some((finding, finding.location.as_ref()?)));
    located.flat_map(|(finding, at)| finding.affects.iter().map(move |id| (id, at))).collect()
}

/// One picture per traced address.
pub(super) fn of_trace(report: &TraceReport) -> Vec<Picture> {
    let addresses: BTreeSet<IpAddr> = report.traces.ports.iter().map(|port| port.observations.trace.address).collect();
    let picture = |address: IpAddr| {
        let ports: Vec<&TracedPort> =
            report.traces.ports.iter().filter(|port| port.observations.trace.address == address).collect();
        let ends: Vec<(u16, End<'_>)> = ports.iter().map(|port| (port.observations.trace.port, end(port))).collect();
        let routers = routers(ports.iter().map(|port| &port.observations.trace));
        let hub = format!("{} ({address})", shown(&report.traces.host));
        Picture::new(report.traces.from.as_deref().map(shown), routers, &hub, &ends)
    };
    addresses.into_iter().map(picture).collect()
}

fn end(port: &TracedPort) -> End<'_> {
    match (&port.observations.answer, &port.location) {
        (_, Some(location)) if port.early => End::At(location, "answered in the hub's place"),
        (_, Some(location)) => End::At(location, STOPPED),
        (ProbeAnswer::SynAck | ProbeAnswer::Reply, None) => End::Hub,
        _ => End::Unknown,
    }
}

/// Which routers answer with Time Exceeded, by distance.
fn routers<'a>(traces: impl Iterator<Item = &'a Trace>) -> Routers {
    let mut routers = Routers::new();
    for probe in traces.flat_map(|trace| &trace.probes).filter(|probe| probe.ttl <= MAX_HOPS) {
        if let ProbeAnswer::TimeExceeded { from: Some(from) } = probe.answer {
            routers.entry(probe.ttl).or_default().insert(from);
        }
    }
    routers
}

/// Whether the path is IPv6, if an address tells.
fn family(location: &Location) -> Option<bool> {
    let next = location.next.as_ref().and_then(|next| next.address);
    location.address.or(next).map(|address| address.is_ipv6())
}

impl Picture {
    fn new(from: Option<String>, mut routers: Routers, hub: &str, ports: &[(u16, End<'_>)]) -> Self {
        let mut hops = routers.keys().copied().max().unwrap_or_default();
        for (_, end) in ports {
            let End::At(location, _) = end else { continue };
            let next = location.next.as_ref();
            for (hop, address) in
                [(location.hop, location.address)].into_iter().chain(next.map(|next| (next.hop, next.address)))
            {
                let is_router = hop > 0 && location.of != Some(hop);
                if let (true, Some(address)) = (is_router, address) {
                    routers.entry(hop).or_default().insert(address);
                }
            }
            // The hub follows the last router, at a distance that may be known.
            hops = hops.max(location.hop).max(location.of.unwrap_or_default().saturating_sub(1));
        }
        let hops = hops.min(MAX_HOPS);
        let of_router = |hop: u8| match routers.get(&hop).and_then(BTreeSet::first) {
            Some(address) => format!("{hop}  {address}"),
            None => format!("{hop}  no answer"),
        };
        let device = from.map_or_else(|| "This device".to_owned(), |host| format!("This device, {host}"));
        let names = [device].into_iter().chain((1..=hops).map(of_router)).chain([hub.to_owned()]);
        let stops: Vec<Stop> =
            names.enumerate().map(|(at, name)| Stop { y: TOP + at * ROW, name: cut(&name, MAX_NAME) }).collect();
        let last = stops.last().map_or(TOP, |stop| stop.y);
        let lines = ports.iter().enumerate().map(|(at, (port, end))| line(NAMES + at * COLUMN, *port, end, last));
        Self {
            width: NAMES + ports.len() * COLUMN,
            height: last + ROW / 2,
            rail: NAMES - COLUMN / 3,
            lines: lines.collect(),
            told: ports.iter().map(|(port, end)| told(*port, end)).collect::<Vec<_>>().join(" "),
            stops,
        }
    }
}

fn line(x: usize, port: u16, end: &End<'_>, last: usize) -> Line {
    match end {
        End::Hub => Line { x, port, class: "open", end: last, is_stopped: false },
        // Dotted, to the first step: the distance is unknown.
        End::Unknown => Line { x, port, class: "lost", end: TOP + ROW / 2, is_stopped: false },
        End::At(location, _) => {
            let at = TOP + usize::from(location.hop) * ROW;
            // At the router or after it: between the two.
            let end = if location.next.is_some() || location.hop == 0 { at + ROW / 2 } else { at };
            Line { x, port, class: "stopped", end: end.min(last), is_stopped: true }
        }
    }
}

fn told(port: u16, end: &End<'_>) -> String {
    match end {
        End::Hub => format!("Port {port} reaches the hub."),
        End::At(location, how) => format!("Port {port} is {how} at {}.", located(location)),
        End::Unknown => format!("Port {port} is stopped, where is not known."),
    }
}
