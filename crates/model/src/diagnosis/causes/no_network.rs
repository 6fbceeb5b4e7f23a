//! Nothing can leave this machine: no link, no address, no route, or a gateway that does not answer.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Location, Owner, Severity, attempt_context::AttemptContext,
        attempt_verdict::AttemptVerdict, cause_kind::CauseKind, evidence::Statement, icmp::IcmpError,
        occurrence::Occurrence, scope::Scope, text::clipped,
    },
    observation::{
        Attempt, ConnectFailure, DefaultRoute, KernelRoute, Lack, LocalNetwork, Neighbour, Observations, Outcome,
        ResolveFailure, Stage,
    },
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct NoNetwork {
    #[serde(skip_serializing_if = "Option::is_none")]
    lacks: Option<Missing>,
    #[serde(skip_serializing_if = "Option::is_none")]
    interface: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gateway: Option<IpAddr>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Missing {
    Link,
    Address,
    Route,
    Gateway,
    /// The network that carries a tunnel.
    Carrier,
    /// The other end of a tunnel, or the program that runs it.
    Tunnel,
}

impl CauseKind for NoNetwork {
    const ENTRY: Entry = Entry {
        stage: Stage::Connect,
        severity: Severity::Error,
        owner: Owner::Operator,
        forgery: Forgery::Nobody,
        explanation: "This machine itself has no network: no link (cable, radio, modem), no address that is good beyond \
            the link, no route, or a gateway that does not answer on the link; or all its packets to the hub go into a \
            tunnel (VPN) that is down. Nothing is known of the hub, its name servers or any firewall, for nothing \
            reached them.",
        proof: "This machine's own tables of interfaces, addresses, routes and neighbours: each address tried lacks one of \
            them, and nothing came back from anywhere. A gateway is missing once it was asked for several times in vain. \
            Where no default route is left and name servers on the link answer with failures, it is `likely`.",
    };

    fn title(&self, scope: &Scope) -> String {
        if self.lacks == Some(Missing::Tunnel) {
            return format!("Packets to {} leave by {}, which is down", scope.host(), self.tunnel());
        }
        format!("This machine has no network{}", self.missing().map(|what| format!(": {what}")).unwrap_or_default())
    }

    fn fix(&self, _: &Scope) -> String {
        let fix = match self.lacks {
            Some(Missing::Link) => {
                "Check the cable, radio or modem of this machine, and that its interface is switched on."
            }
            Some(Missing::Address) => {
                "Find out why this machine got no address: DHCP, the modem's session, or its own settings."
            }
            Some(Missing::Route) => "Give this machine a default route: check its DHCP or its own settings.",
            Some(Missing::Gateway) => {
                "Check that the gateway is up, that this machine has its right address and is in the same network, and that \
                 the gateway or switch accepts this machine (MAC filter, 802.1X)."
            }
            Some(Missing::Tunnel) => {
                return format!(
                    "Start {} again, or remove the routes of this machine that lead into it.",
                    self.tunnel()
                );
            }
            Some(Missing::Carrier) => "Bring the network up that carries the tunnel, then the tunnel.",
            None => "Check this machine's cable, radio or modem, its address, its default route and its gateway.",
        };
        fix.to_owned()
    }

    fn of_resolution(run: &Observations) -> Option<(&'static str, Occurrence)> {
        // A denial came from a name server that was reached.
        if matches!(run.resolution.failure, Some(ResolveFailure::NameNotFound | ResolveFailure::NoAddress)) {
            return None;
        }
        let network = run.vantage.network.as_ref()?;
        let occurrence = match network.lack_for_names() {
            Some(lack) => Occurrence::confirmed(Self::of(lack)).evidence(Observed::of(lack)),
            None if run.resolution.outcome == Outcome::Failed && has_no_default_route(network) => {
                Occurrence::likelier_than(Self::of(Lack::Route), Code::DnsServerFailure)
                    .evidence(Observed::of(Lack::Route))
            }
            None => return None,
        };
        Some(("this machine has no network", occurrence.at_stage(Stage::Resolve).located(Some(Location::THIS_MACHINE))))
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let network = context.observations.vantage.network.as_ref()?;
        let mut attempts = context.observations.checks.iter().flat_map(|check| &check.attempts);
        if !attempts.all(|attempt| never_leaves(attempt, network)) {
            return None;
        }
        let (cause, observed) = match lack(context.attempt, network) {
            Some(lack) => (Self::of(lack), Observed::of(lack)),
            None => {
                let name = clipped(&network.tunnel_without_carrier(context.address())?.name);
                let interface = Some(name.clone());
                (Self { lacks: Some(Missing::Carrier), interface, gateway: None }, Observed::Carrier { tunnel: name })
            }
        };
        let missing = cause.missing().unwrap_or_default();
        let summary = match cause.lacks {
            Some(Missing::Tunnel) => missing,
            _ => format!("this machine has no network: {missing}"),
        };
        let occurrence = match cause.lacks {
            Some(Missing::Carrier) => Occurrence::likely(cause),
            _ => Occurrence::confirmed(cause),
        };
        let occurrence = occurrence.evidence(observed).located(Some(Location::THIS_MACHINE));
        Some(AttemptVerdict::unknown(summary).with(occurrence))
    }
}

impl NoNetwork {
    fn of(lack: Lack<'_>) -> Self {
        let name = |name: &str| Some(clipped(name));
        let (lacks, interface, gateway) = match lack {
            Lack::Link(Some(tunnel)) if tunnel.is_a_tunnel() => (Missing::Tunnel, name(&tunnel.name), None),
            Lack::Link(interface) => (Missing::Link, interface.and_then(|link| name(&link.name)), None),
            Lack::Address(interface) => (Missing::Address, name(&interface.name), None),
            Lack::Route => (Missing::Route, None, None),
            Lack::Gateway { gateway, interface } => (Missing::Gateway, interface.and_then(name), Some(gateway)),
        };
        Self { lacks: Some(lacks), interface, gateway }
    }

    fn tunnel(&self) -> String {
        format!("the tunnel (VPN) {}", self.interface.as_deref().unwrap_or("INTERFACE"))
    }

    /// What is missing, in a few words.
    fn missing(&self) -> Option<String> {
        let interface = self.interface.as_deref();
        Some(match (self.lacks?, self.gateway) {
            (Missing::Link, _) => {
                interface.map_or_else(|| "no interface has a link".to_owned(), |name| format!("{name} has no link"))
            }
            (Missing::Address, _) => format!("{} has no address", interface.unwrap_or("its interface")),
            (Missing::Route, _) => "it has no route out".to_owned(),
            (Missing::Gateway, Some(gateway)) => format!("its gateway {gateway} does not answer"),
            (Missing::Gateway, None) => "its gateway does not answer".to_owned(),
            (Missing::Tunnel, _) => format!("{} is down", self.tunnel()),
            (Missing::Carrier, _) => format!("nothing carries {}", interface.unwrap_or("its tunnel")),
        })
    }
}

/// What keeps packets to an address from leaving. If there is a default route elsewhere, only the route to this address
/// or family is missing.
fn lack<'a>(attempt: &Attempt, network: &'a LocalNetwork) -> Option<Lack<'a>> {
    let address = attempt.address;
    let lack = network.lack_towards(address).or_else(|| dead_gateway(attempt, network))?;
    let leads = |route: &DefaultRoute| {
        let interface = route.interface.as_deref().and_then(|name| network.interface(name));
        interface.is_none_or(|interface| interface.running)
    };
    let is_elsewhere =
        network.way_to(address) == Some(&KernelRoute::NoRoute) && network.default_routes.iter().flatten().any(leads);
    (!is_elsewhere).then_some(lack)
}

