//! WHERE on the path a port is stopped: never more place than was seen. Who drops a packet that it should forward looks
//! like who never lets it in at the next hop, so both are named; hubs have edges of their own, so near the hub nobody else
//! is accused.

mod address;
mod hops;
mod name;

use std::net::IpAddr;

use super::{Location, NextHop, attempt_context::AttemptContext, peer::Peer};
use crate::observation::{Path, ProbeAnswer, Trace, hops_taken, kind};
pub(super) use address::{AddressSilence, address_reset, address_silence};
use hops::HopView;
pub(super) use name::{hello_drop, name_filter};

/// So many hops before the hub, what answers in its stead may be its own edge: a load balancer, an address translator.
const EDGE: i16 = 2;

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

/// Where SYNs that nobody answers end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Silence {
    /// Between these hops, both included.
    At {
        location: Location,
        /// Whether the hub itself is among them.
        or_the_hub: bool,
    },
    /// Behind all that the reference shows: with it nobody can be named.
    Beyond { last_router: u8 },
    /// There is nothing to compare with.
    NoReference { last_router: u8 },
    /// Some flows got further than others.
    AtOdds,
    /// Too little was answered.
    Unclear,
}

/// Where the SYNs of a port that drops them end. A stranger, where one answers at the reference, stands nearer than the hub, or
/// who knows where.
pub(super) fn silence(path: &Path, reference_is: Option<Peer>) -> Silence {
    let way = HopView(&path.failing);
    let last_router = way.last_router();
    if way.is_answered_otherwise() {
        return Silence::AtOdds;
    }
    let Some(reference) = comparable(path) else { return Silence::NoReference { last_router } };
    let end = reference.steadily(&ProbeAnswer::SynAck);
    let hub = end.filter(|_| reference_is != Some(Peer::Stranger));
    if way.is_at_odds(reference) || !way.is_the_same_up_to(reference, last_router) {
        return Silence::AtOdds;
    }
    if end.is_some_and(|end| last_router >= end) {
        return Silence::Beyond { last_router };
    }
    let furthest = end.unwrap_or(reference.last_router());
    let silent = (last_router.saturating_add(1)..=furthest).find(|ttl| reference.corroborates(way, *ttl));
    match silent {
        // From this machine to the hub is no place.
        Some(silent) if last_router == 0 && end == Some(silent) => Silence::Unclear,
        Some(silent) if way.flows() > 1 => {
            let or_the_hub = hub == Some(silent);
            let address = if or_the_hub { Some(path.failing.address) } else { reference.router(silent) };
            let location = Location {
                hop: last_router,
                address: way.router(last_router),
                next: Some(NextHop { hop: silent, address }),
                of: hub,
            };
            Silence::At { location, or_the_hub }
        }
        Some(_) => Silence::Unclear,
        None if end.is_none() => Silence::Beyond { last_router },
        None => Silence::Unclear,
    }
}

/// Whether a router answered SYNs to the port: they left this machine.
pub(super) fn left_this_machine(path: &Path) -> bool {
    HopView(&path.failing).last_router() > 0
}

/// Whoever answered packets of any kind towards the address of an attempt, with the hops that they were given.
pub(super) fn met_towards(context: AttemptContext<'_>) -> impl Iterator<Item = (u8, Option<IpAddr>)> {
    let to_port = context.all_shown::<kind::Path>().map(|path| &path.failing);
    let of_any_kind = context.all_shown::<kind::AddressPath>();
    let to_address =
        of_any_kind.flat_map(|observed| observed.ports.iter().map(|path| &path.failing).chain(&observed.others));
    let traces = to_port.chain(to_address).filter(move |trace: &&Trace| trace.address == context.address());
    traces.flat_map(|trace| &trace.probes).filter_map(|probe| match &probe.answer {
        ProbeAnswer::TimeExceeded { from } | ProbeAnswer::Icmp { from, .. } => Some((probe.ttl, *from)),
        ProbeAnswer::SynAck | ProbeAnswer::Reset | ProbeAnswer::Reply => Some((probe.ttl, None)),
        ProbeAnswer::Silent | ProbeAnswer::NotSent { .. } => None,
    })
}

