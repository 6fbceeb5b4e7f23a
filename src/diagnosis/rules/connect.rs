//! The TCP handshake failed.

use std::net::IpAddr;

use super::{
    dropped::dropped,
    icmp::{Blame, IcmpError},
    refused::refused,
};
use crate::{
    diagnosis::{
        Code, Confidence, Location, Owner,
        cause::{Cause, spoken},
        judgement::Judgement,
        place,
        scene::{Reference, Scene},
    },
    observation::{ConnectFailure, kind},
};

pub(super) fn failed(scene: Scene<'_>, failure: &ConnectFailure, duration_ms: f64) -> Judgement {
    let (address, port) = (scene.attempt.address, scene.check.port);
    match failure {
        ConnectFailure::TimedOut { retransmits } => match no_way(scene) {
            // Routers say such things only so many times a second; the others of a burst get no answer.
            Some((error, offender)) => {
                let seen =
                    format!("SYNs to {address} port {port} got no answer at all, as when such errors are rationed");
                let judgement = rejected(scene, error, Some(offender), seen);
                let likely = |cause: Cause| Cause { confidence: Confidence::Likely, ..cause };
                Judgement { causes: judgement.causes.into_iter().map(likely).collect(), ..judgement }
            }
            None => dropped(scene, *retransmits, duration_ms),
        },
        ConnectFailure::Refused { icmp_ruled_out } => refused(scene, *icmp_ruled_out, duration_ms),
        ConnectFailure::Icmp { icmp_type, code, offender, from_this_machine } => {
            let error = IcmpError { icmp_type: *icmp_type, code: *code, v6: address.is_ipv6() };
            match from_this_machine {
                true => rejected_here(scene, error),
                false => {
                    let (sender, name) = (sender(*offender), error.name());
                    let seen = format!("a SYN to {address} port {port} was answered by {sender} with ICMP {name}");
                    rejected(scene, error, *offender, seen)
                }
            }
        }
        ConnectFailure::Unreachable => unreachable(address, port, duration_ms),
        ConnectFailure::NoRoute => no_route(address),
        ConnectFailure::Local { errno } => {
            let cause = Cause::confirmed(Code::LocalBlock)
                .located(Some(Location::THIS_MACHINE))
                .fact("errno", errno.as_str())
                .seen(format!("connecting to {address} port {port} failed at once with: {errno}"));
            Judgement::blocked(format!("stopped by this machine itself: {errno}"), cause)
        }
        ConnectFailure::NoResources { message } => {
            Judgement::unknown(format!("this machine lacks a resource: {message}"))
        }
        ConnectFailure::Other { message } => Judgement::unknown(format!("connecting failed: {message}")),
    }
}

/// What a router said of another port of the same address, where it spoke of the address as a whole and no port of it answers.
fn no_way(scene: Scene<'_>) -> Option<(IcmpError, IpAddr)> {
    if scene.reference() != Reference::NoneAnswers {
        return None;
    }
    let attempts = scene.seen.checks.iter().flat_map(|check| &check.attempts);
    attempts.filter(|other| other.address == scene.attempt.address).find_map(|other| match other.connect.failure()? {
        ConnectFailure::Icmp { icmp_type, code, offender: Some(offender), from_this_machine: false } => {
            let error = IcmpError { icmp_type: *icmp_type, code: *code, v6: other.address.is_ipv6() };
            error.is_of_the_whole_address().then_some((error, *offender))
        }
        _ => None,
    })
}

fn sender(offender: Option<IpAddr>) -> String {
    offender.map_or_else(|| "a router on the path".to_owned(), |offender| offender.to_string())
}

fn rejected(scene: Scene<'_>, error: IcmpError, offender: Option<IpAddr>, seen: String) -> Judgement {
    let address = scene.attempt.address;
    let (sender, name) = (sender(offender), error.name());
    let cause = if offender.is_some() { Cause::confirmed(Code::IcmpReject) } else { Cause::likely(Code::IcmpReject) };
    let cause = cause
        .fact("icmp", name.as_str())
        .fact("icmp_type", error.icmp_type)
        .fact("icmp_code", error.code)
        .fact("offender", offender.map(|offender| offender.to_string()))
        .seen(seen);
    let cause = match error.blame() {
        Blame::Policy => cause,
        Blame::Port if offender == Some(address) => cause
            .owner(Owner::HubOwner)
            .mended_by("Let {host} offer TCP {ports}: its own address rejects it.")
            .seen("the sender is the hub's own address"),
        Blame::Port => cause,
        Blame::Routing => cause.owner(Owner::NetworkAdmin).mended_by(
            "Find out why {offender} answers \"{icmp}\" to TCP {ports} of {host}: a route is missing there, or the \
             machine behind it is down.",
        ),
    };
    let location = scene.shown::<kind::Path>().zip(offender).and_then(|(path, offender)| place::sender(path, offender));
    let hop = location.as_ref().map(|location| format!(" (hop {})", location.hop)).unwrap_or_default();
    Judgement::blocked(format!("rejected by {sender}{hop}: {name}"), cause.located(location))
}

/// An ICMP error whose sender is this machine: its own firewall, or a neighbour that does not answer.
fn rejected_here(scene: Scene<'_>, error: IcmpError) -> Judgement {
    let (address, port) = (scene.attempt.address, scene.check.port);
    let name = error.name();
    let seen = format!("a SYN to {address} port {port} was answered by this machine's own address with ICMP {name}");
    if error.is_a_dead_neighbour() {
        let cause = Cause::confirmed(Code::IcmpReject)
            .owner(Owner::NetworkAdmin)
            .titled("The next device on the way to {host}, usually the gateway, does not answer on the link")
            .mended_by(
                "Check the cable or radio link, and that the gateway of this machine is up and in the same network.",
            )
            .fact("icmp", name.as_str())
            .fact("icmp_type", error.icmp_type)
            .fact("icmp_code", error.code)
            .seen(seen)
            .seen("that is how a system reports that nobody answered its ARP or neighbour discovery");
        return Judgement::blocked("the next device on the link does not answer", cause);
    }
    let cause = Cause::confirmed(Code::LocalBlock)
        .located(Some(Location::THIS_MACHINE))
        .fact("errno", format!("ICMP {name}, from its own address"))
        .seen(seen);
    Judgement::blocked("rejected by this machine's own firewall", cause)
}

/// The network says so in an ICMP error that the system did not hand on.
fn unreachable(address: IpAddr, port: u16, duration_ms: f64) -> Judgement {
    let cause = Cause::possible(Code::IcmpReject, &[Code::AddressFamilyUnavailable])
        .owner(Owner::NetworkAdmin)
        .seen(format!(
            "connecting to {address} port {port} failed as unreachable after {}: something on the way must have said so, and              this system does not tell who",
            spoken(duration_ms)
        ));
    Judgement::blocked("unreachable, as something on the way says", cause)
}

fn no_route(address: IpAddr) -> Judgement {
    let family = if address.is_ipv6() { "IPv6" } else { "IPv4" };
    let cause = Cause::confirmed(Code::AddressFamilyUnavailable)
        .fact("family", family)
        .seen(format!("this machine has no route to {address}: refused at once, nothing was sent"));
    Judgement::no_route(format!("this machine has no {family} route"), cause)
}
