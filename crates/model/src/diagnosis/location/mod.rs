//! WHERE on the path a port is stopped: never more place than was seen. Who drops a packet that it should forward looks
//! like who never lets it in at the next hop, so both are named; hubs have edges of their own, so near the hub nobody else
//! is accused.

mod address;
mod early;
mod hops;
mod name;
mod range;
mod reset;
mod silence;

use crate::observation::{Path, ProbeAnswer};
pub(super) use address::{AddressSilence, address_reset, address_silence};
pub use early::completed_early;
pub(super) use early::{Because, Early, answers_from_the_hub, early};
pub(super) use name::{hello_drop, name_filter};
pub(super) use range::is_clear_of_the_hub;
pub use range::{Location, NextHop};
pub(super) use reset::{ResetFrom, reset, sender};
pub(super) use silence::{Ends, Silence, ends_before_the_hub, left_this_machine, silence};

/// Where on a path the failing port is stopped, as far as that can be said.
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
            ResetFrom::ShortOf { location, .. } | ResetFrom::NearTheHub { location, .. } => Some(location),
            ResetFrom::AStranger { .. } | ResetFrom::AsFarAs { .. } | ResetFrom::Unclear => None,
        };
    }
    match silence(path, None) {
        Silence::At { location, .. } => Some(location),
        _ => None,
    }
}
