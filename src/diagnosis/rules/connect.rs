//! The TCP handshake failed.

use std::net::IpAddr;

use super::icmp::{Blame, IcmpError};
use crate::{
    diagnosis::{
        Code, Owner,
        cause::{Cause, spoken},
        judgement::Judgement,
        scene::{Reference, Scene},
    },
    observation::ConnectFailure,
};

/// A system that has no route says so without sending anything: later than this, the network said it, in an ICMP error
/// that the system did not hand on.
const AT_ONCE_MS: f64 = 100.0;

pub(super) fn failed(scene: Scene<'_>, failure: &ConnectFailure, duration_ms: f64) -> Judgement {
    let (address, port) = (scene.attempt.address, scene.check.port);
    match failure {
        ConnectFailure::TimedOut { retransmits } => dropped(scene, *retransmits, duration_ms),
        ConnectFailure::Refused { icmp_ruled_out } => refused(address, port, *icmp_ruled_out, duration_ms),
        ConnectFailure::Icmp { icmp_type, code, offender, from_this_machine } => {
            let error = IcmpError { icmp_type: *icmp_type, code: *code, v6: address.is_ipv6() };
            if *from_this_machine { rejected_here(scene, error) } else { rejected(scene, error, *offender) }
        }
        ConnectFailure::NoRoute => no_route(address, port, duration_ms),
        ConnectFailure::Local { errno } => {
            let cause = Cause::confirmed(Code::LocalBlock)
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

fn dropped(scene: Scene<'_>, retransmits: Option<u32>, duration_ms: f64) -> Judgement {
    let (address, port) = (scene.attempt.address, scene.check.port);
    let took = spoken(duration_ms);
    let syns = match retransmits {
        Some(0) => "1 SYN".to_owned(),
        Some(again) => format!("{} SYNs", u64::from(again) + 1),
        None => "SYNs".to_owned(),
    };
    let cause = match scene.reference() {
        // A rule on this machine that drops what it sends looks the same to a socket.
        Reference::Answers(other) => Cause::likelier_than(Code::SilentDrop, Code::LocalBlock)
            .detail("reference_port", other)
            .seen(format!("the same address, {address}, answers on port {other}")),
        Reference::NoneAnswers => Cause::possible(Code::SilentDrop, &[Code::LocalBlock])
            .mended_by(
                "Find out first whether anything at all reaches {host} from here; if so, allow outbound TCP {ports} to it \
                 (by name; its address can change).",
            )
            .seen(format!("no other port of {address} answers either: the address itself may be out of reach")),
        Reference::NoneTried => Cause::possible(Code::SilentDrop, &[Code::LocalBlock])
            .seen(format!("no other port of {address} was tried, so nothing shows that it can be reached at all")),
    };
    let cause = match retransmits {
        Some(again) => cause.detail("syns", u64::from(again) + 1),
        None => cause,
    };
    // Without a path no firewall on it can be blamed.
    let cause = if address.is_loopback() {
        cause.owner(Owner::Operator).mended_by(
            "Look on this machine itself: its own firewall, or the program that listens on TCP {ports} and takes no \
             more connections.",
        )
    } else {
        cause
    };
    let cause = cause.seen(format!("{syns} to {address} port {port} unanswered in {took}, on two connections"));
    Judgement::blocked(format!("silently dropped: {syns}, no answer in {took}"), cause)
}

fn refused(address: IpAddr, port: u16, icmp_ruled_out: bool, duration_ms: f64) -> Judgement {
    let cause = match (address.is_loopback(), icmp_ruled_out) {
        (true, _) => Cause::confirmed(Code::PortClosed)
            .mended_by("Start the program that is to listen on TCP {ports} of this machine.")
            .seen("a loopback address: there is no path on which a firewall could stand"),
        (false, true) => Cause::possible(Code::PortClosed, &[Code::TcpReset]),
        (false, false) => Cause::possible(Code::PortClosed, &[Code::TcpReset, Code::IcmpReject])
            .seen("this system does not tell a reset from an ICMP error"),
    };
    let cause = cause.seen(format!("{address} port {port} refused the connection after {}", spoken(duration_ms)));
    let words = match (address.is_loopback(), icmp_ruled_out) {
        (true, _) => "refused: nothing listens there",
        (false, true) => "refused: a TCP reset answers",
        (false, false) => "refused",
    };
    Judgement::blocked(words, cause)
}

fn rejected(scene: Scene<'_>, error: IcmpError, offender: Option<IpAddr>) -> Judgement {
    let (address, port) = (scene.attempt.address, scene.check.port);
    let sender = offender.map_or_else(|| "a router on the path".to_owned(), |offender| offender.to_string());
    let name = error.name();
    let cause = if offender.is_some() { Cause::confirmed(Code::IcmpReject) } else { Cause::likely(Code::IcmpReject) };
    let cause = cause
        .fact("icmp", name.as_str())
        .fact("icmp_type", error.icmp_type)
        .fact("icmp_code", error.code)
        .fact("offender", offender.map(|offender| offender.to_string()))
        .seen(format!("a SYN to {address} port {port} was answered by {sender} with ICMP {name}"));
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
    Judgement::blocked(format!("rejected by {sender}: {name}"), cause)
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
    let cause =
        Cause::confirmed(Code::LocalBlock).fact("errno", format!("ICMP {name}, from its own address")).seen(seen);
    Judgement::blocked("rejected by this machine's own firewall", cause)
}

fn no_route(address: IpAddr, port: u16, duration_ms: f64) -> Judgement {
    if duration_ms >= AT_ONCE_MS {
        let cause = Cause::possible(Code::IcmpReject, &[Code::AddressFamilyUnavailable])
            .owner(Owner::NetworkAdmin)
            .seen(format!(
                "connecting to {address} port {port} failed as unreachable after {}: too late for this machine's own \
                 routes, so something on the way must have said so",
                spoken(duration_ms)
            ));
        return Judgement::blocked("unreachable, as something on the way says", cause);
    }
    let family = if address.is_ipv6() { "IPv6" } else { "IPv4" };
    let cause = Cause::confirmed(Code::AddressFamilyUnavailable)
        .fact("family", family)
        .seen(format!("this machine has no route to {address}: refused at once, nothing was sent"));
    Judgement::no_route(format!("this machine has no {family} route"), cause)
}
