//! Nothing answers the SYNs: who drops them, and where.

mod observed;

use std::net::IpAddr;

use serde::Serialize;

use self::observed::Observed;
use super::{
    container_forwarding::{self, EngineGateway},
    local_block::{self, KernelVerdict},
};
use crate::{
    diagnosis::{
        Code, Entry, Forgery, Location, Owner, Severity,
        attempt_context::AttemptContext,
        attempt_verdict::AttemptVerdict,
        cause_kind::CauseKind,
        comparisons::Reference,
        egress,
        location::{self, AddressSilence, Silence},
        nat,
        occurrence::Occurrence,
        phrases,
        remedy::Remedy,
        scope::Scope,
        text::{clipped, duration_in_sentence},
        unanswered_syns::UnansweredSyns,
    },
    observation::{ConnectFailure, Interface, Path, Stage, kind},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct SilentDrop {
    /// How many SYNs one connection sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    syns: Option<u64>,
    /// A port of the same address that answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference_port: Option<u16>,
    /// This machine's own tunnel that carries the packets.
    #[serde(skip_serializing_if = "Option::is_none")]
    tunnel: Option<String>,
    #[serde(skip)]
    dropper: Dropper,
}

/// Who may drop them.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum Dropper {
    /// A device on the path.
    #[default]
    Path,
    /// A device between a router far from the hub and the hub, including the hub's own firewall.
    PathOrHub,
    /// The last router before the hub, or the hub.
    NearHub,
    /// Only the hub: it is on a link of this machine.
    Hub,
    /// Perhaps no one: the address may be unreachable.
    AddressUnreachable,
    /// The same, with a router that translates addresses.
    BehindNat,
    /// The tunnel that carries them, or the network beyond it.
    Tunnel,
    /// The host of this container, which has this gateway address, its engine, or the network right after it.
    ContainerHost(IpAddr),
    /// This machine: it has the address, so there is no path.
    ThisMachine,
}

impl CauseKind for SilentDrop {
    const ENTRY: Entry = Entry {
        stage: Stage::Connect,
        severity: Severity::Error,
        owner: Owner::FirewallOwner,
        forgery: Forgery::OnlyTheAccused,
        explanation: "The first packets of the connection (SYN) were sent several times, on two connections, and nothing came \
            back. Firewalls do this by default to what their rules do not allow, and a tunnel (VPN) whose other end is gone does \
            it to everything.",
        proof: "Repeated SYNs without an answer, and the place on the path where they vanish: packets that may take only a few \
            hops are answered by the routers where these run out, up to one, while those to a port that works are answered by \
            the hops behind it too, before and after. Who drops what it should forward looks like who never lets it in at the \
            next hop: both are named. No place is claimed where several tries disagree (load balancing), where the two ports \
            take different paths, or behind a port that works only because a box answers for it. Routers that do not answer, \
            or limit how often they do, make the place less precise. Where they vanish between the last router and the hub it \
            is `possible`, and the hub's owner is asked first: a service that hangs looks the same. Where no port of the \
            address answers, UDP and ICMP show the path: if they go on where SYNs end, it is `likely` there; if they end \
            there too, it is `possible`, there or further on. Where the packets leave by a tunnel of this machine's, and \
            nothing at all came back through it, it is `possible`, and the tunnel is looked at first. Without a place it is \
            `likely` where another port of the same address answers, the path was looked for, and the packets are known to have \
            left this machine; else `possible`. A place needs Linux, or a Windows that tells ICMP errors.",
    };

    fn title(&self, scope: &Scope) -> String {
        match self.dropper {
            Dropper::Tunnel => {
                format!("Nothing comes back through {}, by which packets to {} leave", self.tunnel(), scope.host())
            }
            _ => format!("Outbound {} silently dropped", scope.tcp_is()),
        }
    }

