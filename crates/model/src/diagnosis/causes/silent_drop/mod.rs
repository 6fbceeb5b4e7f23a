//! Nothing answers the SYNs: who drops them, and where.

mod observed;

use std::net::IpAddr;

use serde::Serialize;

use self::observed::Observed;
use super::{
    container_forwarding::{self, EnginesGateway},
    local_block::{self, Kernel},
};
use crate::{
    diagnosis::{
        Code, Entry, Forgery, Location, Owner, Severity,
        attempt_context::AttemptContext,
        cause_kind::CauseKind,
        comparisons::Reference,
        location::{self, AddressSilence, Silence},
        nat,
        occurrence::Occurrence,
        phrases,
        remedy::Remedy,
        scope::Scope,
        text::{clipped, spoken},
        unanswered::Unanswered,
        verdict::AttemptVerdict,
        way_out,
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
    /// The tunnel of this machine's own into which the packets go.
    #[serde(skip_serializing_if = "Option::is_none")]
    tunnel: Option<String>,
    #[serde(skip)]
    by: By,
}

/// Who may have dropped them.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum By {
    /// Somebody on the path.
    #[default]
    ThePath,
    /// Somebody between a router far from the hub and the hub, whose own firewall is one of them.
    ThePathOrTheHub,
    /// The last router before the hub, or the hub.
    NearTheHub,
    /// The hub alone: it stands on a link of this machine.
    TheHub,
    /// Nobody: the address may be out of reach altogether.
    OutOfReach,
    /// The same, where a router translates addresses.
    BehindNat,
    /// The tunnel that carries them, or what stands behind it.
    TheTunnel,
    /// The machine that this container runs on, whose gateway this is, the engine there, or the network right behind.
    TheEngine(IpAddr),
    /// This machine's own address: there is no path.
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
            `likely` where another port of the same address answers, else `possible`. Needs Linux.",
    };

    fn title(&self, scope: &Scope) -> String {
        match self.by {
            By::TheTunnel => {
                format!("Nothing comes back through {}, by which packets to {} leave", self.tunnel(), scope.host())
            }
            _ => format!("Outbound {} silently dropped", scope.tcp_is()),
        }
    }

    fn fix(&self, scope: &Scope) -> String {
        let (host, tcp, at) = (scope.host(), scope.tcp(), scope.at_place());
        match self.by {
            By::ThePath | By::OutOfReach => Remedy::open(scope, &at),
            By::ThePathOrTheHub => format!(
                "{} The hub's own firewall may be what drops it: ask the hub's owner too.",
                Remedy::open(scope, &at)
            ),
            By::NearTheHub => format!(
                "See whether the service on {tcp} takes connections, and whether the hub's own firewall lets this network in. \
                 If it does, a firewall on the way to it is left, for whoever runs that: {}",
                Remedy::open(scope, &at)
            ),
            By::TheHub => format!(
                "Look at {host} itself first: its own firewall, or a service on {tcp} that takes no more connections. Between it \
                 and this machine stand a switch or an access point at most."
            ),
            By::BehindNat => format!(
                "Restart the router that translates addresses (NAT), or look at its table: one that is full or stale lets \
                 nothing new out. If other devices behind it reach the hub's network: allow outbound {tcp} to {host}{at}."
            ),
            By::TheTunnel => format!(
                "Look at {} first: whether its other end is up, and whether packets to {host} belong into it; if not, correct \
                 the routes of this machine that lead there. If other traffic comes back through it, whoever runs the network \
                 behind it must let {tcp} through.",
                self.tunnel()
            ),
            By::TheEngine(gateway) => format!(
                "Look on the machine that this container runs on, {gateway}: its FORWARD rules (DOCKER-USER, ufw, firewalld) and \
                 network policies for {tcp}. If hubreach fails there too, the network's firewall must let it out."
            ),
            By::ThisMachine => format!(
                "Look on this machine itself: its own firewall, or the program that listens on {tcp} and takes no more \
                 connections."
            ),
        }
    }

    fn first_step(&self, scope: &Scope) -> Option<String> {
        match self.by {
            By::OutOfReach => Some(format!("Find out whether anything at all reaches {} from here.", scope.host())),
            By::BehindNat => Some("Find out whether other devices behind the same router reach anything.".to_owned()),
            _ => None,
        }
    }

    fn remedy(&self) -> Remedy {
        match self.by {
            By::ThePath => Remedy::Open,
            By::ThePathOrTheHub | By::NearTheHub | By::OutOfReach | By::BehindNat => Remedy::OpenAfter,
            By::TheHub | By::TheTunnel | By::TheEngine(_) | By::ThisMachine => Remedy::Own,
        }
    }

    fn is_same(&self, other: &Self) -> bool {
        (self.by, &self.tunnel) == (other.by, &other.tunnel)
    }

    fn merge(&mut self, other: &Self) {
        self.syns = self.syns.or(other.syns);
        self.reference_port = self.reference_port.or(other.reference_port);
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let ConnectFailure::TimedOut { retransmits } = context.attempt.connect.failure()? else { return None };
        let unanswered = Unanswered::of(context, *retransmits);
        let sent = local_block::kernel(context) == Kernel::Sends;
        let place =
            context.shown::<kind::Path>().map(|path| (path, location::silence(path, context.reference_of(path))));
        let syns = unanswered.syns();
        if let Some(tunnel) = way_out::silent_tunnel(context).filter(|_| !context.is_this_machine()) {
            let (summary, occurrence) = in_a_tunnel(context, tunnel, sent, syns);
            return Some(AttemptVerdict::blocked(summary, occurrence.evidence(unanswered)));
        }
        let told = format!("silently dropped: no answer in {}", spoken(unanswered.took_ms));
        let (summary, occurrence) = match place {
            Some((path, Silence::At { location, or_the_hub })) => (
                format!("silently dropped at {}", phrases::located(&location)),
                stopped_at(context, path, (location, or_the_hub), sent, syns),
            ),
            None => ended(context, sent, syns).unwrap_or_else(|| (told, somewhere(context, sent, syns))),
            Some((path, _)) if path.on_link == Some(true) && !context.is_this_machine() => {
                (told, on_this_link(context, sent, syns))
            }
            Some((path, silence)) => {
                (told, somewhere(context, sent, syns).evidence(Observed::NoPlace { port: path.failing.port, silence }))
            }
        };
        let unused = way_out::unused(context).filter(|_| !matches!(context.reference(), Reference::Answers(_)));
        let occurrence = unused.into_iter().fold(occurrence, Occurrence::evidence);
        Some(AttemptVerdict::blocked(summary, occurrence.evidence(unanswered)))
    }
}

