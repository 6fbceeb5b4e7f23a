//! The hub's address is private, and its packets go where private addresses have no route.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use super::icmp_reject;
use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        attempt_verdict::AttemptVerdict,
        cause_kind::CauseKind,
        comparisons::Reference,
        connect_answer::AddressUnreachable,
        dns::{Answers, is_private},
        egress,
        evidence::Statement,
        icmp::{Blame, IcmpError},
        location::{self, AddressSilence},
        nat::is_public,
        occurrence::Occurrence,
        scope::Scope,
        text::clipped,
    },
    observation::{ConnectFailure, Stage, kind},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct PrivateAddressNoRoute {
    /// The private address.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<IpAddr>,
}

impl CauseKind for PrivateAddressNoRoute {
    const ENTRY: Entry = Entry {
        stage: Stage::Connect,
        severity: Severity::Error,
        owner: Owner::NetworkAdmin,
        forgery: Forgery::OnlyTheAccused,
        explanation: "The hub's address is a private one (RFC 1918, RFC 4193), as that of a private endpoint: only a \
            network that is joined to it (VPN, ExpressRoute, Direct Connect) leads there. From here packets go towards \
            the Internet, which knows no way to it.",
        proof: "A router answers that it has no route to the network of that address. Where routers with public \
            addresses stand on the way and nobody answers behind them, it is `likely`: some companies use public \
            addresses inside. So it is where the name is an alias of a private endpoint (`privatelink`), and packets of every \
            kind to its address come to nothing at one place; where only silence is known of it, it is `possible`.",
    };

    fn title(&self, scope: &Scope) -> String {
        format!("No route leads from here to the private address of {}", scope.host())
    }

    fn fix(&self, scope: &Scope) -> String {
        format!(
            "Have this network joined to the private one of {} (VPN, ExpressRoute, Direct Connect), with routes there and back; \
             or let this device use the public address, where the hub has one.",
            scope.host()
        )
    }

    /// All addresses of a private network become reachable by one link to it.
    fn is_same(&self, _: &Self) -> bool {
        true
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let address = context.address();
        let endpoint = PrivateEndpoint::of(context);
        if !is_private(address) || matches!(context.reference(), Reference::Answers(_)) {
            return None;
        }
        let occurrence = match context.attempt.connect.failure()? {
            ConnectFailure::Icmp { icmp_type, code, offender: Some(router), from_this_machine: false } => {
                let error = IcmpError { icmp_type: *icmp_type, code: *code, v6: address.is_ipv6() };
                router_error(context, *router, error, endpoint)?
            }
            // Routers rate-limit ICMP errors, and an error about an address holds for all its ports.
            ConnectFailure::TimedOut { .. } => match icmp_reject::address_unreachable(context) {
                Some(AddressUnreachable { error, offender, .. }) => router_error(context, offender, error, endpoint)?,
                None => leaves_to_internet(context).or_else(|| all_silent(context, endpoint?))?,
            },
            _ => return None,
        };
        Some(AttemptVerdict::blocked(format!("no route from here to the private address {address}"), occurrence))
    }
}

impl PrivateAddressNoRoute {
    fn of(address: IpAddr) -> Self {
        Self { address: Some(address) }
    }
}

/// What a router's ICMP error means for a private address.
fn router_error(
    context: AttemptContext<'_>,
    router: IpAddr,
    error: IcmpError,
    endpoint: Option<PrivateEndpoint>,
) -> Option<Occurrence> {
    let address = context.address();
    let cause = PrivateAddressNoRoute::of(address);
    let occurrence = match error.blame() {
        _ if router == address => return None,
        Blame::Routing if error.is_missing_route() => Occurrence::confirmed(cause),
        Blame::Routing | Blame::Policy if is_public(router) => Occurrence::likely(cause),
        // The last router before an endpoint that is gone looks for it first.
        Blame::Routing if endpoint.is_some() && icmp_reject::neighbour_search_ms(context, error).is_none() => {
            Occurrence::likelier_than(cause, Code::IcmpReject)
        }
        _ => return None,
    };
    let occurrence = occurrence.evidence(Observed::RouterSays { address, router, error });
    Some(match endpoint {
        Some(endpoint) => occurrence.evidence(endpoint),
        None => occurrence,
    })
}

