//! Where the hub's name in a hello is stopped: the same reading as of SYNs, one layer up.

use super::{ResetFrom, Silence, reset, silence, way::Way};
use crate::{
    diagnosis::{Location, NextHop},
    observation::{HelloPath, HelloTrace, HopAnswer, Path, PathProbe, ProbeAnswer, Trace},
};

/// Between which hops hellos with the hub's name end while those with another go on. Routers are named by the SYNs of
/// `paths` to the same port.
pub(in crate::diagnosis) fn name_filter(seen: &HelloPath, paths: &[&Path]) -> Option<Location> {
    let Trace { address, port, .. } = seen.path;
    let same_port = super::ways(paths, address).filter(|way| way.0.port == port);
    let syns: Vec<Way<'_>> = std::iter::once(Way(&seen.path)).chain(same_port).collect();
    let router = |ttl: u8| syns.iter().find_map(|way| way.router(ttl));
    let path = Path { on_link: None, failing: trace(seen, &seen.own), reference: Some(trace(seen, &seen.other)) };
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
    let next = location.next.map(|next| NextHop { address: next.address.or_else(|| router(next.hop)), ..next });
    Some(Location { address: router(location.hop), next, ..location })
}

/// Hellos as if they were SYNs.
fn trace(seen: &HelloPath, hellos: &HelloTrace) -> Trace {
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
    let Trace { packets, address, port, .. } = seen.path;
    Trace { packets, address, port, probes: probes.collect(), answer_ttl: None }
}
