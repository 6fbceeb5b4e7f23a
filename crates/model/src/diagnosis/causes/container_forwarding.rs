//! The host of this container does not forward its packets.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use super::port_closed::Refused;
use crate::{
    diagnosis::{
        Code, Entry, Forgery, Location, Owner, Severity,
        attempt_context::AttemptContext,
        attempt_verdict::AttemptVerdict,
        cause_kind::CauseKind,
        evidence::Statement,
        icmp::{Blame, IcmpError},
        location::{self, ResetOrigin},
        occurrence::Occurrence,
        scope::Scope,
    },
    observation::{ConnectFailure, KernelRoute, LocalNetwork, Stage},
};

/// The default gateways and prefixes of Docker and Podman.
const DEFAULT_GATEWAYS: [([u8; 4], u8); 2] = [([172, 17, 0, 1], 16), ([10, 88, 0, 1], 16)];

/// The gateway that Calico gives every pod; no other machine has this link-local address.
const CALICO_GATEWAY: [u8; 4] = [169, 254, 1, 1];

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct ContainerForwarding {
    /// The gateway that the engine assigned.
    #[serde(skip_serializing_if = "Option::is_none")]
    gateway: Option<IpAddr>,
}

impl CauseKind for ContainerForwarding {
    const ENTRY: Entry = Entry {
        stage: Stage::Connect,
        severity: Severity::Error,
        owner: Owner::Operator,
        forgery: Forgery::OnlyTheAccused,
        explanation: "This is a container, and whatever it sends ends at its first hop, the gateway that the container engine \
            gave it: that is the machine that it runs on. Its forwarding is off, or its firewall (ufw, firewalld, a FORWARD \
            policy) does not let containers out.",
        proof: "The marks of a container, and an interface such as engines make, whose address the hosts file names, as they \
            write it, or is of their usual range; no connection succeeds, and packets of every kind end at the gateway, or it \
            rejects or resets them. Somebody right behind it who neither forwards nor answers looks the same, so it is `likely`; where \
            only the addresses look like an engine's, it is `possible`. Needs Linux.",
    };

    fn title(&self, _: &Scope) -> String {
        "The machine that this container runs on does not let its packets out".to_owned()
    }

    fn fix(&self, scope: &Scope) -> String {
        format!(
            "On the machine that the container runs on, {}, switch forwarding on (`sysctl net.ipv4.ip_forward`), and allow {} \
             from containers in its FORWARD rules (ufw, firewalld, iptables, nftables).",
            self.gateway.map_or_else(|| "its gateway".to_owned(), |gateway| gateway.to_string()),
            scope.tcp()
        )
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let network = context.observations.vantage.network.as_ref()?;
        let gateway = engine_gateway(network, context.address())?;
        // Anyone else who answered on any port is beyond the gateway, which let that through.
        let mut others =
            context.observations.checks.iter().flat_map(|check| {
                check.attempts.iter().map(move |attempt| AttemptContext { check, attempt, ..context })
            });
        if !others.all(|other| is_stopped_by(gateway, other)) {
            return None;
        }
        let observed = match context.attempt.connect.failure()? {
            ConnectFailure::TimedOut { .. } if all_end_at(context, gateway) => Observed::EndThere { gateway },
            ConnectFailure::Icmp { offender: Some(offender), from_this_machine: false, .. } if *offender == gateway => {
                Observed::Rejects { gateway, port: context.port() }
            }
            ConnectFailure::Refused { .. } if is_reset_by(gateway, context) => {
                Observed::Resets { gateway, port: context.port() }
            }
            _ => return None,
        };
        let cause = Self { gateway: Some(gateway) };
        let other = match observed {
            Observed::EndThere { .. } => Code::SilentDrop,
            Observed::Rejects { .. } => Code::IcmpReject,
            Observed::Resets { .. } => Code::TcpReset,
        };
        let occurrence = match network.container.is_empty() {
            false => Occurrence::likelier_than(cause, other).evidence("this program runs in a container"),
            true => Occurrence::possible(cause, &[other]).evidence(LooksLikeContainer { gateway }),
        };
        let location = Location { hop: 1, address: Some(gateway), next: None, of: None };
        let summary = format!("stopped at the container engine's gateway {gateway}");
        Some(AttemptVerdict::blocked(summary, occurrence.evidence(observed).located(Some(location))))
    }

    /// If some packets get out, whoever stops the others at the gateway acts on the container's host.
    fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        let gateway = |cause: &Occurrence| match (cause.code(), &cause.location) {
            (Code::IcmpReject, Some(location)) if location.address == cause.cause.device() => {
                engine_gateway_at(context, location)
            }
            (Code::TcpReset, Some(location)) => engine_gateway_at(context, location),
            _ => None,
        };
        verdict.map_causes(|cause| match gateway(&cause) {
            Some(gateway) => cause.owner(Owner::Operator).at_most_likely().evidence(EngineGateway { gateway }),
            None => cause,
        })
    }
}