    fn fix(&self, scope: &Scope) -> String {
        let (host, tcp, at) = (scope.host(), scope.tcp(), scope.at_location());
        match self.dropper {
            Dropper::Path | Dropper::AddressUnreachable => Remedy::open(scope, &at),
            Dropper::PathOrHub => {
                let peer = scope.peer();
                let open = Remedy::open(scope, &at);
                format!("{open} A firewall of {peer}'s own may be what drops it: ask those who run {peer} too.")
            }
            Dropper::NearHub => format!(
                "Check the service on {tcp}, and {}'s own firewall. If both are in order, a firewall on the way is left: {}",
                scope.peer(),
                Remedy::open(scope, &at)
            ),
            Dropper::Hub => format!(
                "Look at {host} itself first: its own firewall, or a service on {tcp} that takes no more connections. Between it \
                 and this machine stand a switch or an access point at most."
            ),
            Dropper::BehindNat => format!(
                "Restart the router that translates addresses (NAT), or look at its table: one that is full or stale lets \
                 nothing new out. If other devices behind it reach the hub's network: allow outbound {tcp} to {host}{at}."
            ),
            Dropper::Tunnel => format!(
                "Look at {} first: whether its other end is up, and whether packets to {host} belong into it; if not, correct \
                 the routes of this machine that lead there. If other traffic comes back through it, whoever runs the network \
                 behind it must let {tcp} through.",
                self.tunnel()
            ),
            Dropper::ContainerHost(gateway) => format!(
                "Look on the machine that this container runs on, {gateway}: its FORWARD rules (DOCKER-USER, ufw, firewalld) and \
                 network policies for {tcp}. If hubreach fails there too, the network's firewall must let it out."
            ),
            Dropper::ThisMachine => format!(
                "Look on this machine itself: its own firewall, or the program that listens on {tcp} and takes no more \
                 connections."
            ),
        }
    }

    fn first_step(&self, scope: &Scope) -> Option<String> {
        match self.dropper {
            Dropper::AddressUnreachable => {
                Some(format!("Find out whether anything at all reaches {} from here.", scope.host()))
            }
            Dropper::BehindNat => {
                Some("Find out whether other devices behind the same router reach anything.".to_owned())
            }
            _ => None,
        }
    }

    fn remedy(&self) -> Remedy {
        match self.dropper {
            Dropper::Path => Remedy::Open,
            Dropper::PathOrHub | Dropper::NearHub | Dropper::AddressUnreachable | Dropper::BehindNat => {
                Remedy::OpenAfter
            }
            Dropper::Hub | Dropper::Tunnel | Dropper::ContainerHost(_) | Dropper::ThisMachine => Remedy::Own,
        }
    }

    fn is_same(&self, other: &Self) -> bool {
        (self.dropper, &self.tunnel) == (other.dropper, &other.tunnel)
    }

    fn merge(&mut self, other: &Self) {
        self.syns = self.syns.or(other.syns);
        self.reference_port = self.reference_port.or(other.reference_port);
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let ConnectFailure::TimedOut { retransmits } = context.attempt.connect.failure()? else { return None };
        let unanswered = UnansweredSyns::of(context, *retransmits);
        let left_machine = local_block::kernel_verdict(context) == KernelVerdict::Sends;
        let path_silence = context
            .first_result::<kind::Path>()
            .map(|path| (path, location::silence(path, context.reference_peer(path))));
        let syns = unanswered.syns();
        if let Some(tunnel) = egress::silent_tunnel(context).filter(|_| !context.is_this_machine()) {
            let (summary, occurrence) = in_tunnel(context, tunnel, left_machine, syns);
            return Some(AttemptVerdict::blocked(summary, occurrence.evidence(unanswered)));
        }
        let plain_summary = format!("silently dropped: no answer in {}", duration_in_sentence(unanswered.took_ms));
        let (summary, occurrence) = match path_silence {
            Some((path, Silence::At { location, or_the_hub })) => (
                format!("silently dropped at {}", phrases::located(&location)),
                stopped_at(context, path, (location, or_the_hub), left_machine, syns),
            ),
            None => by_other_packets(context, left_machine, syns)
                .unwrap_or_else(|| (plain_summary, without_location(context, left_machine, syns))),
            Some((path, _)) if path.on_link == Some(true) && !context.is_this_machine() => {
                (plain_summary, on_link(context, left_machine, syns))
            }
            Some((path, silence)) => (
                plain_summary,
                without_location(context, left_machine, syns)
                    .evidence(Observed::NoLocation { port: path.failing.port, silence }),
            ),
        };
        let unused =
            egress::unused_default_route(context).filter(|_| !matches!(context.reference(), Reference::Answers(_)));
        let occurrence = unused.into_iter().fold(occurrence, Occurrence::evidence);
        Some(AttemptVerdict::blocked(summary, occurrence.evidence(unanswered)))
    }
}

