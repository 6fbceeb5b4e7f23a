//! This machine has no route for an address family.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use super::local_block;
use crate::{
    diagnosis::{
        Entry, Family, Forgery, Owner, Severity, attempt_context::AttemptContext, cause_kind::CauseKind,
        comparisons::Reference, evidence::Statement, occurrence::Occurrence, scope::Scope, verdict::AttemptVerdict,
    },
    observation::{ConnectFailure, KernelRoute, Outcome, Stage},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct AddressFamilyUnavailable {
    family: Option<Family>,
    /// No other family is left.
    #[serde(skip)]
    is_fatal: bool,
    #[serde(skip)]
    lacks: Lacks,
}

/// What this machine lacks to send to the family.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum Lacks {
    /// A route.
    #[default]
    Route,
    /// A route, where the other family has one, and the hub's name no address of it.
    RouteOfTheHubsFamily,
    /// An address that is good beyond the link.
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
        match (self.lacks, self.family) {
            (Lacks::Address, _) => format!("This machine has no global {family} address"),
            (Lacks::RouteOfTheHubsFamily, Some(one)) => {
                format!("This machine has no {family} route, and {} no {} address", scope.host(), one.other())
            }
            (Lacks::RouteOfTheHubsFamily | Lacks::Route, _) => format!("This machine has no {family} route"),
        }
    }

    fn fix(&self, scope: &Scope) -> String {
        let host = scope.host();
        match (self.is_fatal, self.lacks, self.family) {
            (false, Lacks::Address, _) => {
                "Nothing to do while the other address family works; otherwise give this machine such an address."
                    .to_owned()
            }
            (false, ..) => {
                "Nothing to do while the other address family works; otherwise give this machine a route.".to_owned()
            }
            (true, Lacks::Address, _) => format!(
                "Find out why this machine got no global {} address: the announcements of its router, DHCP, or its own settings.",
                family(self.family, scope)
            ),
            (true, Lacks::RouteOfTheHubsFamily, Some(Family::V4)) => format!(
                "Have this network translate IPv6 to IPv4 (NAT64 with DNS64), or give this machine IPv4 too; or have {host} get \
                 an IPv6 address. IPv6 leads out of here."
            ),
            (true, Lacks::RouteOfTheHubsFamily, Some(Family::V6)) => {
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
        let cause = |lacks| Occurrence::confirmed(Self { family: Some(family), is_fatal: false, lacks });
        let (what, occurrence) = match context.attempt.connect.failure()? {
            ConnectFailure::NoRoute if local_block::refuses(context) => return None,
            ConnectFailure::NoRoute if is_of_the_other_family(context) => {
                let (lacks, observed) = (Lacks::RouteOfTheHubsFamily, Observed::Other { family: family.other() });
                ("route", cause(lacks).evidence(Observed::AtOnce { address }).evidence(observed))
            }
            ConnectFailure::NoRoute => ("route", cause(Lacks::Route).evidence(Observed::AtOnce { address })),
            ConnectFailure::TimedOut { .. } | ConnectFailure::Icmp { from_this_machine: false, .. } => {
                let source = link_local_source(context)?;
                ("address", cause(Lacks::Address).evidence(Observed::OnTheLinkAlone { address, source }))
            }
            _ => return None,
        };
        let global = if what == "address" { "global " } else { "" };
        Some(AttemptVerdict::no_route(format!("this machine has no {global}{family} {what}"), occurrence))
    }
}

/// Whether the other family has a way out, and the hub's name no address of it.
fn is_of_the_other_family(context: AttemptContext<'_>) -> bool {
    let v6 = context.address().is_ipv6();
    let resolution = &context.observations.resolution;
    let has_other = resolution.addresses.iter().any(|address| address.is_ipv6() != v6);
    resolution.outcome == Outcome::Ok && !has_other && context.network().is_some_and(|own| own.leads_out(!v6))
}

/// The link-local address from which packets leave for a router, which passes none of them on (RFC 4291, section 2.5.6).
fn link_local_source(context: AttemptContext<'_>) -> Option<IpAddr> {
    let KernelRoute::Found { source, gateway: Some(_), .. } = context.network()?.way_to(context.address())? else {
        return None;
    };
    let is_link_local = matches!(source, IpAddr::V6(source) if source.is_unicast_link_local());
    (is_link_local && !matches!(context.reference(), Reference::Answers(_))).then_some(*source)
}

/// Nothing else is left to try: then it is what stops the check.
pub(in crate::diagnosis) fn fatal(mut occurrence: Occurrence) -> Occurrence {
    let Some(cause) = occurrence.cause.downcast_mut::<AddressFamilyUnavailable>() else { return occurrence };
    cause.is_fatal = true;
    occurrence.severity(Severity::Error).owner(Owner::NetworkAdmin)
}

/// The family, or in general the word that stands for it.
pub(super) fn family(family: Option<Family>, scope: &Scope) -> String {
    scope.or_word("FAMILY", family.map_or_else(|| "address family".to_owned(), |family| family.to_string()))
}

#[derive(Debug, Clone, PartialEq)]
enum Observed {
    AtOnce { address: IpAddr },
    Other { family: Family },
    OnTheLinkAlone { address: IpAddr, source: IpAddr },
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtOnce { address } => {
                write!(f, "this machine has no route to {address}: refused at once, nothing was sent")
            }
            Self::Other { family } => {
                write!(f, "this machine has a default route for {family}, and the hub's name has no {family} address")
            }
            Self::OnTheLinkAlone { address, source } => write!(
                f,
                "packets to {address} leave from {source}, an address for the link alone, which no router passes on"
            ),
        }
    }
}
