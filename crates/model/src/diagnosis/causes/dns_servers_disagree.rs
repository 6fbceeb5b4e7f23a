//! One name server denies the name or gives another address.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        attempt_verdict::{AttemptOutcome, AttemptVerdict},
        cause_kind::CauseKind,
        dns::{AddressOrigin, NameFacts, NameServer},
        evidence::Statement,
        occurrence::Occurrence,
        ordered_set,
        scope::Scope,
        system::System,
        text::listed,
        unresolved::UnresolvedReason,
    },
    observation::{Observations, Outcome, Stage},
};

/// A report stays readable with this many.
const MAX_SERVERS: usize = 6;
/// Many resolvers look up this domain by multicast only (RFC 6762, section 3).
const MDNS_DOMAIN: &str = ".local";

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct DnsServersDisagree {
    #[serde(skip)]
    disagreement: Disagreement,
    /// The servers that know where the hub is.
    #[serde(skip)]
    right: Vec<NameServer>,
    /// Those that do not.
    #[serde(skip)]
    wrong: Vec<NameServer>,
    #[serde(skip)]
    system: System,
}

/// What they disagree about.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum Disagreement {
    /// Some deny the name; the system believes others.
    #[default]
    Denied,
    /// Some deny the name, and the system believes them.
    DenialBelieved,
    /// All know the name, but the system denies it.
    SystemDenies { local: bool },
    /// They give different addresses, and the hub is not at those that the system believes.
    Address,
    /// The system has an address that no server gives any more.
    Stale,
}

impl CauseKind for DnsServersDisagree {
    const ENTRY: Entry = Entry {
        stage: Stage::Resolve,
        severity: Severity::Warning,
        owner: Owner::Operator,
        forgery: Forgery::Nobody,
        explanation: "This device asks several sources for the hub's name, and they do not say the same: one denies the name or \
            gives another address, as when only one of two name servers knows the inside of a network, or a cache keeps what \
            is past. Which is believed is often a matter of which answers first, so that it works today and not tomorrow.",
        proof: "Each name server's own answer to questions of ours, and what the system's resolver made of them. Where the wrong \
            word wins, it is an error, and `confirmed` if the hub shows its certificate at the address that the others give; \
            without that it is `likely`.",
    };

    fn title(&self, scope: &Scope) -> String {
        let host = scope.host();
        match self.disagreement {
            Disagreement::Denied => format!("The name servers disagree whether {host} exists"),
            Disagreement::DenialBelieved => format!("A name server denies {host}, which another knows"),
            Disagreement::SystemDenies { .. } => {
                format!("This machine's own resolver denies {host}, which the name servers know")
            }
            Disagreement::Address => format!("The name servers disagree about the address of {host}"),
            Disagreement::Stale => {
                format!("This machine's own resolver has an address of {host} that no name server gives")
            }
        }
    }

    fn fix(&self, scope: &Scope) -> String {
        let host = scope.host();
        let wrong = if scope.is_general() { "SERVER".to_owned() } else { listed(&self.wrong) };
        match self.disagreement {
            Disagreement::Denied | Disagreement::DenialBelieved | Disagreement::Address
                if self.wrong.iter().any(|server| server.is_local_forwarder()) =>
            {
                format!(
                    "Have {wrong} ask {} for {host}: see to its domains and its cache (`resolvectl query {host}` shows them).",
                    listed(&self.right)
                )
            }
            Disagreement::Denied | Disagreement::DenialBelieved | Disagreement::Address => format!(
                "Let this device ask only name servers that know {host}: take {wrong} out of its list (DHCP, resolv.conf), or \
                 have it know the name."
            ),
            Disagreement::SystemDenies { local: true } => format!(
                "Names that end in {MDNS_DOMAIN} are looked up by multicast alone: take `[NOTFOUND=return]` behind mdns out of \
                 nsswitch.conf, route {MDNS_DOMAIN} to the name servers, or give {host} another name."
            ),
            Disagreement::SystemDenies { local: false } => format!(
                "See where this machine's resolver looks ({}): the name servers know {host}.",
                self.system.resolver()
            ),
            Disagreement::Stale => format!(
                "Empty this machine's caches of names ({}), and compare what the name servers say of {host} over a minute: \
                 some rotate addresses.",
                self.system.flush()
            ),
        }
    }

    fn is_same(&self, other: &Self) -> bool {
        self.disagreement == other.disagreement
    }

    fn merge(&mut self, other: &Self) {
        ordered_set::extend_unique(&mut self.right, &other.right, MAX_SERVERS);
        ordered_set::extend_unique(&mut self.wrong, &other.wrong, MAX_SERVERS);
    }

