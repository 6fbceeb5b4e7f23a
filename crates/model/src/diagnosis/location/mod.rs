//! Where on the path a port is stopped, never more precisely than was measured. A device that drops a packet when
//! forwarding looks like the next device dropping it on arrival, so both are named. Hubs have edges of their own, so
//! near the hub no one else is accused.

mod address;
mod early;
mod hello;
mod hops;
mod range;
mod reset;
mod silence;

use crate::observation::{Path, ProbeAnswer};
pub(super) use address::{AddressSilence, address_reset, address_silence};
pub use early::completed_early;
pub(super) use early::{EarlyHandshake, EarlyProof, answers_from_hub_distance, early_handshake};
pub(super) use hello::{hello_drop, name_filter};
pub(super) use range::is_clear_of_hub_edge;
pub use range::{Location, NextHop};
pub(super) use reset::{ResetOrigin, reset, sender};
pub(super) use silence::{PathEnd, Silence, ends_short_of_hub, left_this_machine, silence};

/// Where on a path the failing port is stopped, if known.
pub fn locate(path: &Path) -> Option<Location> {
    let answers = || path.failing.probes.iter().map(|probe| &probe.answer);
    let rejecter = answers().find_map(|answer| match answer {
        ProbeAnswer::Icmp { from, .. } => *from,
        _ => None,
    });
    if let Some(rejecter) = rejecter {
        return sender(path, rejecter);
    }
    if answers().any(|answer| *answer == ProbeAnswer::Reset) {
        return match reset(path, None) {
            ResetOrigin::ShortOfHub { location, .. } | ResetOrigin::NearHub { location, .. } => Some(location),
            ResetOrigin::AtStranger { .. } | ResetOrigin::AsFarAsHub { .. } | ResetOrigin::Unclear => None,
        };
    }
    match silence(path, None) {
        Silence::At { location, .. } => Some(location),
        _ => None,
    }
}
