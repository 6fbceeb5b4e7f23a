//! Names that do not exist get an address, and the hub's is the same one.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use crate::{
    diagnosis::{
        Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        cause_kind::CauseKind,
        distinct,
        evidence::Statement,
        names::{Controls, MadeUp, NameServer, Origin},
        occurrence::Occurrence,
        scope::Scope,
        text::listed,
        verdict::{AttemptOutcome, AttemptVerdict},
    },
    observation::Stage,
};

/// The most addresses that are listed.
const MOST_ADDRESSES: usize = 20;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct DnsRewritten {
    /// What is given for the hub, and for names that do not exist.
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
        distinct::add_new(&mut self.addresses, &other.addresses, MOST_ADDRESSES);
    }

    fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        let (comparisons, address) = (context.comparisons, context.attempt.address);
        if verdict.outcome != AttemptOutcome::Blocked || verdict.is_led_astray() {
            return verdict;
        }
        let Some(lie) = lie(&comparisons.controls, address) else { return verdict };
        let Some(names) = comparisons.names.as_ref().filter(|names| !names.hub_shows_at(address)) else {
            return verdict;
        };
        let Origin::Servers(servers) = names.origin(address) else { return verdict };
        let denying = names.answers.as_ref().map(|answers| answers.denying()).unwrap_or_default();
        let cause = Self { addresses: vec![address], is_denied: !denying.is_empty() };
        let occurrence = Occurrence::confirmed(cause)
            .owner(if denying.is_empty() { Owner::NetworkAdmin } else { Owner::Operator })
            .evidence(lie)
            .evidence(Gives { servers, address });
        let occurrence = match denying.is_empty() {
            true => occurrence,
            false => occurrence.forgeable_by(Forgery::AnyoneOnPath).evidence(Denies { servers: denying }),
        };
        verdict.led_astray(occurrence, format!("{address} is what names get which do not exist"))
    }
}

/// What a server gives for a name that cannot exist, where that is `address`, and it knows what everybody knows.
fn lie(controls: &Controls<'_>, address: IpAddr) -> Option<MadeUp> {
    let lie = controls.nowhere().iter().find(|made_up| made_up.is(address))?;
    let lies_of_all = controls.wrong().iter().any(|wrong| wrong.server == lie.server);
    (!lies_of_all).then(|| lie.clone())
}

#[derive(Debug, Clone, PartialEq)]
struct Gives {
    servers: Vec<NameServer>,
    address: IpAddr,
}

impl Statement for Gives {}

impl fmt::Display for Gives {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} for the hub's name comes from {}", self.address, listed(&self.servers))
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Denies {
    servers: Vec<NameServer>,
}

impl Statement for Denies {}

impl fmt::Display for Denies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the hub's name does not exist, by the word of {}", listed(&self.servers))
    }
}
