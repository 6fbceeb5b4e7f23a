//! Where the hub's name in a hello is stopped: the same reading as of SYNs, one layer up.

use super::{
    early::ways,
    hops::HopView,
    range::{Location, NextHop},
    reset::{ResetFrom, reset},
    silence::{Silence, silence},
};
use crate::observation::{DroppedHello, HelloPath, HelloTrace, HopAnswer, Path, PathProbe, ProbeAnswer, Trace};

/// Between which hops hellos with the hub's name end while those with another go on.
pub(in crate::diagnosis) fn name_filter(observed: &HelloPath, paths: &[&Path]) -> Option<Location> {
    let failing = trace(&observed.path, &observed.own);
    let path = Path { on_link: None, failing, reference: Some(trace(&observed.path, &observed.other)) };
    let location = match path.failing.probes.iter().any(|probe| probe.answer == ProbeAnswer::Reset) {
        true => match reset(&path, None) {
            ResetFrom::ShortOf { location, .. } | ResetFrom::NearTheHub { location, .. } => Some(location),
            ResetFrom::AStranger { .. } | ResetFrom::AsFarAs { .. } | ResetFrom::Unclear => None,
        },
        false => match silence(&path, None) {
            Silence::At { location, .. } => Some(location),
            _ => None,
        },
    }?;
    Some(with_routers(location, &observed.path, paths))
}

/// Between which hops hellos end while SYNs to the same port go on.
pub(in crate::diagnosis) fn hello_drop(observed: &DroppedHello, paths: &[&Path]) -> Option<Location> {
    let failing = trace(&observed.path, &observed.hellos);
    let path = Path { on_link: None, failing, reference: Some(observed.path.clone()) };
    match silence(&path, None) {
        Silence::At { location, .. } => Some(with_routers(location, &observed.path, paths)),
        _ => None,
    }
}

/// Hellos name no router; the SYNs to the same port do, those of `paths` too.
fn with_routers(location: Location, syns: &Trace, paths: &[&Path]) -> Location {
    let same_port = ways(paths, syns.address).filter(|way| way.0.port == syns.port);
    let syns: Vec<HopView<'_>> = std::iter::once(HopView(syns)).chain(same_port).collect();
    let router = |ttl: u8| syns.iter().find_map(|way| way.router(ttl));
    let next = location.next.map(|next| NextHop { address: next.address.or_else(|| router(next.hop)), ..next });
    Location { address: router(location.hop), next, ..location }
}

/// Hellos as if they were SYNs.
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
