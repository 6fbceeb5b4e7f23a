//! The TCP handshake failed.

use std::net::IpAddr;

use crate::{
    diagnosis::{
        Code, Owner,
        cause::{Cause, spoken},
        judgement::{Judgement, Reach},
        scene::Scene,
    },
    observation::ConnectFailure,
};

pub(super) fn failed(scene: Scene<'_>, failure: &ConnectFailure, duration_ms: f64) -> Judgement {
    let (address, port) = (scene.attempt.address, scene.check.port);
    match failure {
        ConnectFailure::TimedOut { retransmits } => dropped(scene, *retransmits, duration_ms),
        ConnectFailure::Refused { icmp_ruled_out } => refused(address, port, *icmp_ruled_out, duration_ms),
        ConnectFailure::Icmp { icmp_type, code, offender, from_this_machine } => {
            let error = IcmpError { icmp_type: *icmp_type, code: *code, v6: address.is_ipv6() };
            rejected(scene, error, *offender, *from_this_machine)
        }
        ConnectFailure::NoRoute => {
            let family = if address.is_ipv6() { "IPv6" } else { "IPv4" };
            let cause = Cause::confirmed(Code::AddressFamilyUnavailable)
                .fact("family", family)
                .seen(format!("this machine has no route to {address}: refused at once, nothing was sent"));
            Judgement {
                reach: Reach::NoRoute,
                ..Judgement::blocked(format!("this machine has no {family} route"), cause)
            }
        }
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
    let syns = retransmits.map_or_else(|| "SYNs".to_owned(), |again| format!("{} SYNs", again.saturating_add(1)));
    let cause = match scene.answering_port() {
        Some(reference) => Cause::likely(Code::SilentDrop).seen(format!("{address} answers on port {reference}")),
        None => Cause::possible(Code::SilentDrop, &[Code::LocalBlock])
            .seen(format!("no other port of {address} answers either")),
    };
    let cause = cause.seen(format!(
        "{syns} to {address} port {port} unanswered in {}, a second connection too",
        spoken(duration_ms)
    ));
    Judgement::blocked(format!("silently dropped: {syns}, no answer"), cause)
}

fn refused(address: IpAddr, port: u16, icmp_ruled_out: bool, duration_ms: f64) -> Judgement {
    let cause = match (address.is_loopback(), icmp_ruled_out) {
        (true, _) => Cause::confirmed(Code::PortClosed)
            .seen("a loopback address: there is no path on which a firewall could stand"),
        (false, true) => Cause::possible(Code::PortClosed, &[Code::TcpReset]),
        (false, false) => Cause::possible(Code::PortClosed, &[Code::TcpReset, Code::IcmpReject])
            .seen("this system does not tell a reset from an ICMP error"),
    };
    let cause = cause.seen(format!("{address} port {port} refused the connection after {}", spoken(duration_ms)));
    let words = if address.is_loopback() { "refused: nothing listens there" } else { "refused: a TCP reset answers" };
    Judgement::blocked(words, cause)
}

fn rejected(scene: Scene<'_>, error: IcmpError, offender: Option<IpAddr>, from_this_machine: bool) -> Judgement {
    let (address, port) = (scene.attempt.address, scene.check.port);
    let sender = offender.map_or_else(|| "a router on the path".to_owned(), |offender| offender.to_string());
    let name = error.name();
    let seen = format!("a SYN to {address} port {port} was answered by {sender} with ICMP {name}");
    if from_this_machine && !error.is_a_dead_neighbour() {
        let cause =
            Cause::confirmed(Code::LocalBlock).fact("errno", format!("ICMP {name} from its own address")).seen(seen);
        return Judgement::blocked("rejected by this machine's own firewall", cause);
    }
    let cause = if offender.is_some() { Cause::confirmed(Code::IcmpReject) } else { Cause::likely(Code::IcmpReject) };
    let cause =
        cause.fact("icmp", name.as_str()).fact("icmp_type", error.icmp_type).fact("icmp_code", error.code).seen(seen);
    let cause = match offender {
        Some(offender) => cause.fact("offender", offender.to_string()),
        None => cause,
    };
    let cause = if from_this_machine {
        cause.owner(Owner::NetworkAdmin).seen(
            "the sender is this machine itself: the next device, usually the gateway, does not answer on the link",
        )
    } else if error.is_routing() {
        cause.owner(Owner::NetworkAdmin)
    } else if offender == Some(address) {
        cause.owner(Owner::HubOwner).seen("the sender is the hub's own address")
    } else {
        cause
    };
    Judgement::blocked(format!("rejected by {sender}: {name}"), cause)
}

/// An ICMP (RFC 792, RFC 1812 section 5.2.7.1) or ICMPv6 (RFC 4443 section 3.1) error.
#[derive(Clone, Copy)]
struct IcmpError {
    icmp_type: u8,
    code: u8,
    v6: bool,
}

impl IcmpError {
    fn name(self) -> String {
        let name = match (self.v6, self.icmp_type, self.code) {
            (false, 3, 0) => "network unreachable",
            (false, 3, 1) => "host unreachable",
            (false, 3, 2) => "protocol unreachable",
            (false, 3, 3) => "port unreachable",
            (false, 3, 9) => "network administratively prohibited",
            (false, 3, 10) => "host administratively prohibited",
            (false, 3, 13) | (true, 1, 1) => "administratively prohibited",
            (true, 1, 0) => "no route to destination",
            (true, 1, 3) => "address unreachable",
            (true, 1, 4) => "port unreachable",
            (true, 1, 5) => "source address failed policy",
            (true, 1, 6) => "reject route to destination",
            (false, 11, _) | (true, 3, _) => "time exceeded",
            (_, icmp_type, code) => return format!("type {icmp_type} code {code}"),
        };
        name.to_owned()
    }

    /// Routing, or a machine that is down, rather than somebody's policy.
    fn is_routing(self) -> bool {
        matches!(
            (self.v6, self.icmp_type, self.code),
            (false, 3, 0 | 1) | (false, 11, _) | (true, 1, 0 | 3) | (true, 3, _)
        )
    }

    /// What this machine tells itself when the next device on the link does not answer ARP or neighbour discovery.
    fn is_a_dead_neighbour(self) -> bool {
        matches!((self.v6, self.icmp_type, self.code), (false, 3, 1) | (true, 1, 3))
    }
}