    fn of_resolution(run: &Observations) -> Option<(&'static str, Occurrence)> {
        let UnresolvedReason::Disagreement(answers) = UnresolvedReason::of(run)? else { return None };
        let (right, wrong) = (answers.servers_with_addresses(), answers.servers_denying());
        let (summary, disagreement) = match wrong.is_empty() {
            true => {
                let local = run.hub.host.to_ascii_lowercase().ends_with(MDNS_DOMAIN);
                ("the system's resolver denies the name", Disagreement::SystemDenies { local })
            }
            false => ("a name server denies the name", Disagreement::DenialBelieved),
        };
        let occurrence = Occurrence::confirmed(Self { disagreement, right, wrong, system: System::of(run) })
            .severity(Severity::Error);
        let occurrence = match disagreement {
            Disagreement::DenialBelieved => occurrence.evidence("the system's resolver believes the denial"),
            _ => occurrence.evidence("the system's resolver says that the name does not exist, or has no address"),
        };
        let names = NameFacts::of(run)?;
        Some((summary, limit_forgery(&names, names.with_evidence(occurrence))))
    }

    fn of_run(run: &Observations) -> Option<Occurrence> {
        let names = NameFacts::of(run).filter(|_| run.resolution.outcome == Outcome::Ok)?;
        let answers = names.answers.as_ref()?;
        // Behind a forwarder each server may have its own domains.
        let wrong: Vec<NameServer> =
            answers.servers_denying().into_iter().filter(|server| server.is_configured()).collect();
        let knows = |server: &NameServer| {
            answers
                .of_server(*server)
                .flat_map(|result| result.addresses())
                .any(|address| may_be_the_hubs(&names, *address))
        };
        let right: Vec<NameServer> = answers.servers_with_addresses().into_iter().filter(knows).collect();
        if wrong.is_empty() || right.is_empty() {
            return None;
        }
        let cause = Self { disagreement: Disagreement::Denied, right, wrong, system: System::of(run) };
        let occurrence = Occurrence::likely(cause).with_answers(answers);
        Some(occurrence.forgeable_by(Forgery::AnyoneOnPath))
    }

    fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        let address = context.attempt.address;
        if verdict.outcome != AttemptOutcome::Blocked || verdict.is_misdirected() {
            return verdict;
        }
        let Some(names) = context.comparisons.name_facts.as_ref().filter(|names| !names.is_proven_at(address)) else {
            return verdict;
        };
        let Some(found) = names.hub_found_at() else { return verdict };
        let right = names.servers_giving(found);
        let system = System::of(context.observations);
        match names.origin(address) {
            AddressOrigin::Servers(wrong)
                if !right.is_empty() && wrong.iter().all(|server| !right.contains(server)) =>
            {
                let cause = Self { disagreement: Disagreement::Address, right, wrong, system };
                let occurrence = match verdict.meets_stranger() {
                    true => Occurrence::confirmed(cause),
                    // Both addresses may be the hub's, with one blocked.
                    false => Occurrence::likelier_than(cause, Code::SomeAddressesBlocked),
                };
                let occurrence = limit_forgery(names, names.with_evidence(occurrence.severity(Severity::Error)));
                verdict
                    .misdirected_by(occurrence, format!("{address} by one name server; the hub is where another says"))
            }
            AddressOrigin::Unknown if !right.is_empty() => {
                let cause = Self { disagreement: Disagreement::Stale, right, wrong: Vec::new(), system };
                let occurrence = Occurrence::possible(cause, &[Code::SomeAddressesBlocked]);
                let occurrence = names.with_evidence(occurrence.evidence(SystemOnly { address }));
                verdict.with(limit_forgery(names, occurrence))
            }
            _ => verdict,
        }
    }
}

/// If the hub proved itself at another address, no one on the path can forge that; otherwise anyone can forge a
/// server's answer.
fn limit_forgery(names: &NameFacts<'_>, occurrence: Occurrence) -> Occurrence {
    match names.hub_found_at() {
        Some(_) => occurrence,
        None => occurrence.forgeable_by(Forgery::AnyoneOnPath),
    }
}

/// Whether an address may be the hub's. Addresses from filters and rewriters are known not to be.
fn may_be_the_hubs(names: &NameFacts<'_>, address: IpAddr) -> bool {
    let original = names.original(address);
    let made_up = names.controls.nonexistent().iter().any(|made_up| made_up.contains(address));
    !original.is_unspecified() && !original.is_loopback() && !made_up
}

#[derive(Debug, Clone, PartialEq)]
struct SystemOnly {
    address: IpAddr,
}

impl Statement for SystemOnly {}

impl fmt::Display for SystemOnly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the system's resolver gives {}, no name server does", self.address)
    }
}