impl Dropper {
    fn unreachable_address(context: AttemptContext<'_>) -> Self {
        if nat::is_translated(context) { Self::BehindNat } else { Self::AddressUnreachable }
    }
}

impl SilentDrop {
    fn tunnel(&self) -> String {
        format!("the tunnel (VPN) {}", self.tunnel.as_deref().unwrap_or("INTERFACE"))
    }
}

/// Without a location: another port of the address decides how likely it is.
fn without_location(context: AttemptContext<'_>, left_machine: bool, syns: Option<u64>) -> Occurrence {
    let address = context.address();
    let is_this_machine = context.is_this_machine();
    let dropper = |dropper| if is_this_machine { Dropper::ThisMachine } else { dropper };
    let cause = |dropper, reference_port| SilentDrop { syns, reference_port, tunnel: None, dropper };
    // If nothing answers, the address may not be the hub's.
    let other = if left_machine { Code::DnsHijack } else { Code::LocalBlock };
    let occurrence = match context.reference() {
        Reference::Answers(port) => {
            let cause = cause(dropper(Dropper::Path), Some(port));
            let occurrence = match is_this_machine || context.was_traced() {
                true => suspected(cause, left_machine),
                // The hub's own firewall, or a service that takes no more connections, looks the same.
                false if left_machine => Occurrence::possible(cause, &[Code::PortClosed]),
                false => Occurrence::possible(cause, &[Code::LocalBlock, Code::PortClosed]),
            };
            occurrence.evidence(Observed::ReferenceAnswers { address, port })
        }
        Reference::NoneAnswered => {
            Occurrence::possible(cause(dropper(Dropper::unreachable_address(context)), None), &[other])
                .evidence(Observed::NoneAnswered { address })
        }
        Reference::NoneTried => Occurrence::possible(cause(dropper(Dropper::Path), None), &[other])
            .evidence(Observed::NoneTried { address }),
    };
    // Without a path, no firewall on it can be the cause.
    if is_this_machine { occurrence.owner(Owner::Operator) } else { occurrence }
}

/// On a link of this machine no firewall is in between: one of the two ends drops them.
fn on_link(context: AttemptContext<'_>, left_machine: bool, syns: Option<u64>) -> Occurrence {
    let address = context.address();
    let cause = |reference_port| SilentDrop { syns, reference_port, tunnel: None, dropper: Dropper::Hub };
    let others: &[Code] = if left_machine { &[Code::PortClosed] } else { &[Code::PortClosed, Code::LocalBlock] };
    let hubs = |reference_port| {
        let occurrence = Occurrence::possible(cause(reference_port), others);
        occurrence.owner(Owner::HubOwner).evidence(Observed::OnLink { address })
    };
    match context.reference() {
        Reference::Answers(port) => hubs(Some(port)).evidence(Observed::ReferenceAnswers { address, port }),
        Reference::NoneAnswered => hubs(None).evidence(Observed::NoneAnswered { address }),
        Reference::NoneTried => hubs(None),
    }
}

/// Through a tunnel from which nothing comes back: the other end may be down, or a device beyond it drops them.
fn in_tunnel(
    context: AttemptContext<'_>,
    tunnel: &Interface,
    left_machine: bool,
    syns: Option<u64>,
) -> (String, Occurrence) {
    let (address, name) = (context.address(), clipped(&tunnel.name));
    let other = if left_machine { Code::DnsHijack } else { Code::LocalBlock };
    let summary = format!("nothing comes back through the tunnel {name}");
    let observed = Observed::InTunnel { address, tunnel: name.clone() };
    let cause = SilentDrop { syns, reference_port: None, tunnel: Some(name), dropper: Dropper::Tunnel };
    let occurrence = Occurrence::possible(cause, &[other]).owner(Owner::Operator).evidence(observed);
    (summary, egress::unused_default_route(context).into_iter().fold(occurrence, Occurrence::evidence))
}

/// Unless the packets are known to have left, a rule on this machine that drops them looks the same.
fn suspected(cause: SilentDrop, left_machine: bool) -> Occurrence {
    match (left_machine, cause.dropper) {
        (true, _) => Occurrence::likely(cause),
        // Both are this machine's.
        (false, Dropper::ThisMachine) => Occurrence::likelier_than(cause, Code::LocalBlock),
        (false, _) => Occurrence::possible(cause, &[Code::LocalBlock]),
    }
}

