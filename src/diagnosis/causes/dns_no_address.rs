//! The name exists without an address.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use super::CauseKind;
use crate::{
    diagnosis::{
        Entry, Forgery, Owner, Severity,
        evidence::Statement,
        occurrence::Occurrence,
        scope::Scope,
        text::listed,
        unresolved::{SystemSays, Why},
    },
    observation::{Observations, Stage},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct DnsNoAddress {
    /// It has addresses of the family that was ruled out.
    #[serde(skip)]
    is_ruled_out: bool,
}

impl CauseKind for DnsNoAddress {
    const ENTRY: Entry = Entry {
        word: "dns-no-address",
        stage: Stage::Resolve,
        severity: Severity::Error,
        owner: Owner::DnsAdmin,
        forgery: Forgery::OnlyTheAccused,
        explanation: "The name is known, but the answer holds no address of a family that was asked for. A chain of aliases \
            may end nowhere, as when a private endpoint's zone is linked but empty.",
        proof: "Questions of our own for A and AAAA are answered without an address, or all addresses are of the family that \
            was ruled out.",
    };

    fn title(&self, scope: &Scope) -> String {
        format!("The name {} exists but has no address that can be used", scope.host())
    }

    fn fix(&self, scope: &Scope) -> String {
        match self.is_ruled_out {
            false => format!("Look up {} and follow its aliases: they must end at an A or AAAA record.", scope.host()),
            true => format!(
                "Allow the other address family too (`-4` and `-6` rule one out): {} has no address of this one.",
                scope.host()
            ),
        }
    }

    fn of_resolution(run: &Observations) -> Option<(&'static str, Occurrence)> {
        let cause = |is_ruled_out| Self { is_ruled_out };
        match Why::of(run)? {
            Why::RuledOut => {
                let occurrence = Occurrence::confirmed(cause(true))
                    .owner(Owner::Operator)
                    .evidence(Seen::OnlyTheOtherFamily { addresses: run.resolution.addresses.clone() });
                Some(("the name has no address of this family", occurrence))
            }
            Why::NoRecord(answers) => {
                let occurrence = Occurrence::confirmed(cause(false)).said_by(&answers);
                let chain = answers.chain().map(|chain| Seen::EndsNowhere { chain });
                Some(("the name has no address", chain.into_iter().fold(occurrence, Occurrence::evidence)))
            }
            Why::System(SystemSays::NoAddress) => {
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
enum Seen {
    OnlyTheOtherFamily { addresses: Vec<IpAddr> },
    EndsNowhere { chain: String },
}

impl Statement for Seen {}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OnlyTheOtherFamily { addresses } => {
                write!(f, "the name has only {}, which the choice of address family rules out", listed(addresses))
            }
            Self::EndsNowhere { chain } => write!(f, "its aliases end without an address: {chain}"),
        }
    }
}