/// How far away a RST comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ResetFrom {
    /// From clearly short of where a port that works answers.
    ShortOf { location: Location, from: u8, hub: u8 },
    /// From as far away as a port that works, there and back.
    AsFarAs { hub: u8 },
    /// From no further than who answers in the hub's place at a port that works.
    AStranger { location: Location, from: u8 },
    /// From the hub, or from so close to it that its own edge may have sent it.
    NearTheHub { location: Location, from: u8, hub: u8 },
    /// Nothing that can be compared.
    Unclear,
}

/// Where the RST of a port comes from, given who answers at the one that it is compared with.
pub(super) fn reset(path: &Path, reference_is: Option<Peer>) -> ResetFrom {
    let way = HopView(&path.failing);
    let Some(reference) = comparable(path) else { return ResetFrom::Unclear };
    let (Some(from), Some(hub)) = (way.steadily(&ProbeAnswer::Reset), reference.steadily(&ProbeAnswer::SynAck)) else {
        return ResetFrom::Unclear;
    };
    let last_router = from.saturating_sub(1);
    if from > hub || !way.is_the_same_up_to(reference, last_router) {
        return ResetFrom::Unclear;
    }
    let shorter = i16::from(hub) - i16::from(from);
    // How many hops less the RST took on its way back than the hub's answers, whichever TTL each was sent with.
    let back = match (path.failing.answer_ttl, path.reference.as_ref().and_then(|trace| trace.answer_ttl)) {
        (Some(own), Some(hubs)) => Some(i16::from(hops_taken(hubs)) - i16::from(hops_taken(own))),
        _ => None,
    };
    let address = if from == hub { Some(path.failing.address) } else { reference.router(from) };
    let next = Some(NextHop { hop: from, address });
    let location = Location { hop: last_router, address: way.router(last_router), next, of: Some(hub) };
    if reference_is == Some(Peer::Stranger) {
        return ResetFrom::AStranger { location: Location { of: None, ..location }, from };
    }
    if from == hub && back == Some(0) {
        return ResetFrom::AsFarAs { hub };
    }
    // A router that resets what it should forward lets the SYN run out of hops first: it is met at the next hop alone, and
    // only the way back tells it from that one.
    let sender_is_short_by = if back == Some(shorter + 1) { shorter + 1 } else { shorter };
    match sender_is_short_by > EDGE {
        true => ResetFrom::ShortOf { location, from, hub },
        false => ResetFrom::NearTheHub { location, from, hub },
    }
}

/// Where the sender of an ICMP error stands, where it also answered as a router.
pub(super) fn sender(path: &Path, sender: IpAddr) -> Option<Location> {
    let ways = [Some(HopView(&path.failing)), comparable(path)];
    let hop = ways.iter().flatten().find_map(|way| way.hop_of(sender))?;
    let hub = ways.iter().flatten().find_map(|way| way.steadily(&ProbeAnswer::SynAck));
    Some(Location { hop, address: Some(sender), next: None, of: hub.filter(|hub| *hub > hop) })
}

/// The last hop of an address that answered, and the hops to another address that works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ends {
    pub(super) hop: u8,
    pub(super) of: u8,
}

/// Where the SYNs to an address end, if clearly before the edge of the hub and on the path that those to another address
/// of it take.
pub(super) fn ends_before_the_hub(path: &Path) -> Option<Ends> {
    let (way, reference) = (HopView(&path.failing), HopView(path.reference.as_ref()?));
    let of = reference.steadily(&ProbeAnswer::SynAck)?;
    let hop = way.last_router();
    let witnessed = (hop.saturating_add(1)..=of).any(|ttl| reference.corroborates(way, ttl));
    let agree = !way.is_answered_otherwise() && !way.is_at_odds(reference) && way.is_the_same_up_to(reference, hop);
    (witnessed && agree && is_short(hop, of)).then_some(Ends { hop, of })
}

