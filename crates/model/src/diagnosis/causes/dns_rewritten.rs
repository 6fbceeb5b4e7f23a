//! Names that do not exist get an address, and the hub's is the same one.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use crate::{
    diagnosis::{
        Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        attempt_verdict::{AttemptOutcome, AttemptVerdict},
        cause_kind::CauseKind,
        dns::{AddressOrigin, ControlQueries, FalseAnswer, NameServer},
        evidence::Statement,
        occurrence::Occurrence,
        ordered_set,
        scope::Scope,
        text::listed,
    },
    observation::Stage,
};

/// A report stays readable with this many.
const MAX_ADDRESSES: usize = 20;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct DnsRewritten {
    /// The addresses given for the hub and for names that do not exist.
    addresses: Vec<IpAddr>,
    /// Another name server says that the hub's name does not exist.
    #[serde(skip)]
    is_denied: bool,
}

impl CauseKind for DnsRewritten {
    const ENTRY: Entry = Entry {
        stage: Stage::Resolve,
        severity: Severity::Error,
        owner: Owner::NetworkAdmin,
        forgery: Forgery::OnlyTheAccused,
        explanation: "A name server here has one address for all names that do not exist, that of a page with advertisements or \
            advice, and the hub's name gets it too. Either the hub's name does not exist, and nobody says so, or it is \
            withheld. What is refused at that address says nothing of the hub.",
        proof: "A name server gives the same address for the hub's name and for a random name below `.invalid`, which cannot \
            exist, while it knows `ipv4only.arpa` as it is; and the hub does not show itself there.",
    };

    fn title(&self, scope: &Scope) -> String {
        match self.is_denied {
            true => {
                format!("The name {} does not exist, and a name server gives an address all the same", scope.host())
            }
            false => format!("The address for {} is the one that names get which do not exist", scope.host()),
        }
    }

    fn fix(&self, scope: &Scope) -> String {
        let host = scope.host();
        match self.is_denied {
            true => format!(
                "Check the spelling of {host} in the hub's overview page. The name server must say that what does not exist \
                 does not exist."
            ),
            false => format!(
                "Have the name server say that what does not exist does not exist (some providers let it be switched off), or \
                 let this device use another. If {host} does not resolve then, check its spelling."
            ),
        }
    }

    fn is_same(&self, other: &Self) -> bool {
        self.is_denied == other.is_denied
    }

    fn merge(&mut self, other: &Self) {
        ordered_set::extend_unique(&mut self.addresses, &other.addresses, MAX_ADDRESSES);
    }

    fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        let (comparisons, address) = (context.comparisons, context.attempt.address);
        if verdict.outcome != AttemptOutcome::Blocked || verdict.is_misdirected() {
            return verdict;
        }
        let Some(false_answer) = false_answer(&comparisons.controls, address) else { return verdict };
        let Some(names) = comparisons.name_facts.as_ref().filter(|names| !names.is_proven_at(address)) else {
            return verdict;
        };
        let AddressOrigin::Servers(servers) = names.origin(address) else { return verdict };
        let servers_denying = names.answers.as_ref().map(|answers| answers.servers_denying()).unwrap_or_default();
        let cause = Self { addresses: vec![address], is_denied: !servers_denying.is_empty() };
        let occurrence = Occurrence::confirmed(cause)
            .owner(if servers_denying.is_empty() { Owner::NetworkAdmin } else { Owner::Operator })
            .evidence(false_answer)
            .evidence(AddressSource { servers, address });
        let occurrence = match servers_denying.is_empty() {
            true => occurrence,
            false => {
                occurrence.forgeable_by(Forgery::AnyoneOnPath).evidence(DenyingServers { servers: servers_denying })
            }
        };
        verdict.misdirected_by(occurrence, format!("{address} is what names get which do not exist"))
    }
}

/// The answer of a server that gives `address` for a name that cannot exist, but the right addresses for a known name.
fn false_answer(controls: &ControlQueries<'_>, address: IpAddr) -> Option<FalseAnswer> {
    let false_answer = controls.nonexistent().iter().find(|made_up| made_up.contains(address))?;
    let lies_about_known = controls.wrong_addresses().iter().any(|wrong| wrong.server == false_answer.server);
    (!lies_about_known).then(|| false_answer.clone())
}

#[derive(Debug, Clone, PartialEq)]
struct AddressSource {
    servers: Vec<NameServer>,
    address: IpAddr,
}

impl Statement for AddressSource {}

impl fmt::Display for AddressSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} for the hub's name comes from {}", self.address, listed(&self.servers))
    }
}

#[derive(Debug, Clone, PartialEq)]
struct DenyingServers {
    servers: Vec<NameServer>,
}

impl Statement for DenyingServers {}

impl fmt::Display for DenyingServers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the hub's name does not exist, by the word of {}", listed(&self.servers))
    }
}