/// The gateway, if this machine itself reports that it does not answer. The neighbour entry may have changed by the
/// time it was read.
fn dead_gateway<'a>(attempt: &Attempt, network: &'a LocalNetwork) -> Option<Lack<'a>> {
    let ConnectFailure::Icmp { icmp_type, code, from_this_machine: true, .. } = attempt.connect.failure()? else {
        return None;
    };
    let error = IcmpError { icmp_type: *icmp_type, code: *code, v6: attempt.address.is_ipv6() };
    match network.way_to(attempt.address)? {
        KernelRoute::Found { neighbour: Some(Neighbour::Known), .. }
        | KernelRoute::NoRoute
        | KernelRoute::Refused { .. } => None,
        KernelRoute::Found { gateway, interface, .. } if error.is_dead_neighbour() => {
            Some(Lack::Gateway { gateway: (*gateway)?, interface: interface.as_deref() })
        }
        KernelRoute::Found { .. } => None,
    }
}

/// Whether an attempt failed without an answer from anyone else, and its packets could not leave this machine.
fn never_leaves(attempt: &Attempt, network: &LocalNetwork) -> bool {
    let without_a_word = match attempt.connect.outcome() {
        Outcome::Ok => false,
        Outcome::Cancelled | Outcome::NotReached => true,
        Outcome::Failed => match attempt.connect.failure() {
            Some(ConnectFailure::Icmp { from_this_machine, .. }) => *from_this_machine,
            Some(ConnectFailure::NoRoute | ConnectFailure::TimedOut { .. } | ConnectFailure::Unreachable) => true,
            _ => false,
        },
    };
    without_a_word && (lack(attempt, network).is_some() || network.tunnel_without_carrier(attempt.address).is_some())
}