/// The container engine's gateway, if the location is that gateway or next to it. From inside, the host, the engine and
/// the network right after it look the same. The first hop is the host, with any of its addresses.
pub(super) fn engine_gateway_at(context: AttemptContext<'_>, location: &Location) -> Option<IpAddr> {
    if location.hop > 1 {
        return None;
    }
    engine_gateway(context.network()?, context.address())
}

/// The gateway to an address, if a container engine may have made it: the other end of a veth pair.
fn engine_gateway(network: &LocalNetwork, address: IpAddr) -> Option<IpAddr> {
    let KernelRoute::Found { interface: Some(name), gateway: Some(gateway), .. } = network.way_to(address)? else {
        return None;
    };
    let interface = network.interface(name).filter(|interface| interface.kind == "veth")?;
    let by_default = DEFAULT_GATEWAYS.iter().any(|(usual, prefix)| {
        let inside = interface.addresses.iter().any(|own| own.prefix == *prefix && own.holds(*gateway));
        *gateway == IpAddr::from(*usual) && inside
    });
    let is_a_pods = *gateway == IpAddr::from(CALICO_GATEWAY) && interface.addresses.iter().any(|own| own.prefix == 32);
    // In a container there may be networks that its engine does not know.
    let is_the_engines = interface.addresses.iter().any(|own| network.named_in_hosts.contains(&own.address));
    (by_default || is_a_pods || is_the_engines && !network.container.is_empty()).then_some(*gateway)
}

/// Whether no one but the gateway answered an attempt, and only with a rule of its own.
fn is_stopped_by(gateway: IpAddr, context: AttemptContext<'_>) -> bool {
    let attempt = context.attempt;
    match attempt.connect.failure() {
        Some(ConnectFailure::Icmp { icmp_type, code, offender, .. }) => {
            let error = IcmpError { icmp_type: *icmp_type, code: *code, v6: attempt.address.is_ipv6() };
            *offender == Some(gateway) && error.blame() != Blame::Routing
        }
        Some(ConnectFailure::Refused { .. }) => is_reset_by(gateway, context),
        _ => !attempt.connect.is_ok(),
    }
}

/// Whether a reset comes from where the gateway resets packets that it should forward: right after it, far from the
/// hub.
fn is_reset_by(gateway: IpAddr, context: AttemptContext<'_>) -> bool {
    let Some(refused) = Refused::of(context).filter(Refused::is_reset) else { return false };
    match refused.origin(context).0 {
        ResetOrigin::ShortOfHub { location, .. } | ResetOrigin::NearHub { location, .. } => {
            location.hop == 1 && location.address == Some(gateway) && location::is_clear_of_hub_edge(Some(&location))
        }
        ResetOrigin::AtStranger { .. } | ResetOrigin::AsFarAsHub { .. } | ResetOrigin::Unclear => false,
    }
}

/// Whether the gateway answered packets of every kind to the address, and no one beyond it did.
fn all_end_at(context: AttemptContext<'_>, gateway: IpAddr) -> bool {
    let mut met = context.met_on_the_way().peekable();
    met.peek().is_some() && met.all(|(hop, by)| hop == 1 && by == Some(gateway))
}

/// The container engine's gateway at the first hop.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct EngineGateway {
    pub(super) gateway: IpAddr,
}

impl Statement for EngineGateway {}

impl fmt::Display for EngineGateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} at hop 1 is this container's gateway: rules of the machine behind it look from here like the network's",
            self.gateway
        )
    }
}

#[derive(Debug, Clone, PartialEq)]
struct LooksLikeContainer {
    gateway: IpAddr,
}

impl Statement for LooksLikeContainer {}

impl fmt::Display for LooksLikeContainer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this machine's address and its gateway {} are such as container engines give", self.gateway)
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Observed {
    EndThere { gateway: IpAddr },
    Rejects { gateway: IpAddr, port: u16 },
    Resets { gateway: IpAddr, port: u16 },
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EndThere { gateway } => {
                write!(
                    f,
                    "packets of every kind are answered by the gateway {gateway} at hop 1, and by nobody behind it"
                )
            }
            Self::Rejects { gateway, port } => {
                write!(f, "the gateway {gateway} itself rejects SYNs to port {port} by ICMP")
            }
            Self::Resets { gateway, port } => write!(
                f,
                "SYNs to port {port} pass the gateway {gateway} at hop 1 and are reset right behind it, as when it resets what \
                 it should forward"
            ),
        }
    }
}