impl By {
    fn out_of_reach(context: AttemptContext<'_>) -> Self {
        if nat::is_translated(context) { Self::BehindNat } else { Self::OutOfReach }
    }
}

impl SilentDrop {
    fn tunnel(&self) -> String {
        format!("the tunnel (VPN) {}", self.tunnel.as_deref().unwrap_or("INTERFACE"))
    }
}

/// Without a place: as likely as another port of the address makes it.
fn somewhere(context: AttemptContext<'_>, sent: bool, syns: Option<u64>) -> Occurrence {
    let address = context.address();
    let here = context.is_this_machine();
    let by = |by| if here { By::ThisMachine } else { by };
    let cause = |by, reference_port| SilentDrop { syns, reference_port, tunnel: None, by };
    // Where nothing answers, the address may as well not be the hub's.
    let other = if sent { Code::DnsHijack } else { Code::LocalBlock };
    let occurrence = match context.reference() {
        Reference::Answers(port) => {
            suspected(cause(by(By::ThePath), Some(port)), sent).evidence(Observed::ReferenceAnswers { address, port })
        }
        Reference::NoneAnswers => Occurrence::possible(cause(by(By::out_of_reach(context)), None), &[other])
            .evidence(Observed::NoneAnswers { address }),
        Reference::NoneTried => {
            Occurrence::possible(cause(by(By::ThePath), None), &[other]).evidence(Observed::NoneTried { address })
        }
    };
    // Without a path no firewall on it can be blamed.
    if here { occurrence.owner(Owner::Operator) } else { occurrence }
}

/// On a link of this machine no firewall stands between: it is one end or the other.
fn on_this_link(context: AttemptContext<'_>, sent: bool, syns: Option<u64>) -> Occurrence {
    let address = context.address();
    let cause = |reference_port| SilentDrop { syns, reference_port, tunnel: None, by: By::TheHub };
    let others: &[Code] = if sent { &[Code::PortClosed] } else { &[Code::PortClosed, Code::LocalBlock] };
    let hubs = |reference_port| {
        let occurrence = Occurrence::possible(cause(reference_port), others);
        occurrence.owner(Owner::HubOwner).evidence(Observed::OnLink { address })
    };
    match context.reference() {
        Reference::Answers(port) => hubs(Some(port)).evidence(Observed::ReferenceAnswers { address, port }),
        Reference::NoneAnswers => hubs(None).evidence(Observed::NoneAnswers { address }),
        Reference::NoneTried => hubs(None),
    }
}