/// The address of a private endpoint is silent. If packets of another kind get further, the network is linked and a
/// rule stops the ports; through a tunnel, it may be linked as well.
fn all_silent(context: AttemptContext<'_>, endpoint: PrivateEndpoint) -> Option<Occurrence> {
    let address = context.address();
    let is_there = context.met_on_the_way().any(|(_, router)| router.is_none() || router == Some(address));
    if is_there || context.is_this_machine() || egress::silent_tunnel(context).is_some() {
        return None;
    }
    let cause = PrivateAddressNoRoute::of(address);
    let end = context.first_result::<kind::AddressPath>().map(location::address_silence);
    let occurrence = match end {
        Some(AddressSilence::OnLink | AddressSilence::At { .. }) => return None,
        Some(AddressSilence::Behind { location }) => Occurrence::likelier_than(cause, Code::SilentDrop)
            .evidence(Observed::AllEndAt { address, last_router: location.hop }),
        Some(AddressSilence::Unclear) | None => {
            Occurrence::possible(cause, &[Code::SilentDrop]).evidence(Observed::Silent { address })
        }
    };
    Some(occurrence.evidence(endpoint))
}

/// The label in the alias of an Azure private endpoint, and the suffix of an AWS one.
const PRIVATE_LINK_LABEL: &str = "privatelink";
const VPC_ENDPOINT_SUFFIX: &str = ".vpce.amazonaws.com";

/// The alias through which the hub's name leads to a private endpoint.
#[derive(Debug, Clone, PartialEq)]
struct PrivateEndpoint {
    alias: String,
}

impl PrivateEndpoint {
    fn of(context: AttemptContext<'_>) -> Option<Self> {
        let answers = context.comparisons.name_facts.as_ref().and_then(|names| names.answers.as_ref());
        let asked = answers.map(Answers::aliases).unwrap_or_default();
        let alias =
            context.observations.resolution.cname.iter().chain(asked).find(|alias| is_private_endpoint_alias(alias))?;
        Some(Self { alias: clipped(alias.trim_end_matches('.')) })
    }
}

fn is_private_endpoint_alias(alias: &str) -> bool {
    let alias = alias.trim_end_matches('.').to_ascii_lowercase();
    alias.split('.').any(|label| label == PRIVATE_LINK_LABEL) || alias.ends_with(VPC_ENDPOINT_SUFFIX)
}

impl Statement for PrivateEndpoint {}

impl fmt::Display for PrivateEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the hub's name is an alias of {}, a private endpoint", self.alias)
    }
}

/// Nothing answers, and the packets pass a public router.
fn leaves_to_internet(context: AttemptContext<'_>) -> Option<Occurrence> {
    let address = context.address();
    let mut met = context.met_on_the_way().filter_map(|(hop, router)| Some((hop, router?)));
    let (hop, router) = met.find(|(_, router)| is_public(*router))?;
    let occurrence = Occurrence::likelier_than(PrivateAddressNoRoute::of(address), Code::SilentDrop);
    Some(occurrence.evidence(Observed::PublicRouter { address, router, hop }))
}

#[derive(Debug, Clone, PartialEq)]
enum Observed {
    RouterSays { address: IpAddr, router: IpAddr, error: IcmpError },
    PublicRouter { address: IpAddr, router: IpAddr, hop: u8 },
    AllEndAt { address: IpAddr, last_router: u8 },
    Silent { address: IpAddr },
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RouterSays { address, router, error } => {
                write!(f, "{address} is private, and {router} answers SYNs to it with ICMP {}", error.name())
            }
            Self::PublicRouter { address, router, hop } => write!(
                f,
                "{address} is private, and packets to it pass {router} at hop {hop}, a router with a public address, as on \
                 the way to the Internet"
            ),
            Self::AllEndAt { address, last_router } => write!(
                f,
                "{address} is private, and packets of every kind to it are answered by routers up to hop {last_router}, and by \
                 nobody behind"
            ),
            Self::Silent { address } => write!(f, "{address} is private, and no port of it answers"),
        }
    }
}