/// With a location from packets of other kinds, if no port of the address answers.
fn by_other_packets(
    context: AttemptContext<'_>,
    left_machine: bool,
    syns: Option<u64>,
) -> Option<(String, Occurrence)> {
    let address = context.address();
    if context.reference() != Reference::NoneAnswered || context.is_this_machine() {
        return None;
    }
    let port = context.port();
    let cause = |dropper| SilentDrop { syns, reference_port: None, tunnel: None, dropper };
    // A packet that a router answers has left this machine.
    let or_here =
        |occurrence: Occurrence, router: u8| occurrence.or_possibly_if(!left_machine && router == 0, Code::LocalBlock);
    Some(match location::address_silence(context.first_result::<kind::AddressPath>()?) {
        AddressSilence::OnLink => {
            ("the hub, on this machine's own link, does not answer".to_owned(), on_link(context, left_machine, syns))
        }
        AddressSilence::At { location, or_the_hub } => {
            let observed = Observed::OtherPacketsGoOn { port, last_router: location.hop };
            let summary = format!("silently dropped at {}", phrases::located(&location));
            let occurrence = match or_the_hub {
                true => Occurrence::possible(cause(Dropper::NearHub), &[Code::PortClosed]).owner(Owner::HubOwner),
                false => Occurrence::likely(cause(Dropper::Path)),
            };
            (summary, or_here(occurrence, location.hop).evidence(observed).located(Some(location)))
        }
        AddressSilence::Behind { location } => {
            let observed = Observed::AllEndAt { address, last_router: location.hop };
            let summary = format!("nothing answers behind hop {}", location.hop);
            let occurrence = Occurrence::possible(cause(Dropper::unreachable_address(context)), &[Code::DnsHijack]);
            (summary, occurrence.evidence(observed).located(Some(location)))
        }
        AddressSilence::Unclear => return None,
    })
}

fn stopped_at(
    context: AttemptContext<'_>,
    path: &Path,
    (location, or_the_hub): (Location, bool),
    left_machine: bool,
    syns: Option<u64>,
) -> Occurrence {
    let reference_port = path.reference.as_ref().map(|reference| reference.port);
    let is_this_machine = context.is_this_machine();
    let dropper = match (is_this_machine, or_the_hub, container_forwarding::engine_gateway_at(context, &location)) {
        (true, ..) => Dropper::ThisMachine,
        (false, true, _) if location.next.as_ref().is_some_and(|next| next.hop > location.hop + 1) => {
            Dropper::PathOrHub
        }
        (false, true, _) => Dropper::NearHub,
        (false, false, Some(gateway)) => Dropper::ContainerHost(gateway),
        (false, false, None) => Dropper::Path,
    };
    let cause = SilentDrop { syns, reference_port, tunnel: None, dropper };
    let occurrence = match (left_machine, dropper) {
        // A service that hangs or is full looks the same, and so does a host that drops packets to closed ports.
        (true, Dropper::NearHub) => Occurrence::possible(cause, &[Code::PortClosed]),
        (false, Dropper::NearHub) => Occurrence::possible(cause, &[Code::PortClosed, Code::LocalBlock]),
        (true, Dropper::PathOrHub | Dropper::ContainerHost(_)) => Occurrence::likely(cause),
        (true, _) => Occurrence::confirmed(cause),
        (false, _) => suspected(cause, left_machine),
    };
    // The host of a container looks from inside like the first router of the network.
    let may_be_the_engine = dropper == Dropper::Path && location.hop <= 1 && context.has_unknown_interface();
    let occurrence = occurrence.or_possibly_if(may_be_the_engine, Code::ContainerForwarding);
    let reach =
        Observed::AnsweredUpTo { port: path.failing.port, last_router: location.hop, reference_port, of: location.of };
    let occurrence = match dropper {
        Dropper::ThisMachine => occurrence.owner(Owner::Operator),
        Dropper::ContainerHost(gateway) => occurrence.owner(Owner::Operator).evidence(EngineGateway { gateway }),
        Dropper::NearHub => occurrence.owner(Owner::HubOwner),
        _ => occurrence,
    };
    occurrence.evidence(reach).located(Some(location))
}