/// With a tunnel through which nothing comes back: whether its end is gone or somebody behind it drops them does not show.
fn in_a_tunnel(context: AttemptContext<'_>, tunnel: &Interface, sent: bool, syns: Option<u64>) -> (String, Occurrence) {
    let (address, name) = (context.address(), clipped(&tunnel.name));
    let other = if sent { Code::DnsHijack } else { Code::LocalBlock };
    let summary = format!("nothing comes back through the tunnel {name}");
    let observed = Observed::InATunnel { address, tunnel: name.clone() };
    let cause = SilentDrop { syns, reference_port: None, tunnel: Some(name), by: By::TheTunnel };
    let occurrence = Occurrence::possible(cause, &[other]).owner(Owner::Operator).evidence(observed);
    (summary, way_out::unused(context).into_iter().fold(occurrence, Occurrence::evidence))
}

/// Unless they are known to have left it, a rule on this machine that drops what it sends looks the same.
fn suspected(cause: SilentDrop, sent: bool) -> Occurrence {
    if sent { Occurrence::likely(cause) } else { Occurrence::likelier_than(cause, Code::LocalBlock) }
}

/// With a place that packets of other kinds show, where no port of the address answers.
fn ended(context: AttemptContext<'_>, sent: bool, syns: Option<u64>) -> Option<(String, Occurrence)> {
    let address = context.address();
    if context.reference() != Reference::NoneAnswers || context.is_this_machine() {
        return None;
    }
    let port = context.port();
    let cause = |by| SilentDrop { syns, reference_port: None, tunnel: None, by };
    // What a router answers has left this machine.
    let or_here = |occurrence: Occurrence, router: u8| match sent || router > 0 {
        true => occurrence,
        false => occurrence.or(Code::LocalBlock),
    };
    Some(match location::address_silence(context.shown::<kind::AddressPath>()?) {
        AddressSilence::OnLink => {
            ("the hub, on this machine's own link, does not answer".to_owned(), on_this_link(context, sent, syns))
        }
        AddressSilence::At { location, or_the_hub } => {
            let observed = Observed::OthersGoOn { port, last_router: location.hop };
            let summary = format!("silently dropped at {}", phrases::located(&location));
            let occurrence = match or_the_hub {
                true => Occurrence::possible(cause(By::NearTheHub), &[Code::PortClosed]).owner(Owner::HubOwner),
                false => Occurrence::likely(cause(By::ThePath)),
            };
            (summary, or_here(occurrence, location.hop).evidence(observed).located(Some(location)))
        }
        AddressSilence::Behind { location } => {
            let observed = Observed::AllEnd { address, last_router: location.hop };
            let summary = format!("nothing answers behind hop {}", location.hop);
            let occurrence = Occurrence::possible(cause(By::out_of_reach(context)), &[Code::DnsHijack]);
            (summary, occurrence.evidence(observed).located(Some(location)))
        }
        AddressSilence::Unclear => return None,
    })
}

fn stopped_at(
    context: AttemptContext<'_>,
    path: &Path,
    (location, or_the_hub): (Location, bool),
    sent: bool,
    syns: Option<u64>,
) -> Occurrence {
    let reference_port = path.reference.as_ref().map(|reference| reference.port);
    let here = context.is_this_machine();
    let by = match (here, or_the_hub, container_forwarding::may_be_the_engines(context, &location)) {
        (true, ..) => By::ThisMachine,
        (false, true, _) if location.next.as_ref().is_some_and(|next| next.hop > location.hop + 1) => {
            By::ThePathOrTheHub
        }
        (false, true, _) => By::NearTheHub,
        (false, false, Some(gateway)) => By::TheEngine(gateway),
        (false, false, None) => By::ThePath,
    };
    let cause = SilentDrop { syns, reference_port, tunnel: None, by };
    let occurrence = match (sent, by) {
        // A service that hangs, or is full, looks the same, and so does a host that drops what it does not offer.
        (true, By::NearTheHub) => Occurrence::possible(cause, &[Code::PortClosed]),
        (false, By::NearTheHub) => Occurrence::possible(cause, &[Code::PortClosed, Code::LocalBlock]),
        (true, By::ThePathOrTheHub | By::TheEngine(_)) => Occurrence::likely(cause),
        (true, _) => Occurrence::confirmed(cause),
        (false, _) => suspected(cause, sent),
    };
    let reach = Observed::AttemptOutcome {
        port: path.failing.port,
        last_router: location.hop,
        reference_port,
        of: location.of,
    };
    let occurrence = match by {
        By::ThisMachine => occurrence.owner(Owner::Operator),
        By::TheEngine(gateway) => occurrence.owner(Owner::Operator).evidence(EnginesGateway { gateway }),
        By::NearTheHub => occurrence.owner(Owner::HubOwner),
        _ => occurrence,
    };
    occurrence.evidence(reach).located(Some(location))
}