/// Whether what stands at a place, as far as one is known, cannot be the hub's own edge.
pub(super) fn is_clear_of_the_hub(location: Option<&Location>) -> bool {
    location.is_none_or(|location| location.next.is_none() || location.of.is_none_or(|of| is_short(location.hop, of)))
}

fn is_short(hop: u8, of: u8) -> bool {
    i16::from(of) - i16::from(hop) > EDGE
}

/// Where the handshakes of a port are completed, if before the hub, by every path that was traced.
pub fn completed_early(paths: &[&Path], address: IpAddr, port: u16) -> Option<Location> {
    early(paths, address, port).map(|early| early.location)
}

/// A TCP handshake that was completed too early for the hub to have done it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Early {
    pub(super) location: Location,
    pub(super) because: Because,
}

/// What shows that the hub is further away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Because {
    /// Another port of the same address answers at this hop.
    AnotherPort { hop: u8 },
    /// On the way to another port of it, routers answer up to this hop.
    Routers { hop: u8 },
    /// The address is on no link of this machine, and the first hop answers.
    NotOnLink,
}

/// Whether the handshakes of a port are completed before the hub, by what every traced path to the same address shows.
pub(super) fn early(paths: &[&Path], address: IpAddr, port: u16) -> Option<Early> {
    let hop = completed_at(paths, address, port)?;
    let others = || ways(paths, address).filter(|way| way.0.port != port);
    let early = |of, because| {
        let router = others().find_map(|way| way.router(hop));
        Some(Early { location: Location { hop, address: router, next: None, of }, because })
    };
    let hub = others().filter_map(|way| way.steadily(&ProbeAnswer::SynAck)).max();
    if let Some(hub) = hub.filter(|hub| i16::from(*hub) - i16::from(hop) >= EDGE) {
        return early(Some(hub), Because::AnotherPort { hop: hub });
    }
    let furthest = others().map(HopView::last_router).max().unwrap_or_default();
    if i16::from(furthest) - i16::from(hop) >= EDGE {
        return early(None, Because::Routers { hop: furthest });
    }
    // Gateways that set the TTL of what they forward let every packet arrive: their hub's answers come from further away.
    let comes_from_there = || {
        let own = ways(paths, address).filter(|way| way.0.port == port);
        own.filter_map(|way| way.0.answer_ttl).any(|ttl| hops_taken(ttl) == 0)
    };
    match (hop, is_on_link(paths, address)) {
        (1, Some(false)) if comes_from_there() => early(None, Because::NotOnLink),
        _ => None,
    }
}

/// Whether the handshakes of a port are completed as far away as those of another port, or where they must be.
pub(super) fn answers_from_the_hub(paths: &[&Path], address: IpAddr, port: u16) -> bool {
    let Some(hop) = completed_at(paths, address, port) else { return false };
    let others = ways(paths, address).filter(|way| way.0.port != port);
    let furthest = others.filter_map(|way| way.steadily(&ProbeAnswer::SynAck)).max();
    match (hop, is_on_link(paths, address)) {
        (1, on_link) => on_link == Some(true),
        _ => furthest.is_some_and(|furthest| hop >= furthest),
    }
}

fn completed_at(paths: &[&Path], address: IpAddr, port: u16) -> Option<u8> {
    ways(paths, address).filter(|way| way.0.port == port).find_map(|way| way.steadily(&ProbeAnswer::SynAck))
}

fn is_on_link(paths: &[&Path], address: IpAddr) -> Option<bool> {
    paths.iter().find(|path| path.failing.address == address)?.on_link
}

fn ways<'a>(paths: &[&'a Path], address: IpAddr) -> impl Iterator<Item = HopView<'a>> {
    let both = paths.iter().flat_map(|path| std::iter::once(&path.failing).chain(&path.reference));
    both.filter(move |trace| trace.address == address).map(HopView)
}

/// The reference, where it is a port of the same address.
fn comparable(path: &Path) -> Option<HopView<'_>> {
    path.reference.as_ref().filter(|trace| trace.address == path.failing.address).map(HopView)
}
