//! The name exists without an address.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use crate::{
    diagnosis::{
        Entry, Forgery, Owner, Severity,
        cause_kind::CauseKind,
        evidence::Statement,
        occurrence::Occurrence,
        scope::Scope,
        text::{clipped, listed},
        unresolved::{SystemFailure, UnresolvedReason},
    },
    observation::{Observations, Stage},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct DnsNoAddress {
    /// It has addresses of the excluded family only.
    #[serde(skip)]
    is_ruled_out: bool,
    /// The last of its aliases, which has none.
    alias: Option<String>,
    /// Its aliases form a loop.
    #[serde(skip)]
    is_loop: bool,
}

impl CauseKind for DnsNoAddress {
    const ENTRY: Entry = Entry {
        stage: Stage::Resolve,
        severity: Severity::Error,
        owner: Owner::DnsAdmin,
        forgery: Forgery::OnlyTheAccused,
        explanation: "The name is known, but the answer holds no address of a family that was asked for. A chain of aliases \
            may end nowhere, as when a private endpoint's zone is linked but empty.",
        proof: "Questions of our own for A and AAAA are answered without an address, the last alias is denied, or all addresses \
            are of the family that was ruled out.",
    };

    fn title(&self, scope: &Scope) -> String {
        match &self.alias {
            _ if self.is_loop => format!("The aliases of {} lead in a circle", scope.host()),
            Some(alias) => format!("The name {} is an alias of {alias}, which has no address", scope.host()),
            None => format!("The name {} exists but has no address that can be used", scope.host()),
        }
    }

    fn fix(&self, scope: &Scope) -> String {
        if self.is_loop {
            return format!(
                "Mend the CNAME records of {}: each leads to another of them, and none to an address.",
                scope.host()
            );
        }
        if let Some(alias) = &self.alias {
            return format!(
                "Give {alias} its A record in the zone that this network's name servers ask: as for a private endpoint whose \
                 zone is linked here without a record for this hub. Or unlink the zone, if the hub is to be reached over the \
                 Internet."
            );
        }
        match self.is_ruled_out {
            false => format!("Look up {} and follow its aliases: they must end at an A or AAAA record.", scope.host()),
            true => format!(
                "Allow the other address family too (`-4` and `-6` rule one out): {} has no address of this one.",
                scope.host()
            ),
        }
    }

    fn of_resolution(run: &Observations) -> Option<(&'static str, Occurrence)> {
        let cause = |is_ruled_out| Self { is_ruled_out, ..Self::default() };
        match UnresolvedReason::of(run)? {
            UnresolvedReason::FamilyExcluded => {
                let occurrence = Occurrence::confirmed(cause(true))
                    .owner(Owner::Operator)
                    .evidence(Observed::OnlyOtherFamily { addresses: run.resolution.addresses.clone() });
                Some(("the name has no address of this family", occurrence))
            }
            UnresolvedReason::NoRecord(answers) => {
                let mut aliases: Vec<String> = answers.aliases().iter().map(|alias| clipped(alias)).collect();
                let circle = (1..aliases.len()).find(|&at| aliases[..at].contains(&aliases[at]));
                aliases.truncate(circle.map_or(usize::MAX, |back| back.saturating_add(1)));
                let (alias, is_loop) = (aliases.last().cloned(), circle.is_some());
                let occurrence = Occurrence::confirmed(Self { is_ruled_out: false, alias, is_loop });
                let occurrence = occurrence.with_answers(&answers);
                Some(match aliases.is_empty() {
                    true => ("the name has no address", occurrence),
                    false => ("the name's alias has no address", occurrence.evidence(Observed::AliasChain { aliases })),
                })
            }
            UnresolvedReason::System(SystemFailure::NoAddress) => {
                let occurrence = Occurrence::likely(cause(false));
                Some((
                    "the name has no address",
                    occurrence.evidence("the system's resolver says that the name has no address"),
                ))
            }
            _ => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Observed {
    OnlyOtherFamily { addresses: Vec<IpAddr> },
    AliasChain { aliases: Vec<String> },
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OnlyOtherFamily { addresses } => {
                write!(f, "the name has only {}, which the choice of address family rules out", listed(addresses))
            }
            Self::AliasChain { aliases } => {
                write!(f, "its aliases end without an address: {}", clipped(&aliases.join(" -> ")))
            }
        }
    }
}
