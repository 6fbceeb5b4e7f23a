//! This machine has no route for an address family.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use super::local_block;
use crate::{
    diagnosis::{
        Code, Entry, Family, Forgery, Owner, Severity, attempt_context::AttemptContext,
        attempt_verdict::AttemptVerdict, cause_kind::CauseKind, comparisons::Reference, evidence::Statement,
        occurrence::Occurrence, scope::Scope,
    },
    observation::{ConnectFailure, KernelRoute, LocalNetwork, Outcome, Stage},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct AddressFamilyUnavailable {
    family: Option<Family>,
    /// No other family is left to try.
    #[serde(skip)]
    is_fatal: bool,
    #[serde(skip)]
    missing: Missing,
    /// Other routes of this machine are not known, nor rules of its own.
    #[serde(skip)]
    are_routes_unknown: bool,
}

/// What this machine lacks to send to the family.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum Missing {
    /// A route.
    #[default]
    Route,
    /// A route, while the other family has one; but the hub's name has no address of that family.
    RouteOfHubFamily,
    /// An address that is valid beyond the link.
    Address,
}

impl CauseKind for AddressFamilyUnavailable {
    const ENTRY: Entry = Entry {
        stage: Stage::Connect,
        severity: Severity::Info,
        owner: Owner::Nobody,
        forgery: Forgery::Nobody,
        explanation: "The hub's name has addresses of a family that this machine cannot send to at all. Where the other \
            family works, nothing is wrong. Where the hub's name has addresses of this family alone, one side has to get \
            the other's.",
        proof: "The system refuses at once, before any packet is sent; or all that it has to send from is a link-local \
            address, whose packets no router passes on.",
    };

    fn title(&self, scope: &Scope) -> String {
        let family = family(self.family, scope);
        match (self.missing, self.family) {
            (Missing::Address, _) => format!("This machine has no global {family} address"),
            (Missing::RouteOfHubFamily, Some(one)) => {
                format!("This machine has no {family} route, and {} no {} address", scope.host(), one.other())
            }
            (Missing::RouteOfHubFamily | Missing::Route, _) => format!("This machine has no {family} route"),
        }
    }

    fn fix(&self, scope: &Scope) -> String {
        let host = scope.host();
        match (self.is_fatal, self.missing, self.family) {
            (false, Missing::Address, _) => {
                "Nothing to do while the other address family works; otherwise give this machine such an address."
                    .to_owned()
            }
            (false, ..) => {
                "Nothing to do while the other address family works; otherwise give this machine a route.".to_owned()
            }
            (true, Missing::Address, _) => format!(
                "Find out why this machine got no global {} address: the announcements of its router, DHCP, or its own settings.",
                family(self.family, scope)
            ),
            (true, Missing::RouteOfHubFamily, Some(Family::V4)) => format!(
                "Have this network translate IPv6 to IPv4 (NAT64 with DNS64), or give this machine IPv4 too; or have {host} get \
                 an IPv6 address. IPv6 leads out of here."
            ),
            (true, Missing::RouteOfHubFamily, Some(Family::V6)) => {
                format!("Have this network provide IPv6, or have {host} get an IPv4 address. IPv4 leads out of here.")
            }
            (true, ..) => format!(
                "Give this machine a route for {} to the hub: check its cable, radio or modem, its address and its default \
                 gateway.",
                family(self.family, scope)
            ),
        }
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let address = context.address();
        let family = Family::of(address);
        let are_unknown = |own: &LocalNetwork| {
            own.interfaces.is_none() || own.default_routes.is_none() || own.way_to(address).is_none()
        };
        let are_routes_unknown = context.network().is_some_and(are_unknown);
        let cause = |missing| {
            Occurrence::confirmed(Self { family: Some(family), is_fatal: false, missing, are_routes_unknown })
        };
        let (what, occurrence) = match context.attempt.connect.failure()? {
            ConnectFailure::NoRoute if local_block::refuses_locally(context) => return None,
            ConnectFailure::NoRoute if hub_has_other_family(context) => {
                let (missing, observed) =
                    (Missing::RouteOfHubFamily, Observed::OtherFamilyOnly { family: family.other() });
                ("route", cause(missing).evidence(Observed::NoRoute { address }).evidence(observed))
            }
            ConnectFailure::NoRoute => ("route", cause(Missing::Route).evidence(Observed::NoRoute { address })),
            ConnectFailure::TimedOut { .. } | ConnectFailure::Icmp { from_this_machine: false, .. } => {
                let source = link_local_source(context)?;
                ("address", cause(Missing::Address).evidence(Observed::LinkLocalSource { address, source }))
            }
            _ => return None,
        };
        let global = if what == "address" { "global " } else { "" };
        Some(AttemptVerdict::no_route(format!("this machine has no {global}{family} {what}"), occurrence))
    }
}

/// Whether the other family has a default route, but the hub's name has no address of that family.
fn hub_has_other_family(context: AttemptContext<'_>) -> bool {
    let v6 = context.address().is_ipv6();
    let resolution = &context.observations.resolution;
    let has_other = resolution.addresses.iter().any(|address| address.is_ipv6() != v6);
    resolution.outcome == Outcome::Ok && !has_other && context.network().is_some_and(|own| own.leads_out(!v6))
}

/// The link-local source address of packets to a gateway, which does not forward them (RFC 4291, section 2.5.6).
fn link_local_source(context: AttemptContext<'_>) -> Option<IpAddr> {
    let KernelRoute::Found { source, gateway: Some(_), .. } = context.network()?.way_to(context.address())? else {
        return None;
    };
    let is_link_local = matches!(source, IpAddr::V6(source) if source.is_unicast_link_local());
    (is_link_local && !matches!(context.reference(), Reference::Answers(_))).then_some(*source)
}

/// No other address is left to try, so this stops the check.
pub(in crate::diagnosis) fn fatal(mut occurrence: Occurrence) -> Occurrence {
    let Some(cause) = occurrence.cause.downcast_mut::<AddressFamilyUnavailable>() else { return occurrence };
    cause.is_fatal = true;
    let is_open = cause.are_routes_unknown;
    occurrence
        .or_possibly_if(is_open, Code::NoNetwork)
        .or_possibly_if(is_open, Code::LocalBlock)
        .severity(Severity::Error)
        .owner(Owner::NetworkAdmin)
}

/// The family, or its placeholder in a general text.
pub(super) fn family(family: Option<Family>, scope: &Scope) -> String {
    scope.or_placeholder("FAMILY", family.map_or_else(|| "address family".to_owned(), |family| family.to_string()))
}

#[derive(Debug, Clone, PartialEq)]
enum Observed {
    NoRoute { address: IpAddr },
    OtherFamilyOnly { family: Family },
    LinkLocalSource { address: IpAddr, source: IpAddr },
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRoute { address } => {
                write!(f, "this machine has no route to {address}: refused at once, nothing was sent")
            }
            Self::OtherFamilyOnly { family } => {
                write!(f, "this machine has a default route for {family}, and the hub's name has no {family} address")
            }
            Self::LinkLocalSource { address, source } => write!(
                f,
                "packets to {address} leave from {source}, an address for the link alone, which no router passes on"
            ),
        }
    }
}
