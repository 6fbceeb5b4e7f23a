//! The hub's address is private, and its packets go where private addresses have no route.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use super::{
    CauseKind,
    icmp_reject::{self, OfTheAddress},
};
use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        attempt_context::{AttemptContext, Reference},
        evidence::Statement,
        icmp::{Blame, IcmpError},
        nat::{is_private, is_public},
        occurrence::Occurrence,
        place,
        scope::Scope,
        verdict::AttemptVerdict,
    },
    observation::{ConnectFailure, Stage},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct PrivateAddressNoRoute {
    /// The private address.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<IpAddr>,
}

impl CauseKind for PrivateAddressNoRoute {
    const ENTRY: Entry = Entry {
        word: "private-address-no-route",
        stage: Stage::Connect,
        severity: Severity::Error,
        owner: Owner::NetworkAdmin,
        forgery: Forgery::OnlyTheAccused,
        explanation: "The hub's address is a private one (RFC 1918, RFC 4193), as that of a private endpoint: only a \
            network that is joined to it (VPN, ExpressRoute, Direct Connect) leads there. From here packets go towards \
            the Internet, which knows no way to it.",
        proof: "A router answers that it has no route to the network of that address. Where routers with public \
            addresses stand on the way and nobody answers behind them, it is `likely`: some companies use public \
            addresses inside.",
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

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let address = context.address();
        if !is_private(address) || matches!(context.reference(), Reference::Answers(_)) {
            return None;
        }
        let occurrence = match context.attempt.connect.failure()? {
            ConnectFailure::Icmp { icmp_type, code, offender: Some(router), from_this_machine: false } => {
                let error = IcmpError { icmp_type: *icmp_type, code: *code, v6: address.is_ipv6() };
                said(address, *router, error)?
            }
            // Routers ration what they say, and what one said of the address holds for every port of it.
            ConnectFailure::TimedOut { .. } => match icmp_reject::no_way(context) {
                Some(OfTheAddress { error, offender, .. }) => said(address, offender, error)?,
                None => led_out(context)?,
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

/// What a router's word for a private address comes to.
fn said(address: IpAddr, router: IpAddr, error: IcmpError) -> Option<Occurrence> {
    let cause = PrivateAddressNoRoute::of(address);
    let occurrence = match error.blame() {
        _ if router == address => return None,
        Blame::Routing if error.is_a_missing_route() => Occurrence::confirmed(cause),
        Blame::Routing | Blame::Policy if is_public(router) => Occurrence::likely(cause),
        _ => return None,
    };
    Some(occurrence.evidence(Seen::RouterSays { address, router, error }))
}

/// Nobody says anything, and the packets pass a router of the Internet.
fn led_out(context: AttemptContext<'_>) -> Option<Occurrence> {
    let address = context.address();
    let mut met = place::met_towards(context).filter_map(|(hop, router)| Some((hop, router?)));
    let (hop, router) = met.find(|(_, router)| is_public(*router))?;
    let occurrence = Occurrence::likelier_than(PrivateAddressNoRoute::of(address), Code::SilentDrop);
    Some(occurrence.evidence(Seen::PublicRouter { address, router, hop }))
}

#[derive(Debug, Clone, PartialEq)]
enum Seen {
    RouterSays { address: IpAddr, router: IpAddr, error: IcmpError },
    PublicRouter { address: IpAddr, router: IpAddr, hop: u8 },
}

impl Statement for Seen {}

impl fmt::Display for Seen {
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
        }
    }
}
