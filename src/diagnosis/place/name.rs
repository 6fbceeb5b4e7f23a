//! Where the hub's name in a hello is stopped: the same reading as of SYNs, one layer up.

use super::{ResetFrom, Silence, reset, silence, way::Way};
use crate::{
    diagnosis::Location,
    observation::{HelloPath, HelloTrace, HopAnswer, Path, PathProbe, ProbeAnswer, Trace},
};

/// Between which hops hellos with the hub's name end while those with another go on.
pub(in crate::diagnosis) fn name_filter(seen: &HelloPath) -> Option<Location> {
    let path = Path { on_link: None, failing: trace(seen, &seen.own), reference: Some(trace(seen, &seen.other)) };
    match path.failing.probes.iter().any(|probe| probe.answer == ProbeAnswer::Reset) {
        true => match reset(&path) {
            ResetFrom::ShortOf { location, .. } | ResetFrom::NearTheHub { location, .. } => Some(location),
            ResetFrom::AsFarAs { .. } | ResetFrom::Unclear => None,
        },
        false => match silence(&path) {
            Silence::At { location, .. } => Some(location),
            _ => None,
        },
    }
}

/// Hellos as if they were SYNs. Where their hops run out, the SYNs of the same port name the router.
fn trace(seen: &HelloPath, hellos: &HelloTrace) -> Trace {
    let routers = Way(&seen.path);
    let probes = hellos.probes.iter().filter_map(|probe| {
        let answer = match probe.answer {
            HopAnswer::TimeExceeded => ProbeAnswer::TimeExceeded { from: routers.router(probe.ttl) },
            HopAnswer::ServerHello => ProbeAnswer::SynAck,
            HopAnswer::Refused => ProbeAnswer::Reset,
            HopAnswer::Silent => ProbeAnswer::Silent,
            HopAnswer::NotSent => return None,
        };
        Some(PathProbe { ttl: probe.ttl, flow: probe.flow, sent_ms: probe.sent_ms, round_trip_ms: None, answer })
    });
    let Trace { address, port, .. } = seen.path;
    Trace { address, port, probes: probes.collect(), answer_ttl: None }
}