/// Whether the system has no default route, as far as is known.
fn has_no_default_route(network: &LocalNetwork) -> bool {
    network.default_routes.as_ref().is_some_and(Vec::is_empty)
}

#[derive(Debug, Clone, PartialEq)]
enum Observed {
    NoLink { interface: Option<String>, enabled: bool },
    NoAddress { interface: String, own: Option<IpAddr> },
    NoRoute,
    NoGateway { gateway: IpAddr, interface: Option<String> },
    Carrier { tunnel: String },
    Tunnel { tunnel: String },
}

impl Observed {
    fn of(lack: Lack<'_>) -> Self {
        match lack {
            Lack::Link(Some(tunnel)) if tunnel.is_a_tunnel() => Self::Tunnel { tunnel: clipped(&tunnel.name) },
            Lack::Link(interface) => Self::NoLink {
                interface: interface.map(|link| clipped(&link.name)),
                enabled: interface.is_some_and(|link| link.enabled),
            },
            Lack::Address(interface) => Self::NoAddress {
                interface: clipped(&interface.name),
                own: interface.addresses.first().map(|own| own.address),
            },
            Lack::Route => Self::NoRoute,
            Lack::Gateway { gateway, interface } => Self::NoGateway { gateway, interface: interface.map(clipped) },
        }
    }
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoLink { interface: None, .. } => write!(f, "no interface of this machine can carry packets"),
            Self::NoLink { interface: Some(name), enabled: true } => {
                write!(
                    f,
                    "the interface {name} is switched on, and has no link: no cable, no radio, or nobody at its end"
                )
            }
            Self::NoLink { interface: Some(name), enabled: false } => write!(f, "the interface {name} is switched off"),
            Self::NoAddress { interface, own: None } => {
                write!(f, "the interface {interface} has a link, and no address")
            }
            Self::NoAddress { interface, own: Some(own) } => write!(
                f,
                "the interface {interface} has a link, and no usable address but such as hold on the link alone, like {own}"
            ),
            Self::NoRoute => write!(f, "this machine has an address, and no route beyond its own links"),
            Self::NoGateway { gateway, interface } => {
                write!(f, "the gateway {gateway} was asked for several times")?;
                if let Some(interface) = interface {
                    write!(f, " on {interface}")?;
                }
                write!(f, ", and nobody answered (ARP, neighbour discovery)")
            }
            Self::Carrier { tunnel } => {
                write!(f, "packets leave by the tunnel {tunnel}, and no other interface has both a link and an address")
            }
            Self::Tunnel { tunnel } => write!(
                f,
                "packets leave by the tunnel {tunnel}, which is switched off, or has lost the program that makes it or its other end"
            ),
        }
    }
}
