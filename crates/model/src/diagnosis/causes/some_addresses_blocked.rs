//! Some of the hub's addresses answer, others do not.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Confidence, Entry, Forgery, Owner, Severity,
        attempt_verdict::AttemptVerdict,
        cause_kind::CauseKind,
        evidence::Statement,
        location::{self, PathEnd},
        occurrence::Occurrence,
        scope::Scope,
        text::listed,
    },
    observation::Stage,
};

/// A report stays readable with this many.
const MAX_ADDRESSES: usize = 20;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct SomeAddressesBlocked {
    /// The addresses that do not answer.
    addresses: Vec<IpAddr>,
}

impl CauseKind for SomeAddressesBlocked {
    const ENTRY: Entry = Entry {
        stage: Stage::Connect,
        severity: Severity::Warning,
        owner: Owner::HubOwner,
        forgery: Forgery::OnlyTheAccused,
        explanation: "The hub's name stands for several addresses, and not all of them work. Connections succeed or fail by \
            chance. A firewall list of old addresses does this, and so does a fault at the hub. What stops one port of an address, \
            while another port of it takes connections, is told as such, as a warning.",
        proof: "No port of the address takes a connection. Each address tried twice; once leaves it `likely`. A firewall is named \
            where packets to the failing address end clearly before the hub's edge, on the path that those to a working one take; \
            else it is for the hub's owner, and `likely` at most, for anybody on the path can keep an address from answering; \
            where its path was not looked for, it is `possible`.",
    };

    fn title(&self, scope: &Scope) -> String {
        format!("Only some addresses of {} answer; not {}", scope.host(), self.addresses(scope))
    }

    fn fix(&self, scope: &Scope) -> String {
        format!(
            "Where a firewall here lists the hub's addresses, have it allow {} by name or service tag instead; otherwise the \
             hub's owner must look at {}.",
            scope.host(),
            self.addresses(scope)
        )
    }

    fn is_same(&self, _: &Self) -> bool {
        true
    }

    fn merge(&mut self, other: &Self) {
        for address in &other.addresses {
            if !self.addresses.contains(address) && self.addresses.len() < MAX_ADDRESSES {
                self.addresses.push(*address);
            }
        }
    }
}

impl SomeAddressesBlocked {
    fn addresses(&self, scope: &Scope) -> String {
        scope.or_placeholder("ADDRESSES", listed(&self.addresses))
    }
}

/// Replaces the causes of one address while others work. The owner is known only if the address's own cause is
/// confirmed, or if its packets end before the hub's edge.
pub(in crate::diagnosis) fn replacing_causes(
    address: IpAddr,
    verdict: AttemptVerdict,
    path_end: Option<PathEnd>,
    has_unknown_path: bool,
) -> Vec<Occurrence> {
    let cause = SomeAddressesBlocked { addresses: vec![address] };
    let occurrence = match verdict.causes.iter().any(|known| known.is_repeated) {
        true => Occurrence::confirmed(cause),
        false => Occurrence::likely(cause),
    };
    let confirmed = verdict.causes.first().filter(|known| known.confidence() == Confidence::Confirmed);
    let occurrence = match (confirmed, path_end) {
        (_, Some(PathEnd { hop, of })) => {
            occurrence.owner(Owner::FirewallOwner).evidence(Observed::EndsShortOfHub { address, hop, of })
        }
        (Some(known), None) if location::is_clear_of_hub_edge(known.location.as_ref()) => occurrence.owner(known.owner),
        _ => occurrence,
    };
    let occurrence = match occurrence.owner {
        Owner::HubOwner if has_unknown_path => occurrence.only_possibly(Code::SilentDrop),
        Owner::HubOwner => occurrence.forgeable_by(Forgery::AnyoneOnPath),
        _ => occurrence,
    };
    replaced_by(occurrence, address, verdict)
}

/// The causes at one address while others are the hub: another machine, or another certificate of the hub. A warning,
/// since devices may use that address.
pub(in crate::diagnosis) fn for_single_address(address: IpAddr, verdict: AttemptVerdict) -> Vec<Occurrence> {
    let of_it = |cause: Occurrence| {
        let severity = cause.severity.max(Severity::Warning);
        // Another address's certificate is valid by the same clock.
        cause.severity(severity).clock_is_right().only_at(address).evidence(Observed::Alone { address })
    };
    verdict.causes.into_iter().map(of_it).collect()
}

/// Replaces an address's causes by `occurrence`, to which they become evidence. Interception stays: it matters even if
/// it affects only one address.
pub(super) fn replaced_by(occurrence: Occurrence, address: IpAddr, verdict: AttemptVerdict) -> Vec<Occurrence> {
    let codes = verdict.causes.iter().map(Occurrence::code).collect();
    let occurrence = occurrence.evidence(Observed::Result { address, summary: verdict.summary, codes });
    let intercepted = verdict.causes.into_iter().filter(|known| known.code() == Code::TlsIntercepted);
    std::iter::once(occurrence).chain(intercepted.map(|known| known.severity(Severity::Warning))).collect()
}

#[derive(Debug, Clone, PartialEq)]
enum Observed {
    Alone { address: IpAddr },
    Result { address: IpAddr, summary: String, codes: Vec<Code> },
    EndsShortOfHub { address: IpAddr, hop: u8, of: u8 },
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alone { address } => {
                write!(f, "it shows at {address} alone; another address of the same name works")
            }
            Self::Result { address, summary, codes } => {
                let codes: Vec<&str> = codes.iter().map(|code| code.id()).collect();
                write!(f, "{address}: {summary} ({})", codes.join(", "))
            }
            Self::EndsShortOfHub { address, hop, of } => write!(
                f,
                "SYNs to {address} are answered by routers up to hop {hop} and no further; another address of the hub answers \
                 at hop {of}, over the same routers up to there"
            ),
        }
    }
}
