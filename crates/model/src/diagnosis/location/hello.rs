//! Where hellos with the hub's name are stopped: read like SYNs, one layer up.

use super::{
    early::views,
    hops::HopView,
    range::{Location, NextHop},
    reset::{ResetOrigin, reset},
    silence::{Silence, silence},
};
use crate::observation::{DroppedHello, HelloPath, HelloTrace, HopAnswer, Path, PathProbe, ProbeAnswer, Trace};

/// The hops between which hellos with the hub's name end while those with another name go on.
pub(in crate::diagnosis) fn name_filter(hellos: &HelloPath, paths: &[&Path]) -> Option<Location> {
    let failing = trace(&hellos.path, &hellos.own);
    let path = Path { on_link: None, failing, reference: Some(trace(&hellos.path, &hellos.other)) };
    let location = match path.failing.probes.iter().any(|probe| probe.answer == ProbeAnswer::Reset) {
        true => match reset(&path, None) {
            ResetOrigin::ShortOfHub { location, .. } | ResetOrigin::NearHub { location, .. } => Some(location),
            ResetOrigin::AtStranger { .. } | ResetOrigin::AsFarAsHub { .. } | ResetOrigin::Unclear => None,
        },
        false => match silence(&path, None) {
            Silence::At { location, .. } => Some(location),
            _ => None,
        },
    }?;
    Some(with_routers(location, &hellos.path, paths))
}

/// The hops between which hellos end while SYNs to the same port go on.
pub(in crate::diagnosis) fn hello_drop(hellos: &DroppedHello, paths: &[&Path]) -> Option<Location> {
    let failing = trace(&hellos.path, &hellos.hellos);
    let path = Path { on_link: None, failing, reference: Some(hellos.path.clone()) };
    match silence(&path, None) {
        Silence::At { location, .. } => Some(with_routers(location, &hellos.path, paths)),
        _ => None,
    }
}

/// Hellos do not show the routers' addresses; SYNs to the same port do, also those of `paths`.
fn with_routers(location: Location, syns: &Trace, paths: &[&Path]) -> Location {
    let same_port = views(paths, syns.address).filter(|view| view.0.port == syns.port);
    let syns: Vec<HopView<'_>> = std::iter::once(HopView(syns)).chain(same_port).collect();
    let router = |ttl: u8| syns.iter().find_map(|view| view.router(ttl));
    let next = location.next.map(|next| NextHop { address: next.address.or_else(|| router(next.hop)), ..next });
    Location { address: router(location.hop), next, ..location }
}

/// The hellos as if they were SYNs.
fn trace(syns: &Trace, hellos: &HelloTrace) -> Trace {
    let probes = hellos.probes.iter().filter_map(|probe| {
        let answer = match probe.answer {
            HopAnswer::TimeExceeded => ProbeAnswer::TimeExceeded { from: None },
            HopAnswer::ServerHello => ProbeAnswer::SynAck,
            HopAnswer::Refused => ProbeAnswer::Reset,
            HopAnswer::Silent => ProbeAnswer::Silent,
            HopAnswer::NotSent => return None,
        };
        Some(PathProbe { ttl: probe.ttl, flow: probe.flow, sent_ms: probe.sent_ms, round_trip_ms: None, answer })
    });
    let Trace { packets, address, port, .. } = *syns;
    Trace { packets, address, port, probes: probes.collect(), answer_ttl: None }
}
