//! One name server denies or differs, another answers.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        cause_kind::CauseKind,
        distinct,
        evidence::Statement,
        names::{NameServer, Names, Origin},
        occurrence::Occurrence,
        scope::Scope,
        text::listed,
        unresolved::Why,
        verdict::{AttemptOutcome, AttemptVerdict},
    },
    observation::{Observations, Outcome, Stage},
};

/// The most servers that are listed.
const MOST_SERVERS: usize = 6;
/// The domain that many resolvers look up by multicast alone (RFC 6762, section 3).
const LOCAL: &str = ".local";

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct DnsServersDisagree {
    #[serde(skip)]
    about: About,
    /// The servers that know where the hub is.
    #[serde(skip)]
    right: Vec<NameServer>,
    /// Those that do not.
    #[serde(skip)]
    wrong: Vec<NameServer>,
}

/// What they disagree about.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum About {
    /// Some deny the name; the system believes others.
    #[default]
    Denied,
    /// Some deny the name, and the system believes them.
    DenialBelieved,
    /// All know the name, and the system denies it.
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
        match self.about {
            About::Denied => format!("The name servers disagree whether {host} exists"),
            About::DenialBelieved => format!("A name server denies {host}, which another knows"),
            About::SystemDenies { .. } => {
                format!("This machine's own resolver denies {host}, which the name servers know")
            }
            About::Address => format!("The name servers disagree about the address of {host}"),
            About::Stale => format!("This machine's own resolver has an address of {host} that no name server gives"),
        }
    }

    fn fix(&self, scope: &Scope) -> String {
        let host = scope.host();
        let wrong = if scope.is_general() { "SERVER".to_owned() } else { listed(&self.wrong) };
        match self.about {
            About::Denied | About::DenialBelieved | About::Address
                if self.wrong.iter().any(|server| server.is_here()) =>
            {
                format!(
                    "Have {wrong} ask {} for {host}: see to its domains and its cache (`resolvectl query {host}` shows them).",
                    listed(&self.right)
                )
            }
            About::Denied | About::DenialBelieved | About::Address => format!(
                "Let this device ask only name servers that know {host}: take {wrong} out of its list (DHCP, resolv.conf), or \
                 have it know the name."
            ),
            About::SystemDenies { local: true } => format!(
                "Names that end in {LOCAL} are looked up by multicast alone: take `[NOTFOUND=return]` behind mdns out of \
                 nsswitch.conf, route {LOCAL} to the name servers, or give {host} another name."
            ),
            About::SystemDenies { local: false } => format!(
                "See where this machine's resolver looks (nsswitch.conf, its caches): the name servers know {host}."
            ),
            About::Stale => format!(
                "Empty this machine's caches of names (nscd, a local forwarder), and compare what the name servers say of \
                 {host} over a minute: some rotate addresses."
            ),
        }
    }

    fn is_same(&self, other: &Self) -> bool {
        self.about == other.about
    }

    fn merge(&mut self, other: &Self) {
        distinct::add_new(&mut self.right, &other.right, MOST_SERVERS);
        distinct::add_new(&mut self.wrong, &other.wrong, MOST_SERVERS);
    }

    fn of_resolution(run: &Observations) -> Option<(&'static str, Occurrence)> {
        let Why::Disagreement(answers) = Why::of(run)? else { return None };
        let (right, wrong) = (answers.knowing(), answers.denying());
        let (summary, about) = match wrong.is_empty() {
            true => {
                let local = run.hub.host.to_ascii_lowercase().ends_with(LOCAL);
                ("the system's resolver denies the name", About::SystemDenies { local })
            }
            false => ("a name server denies the name", About::DenialBelieved),
        };
        let occurrence = Occurrence::confirmed(Self { about, right, wrong }).severity(Severity::Error);
        let occurrence = match about {
            About::DenialBelieved => occurrence.evidence("the system's resolver believes the denial"),
            _ => occurrence.evidence("the system's resolver says that the name does not exist, or has no address"),
        };
        let names = Names::of(run)?;
        Some((summary, proved_by_hub(&names, names.tell(occurrence))))
    }

    fn of_run(run: &Observations) -> Option<Occurrence> {
        let names = Names::of(run).filter(|_| run.resolution.outcome == Outcome::Ok)?;
        let answers = names.answers.as_ref()?;
        // Behind a forwarder each server may have domains of its own.
        let wrong: Vec<NameServer> = answers.denying().into_iter().filter(|server| server.is_configured()).collect();
        let knows = |server: &NameServer| {
            answers.by(*server).flat_map(|said| said.addresses()).any(|address| may_be_the_hubs(&names, *address))
        };
        let right: Vec<NameServer> = answers.knowing().into_iter().filter(knows).collect();
        if wrong.is_empty() || right.is_empty() {
            return None;
        }
        let occurrence = Occurrence::likely(Self { about: About::Denied, right, wrong }).said_by(answers);
        Some(occurrence.forgeable_by(Forgery::AnyoneOnPath))
    }

    fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        let address = context.attempt.address;
        if verdict.outcome != AttemptOutcome::Blocked || verdict.is_led_astray() {
            return verdict;
        }
        let Some(names) = context.comparisons.names.as_ref().filter(|names| !names.hub_shows_at(address)) else {
            return verdict;
        };
        let Some(found) = names.hub_found_at() else { return verdict };
        let right = names.servers_that_give(found);
        match names.origin(address) {
            Origin::Servers(wrong) if !right.is_empty() && wrong.iter().all(|server| !right.contains(server)) => {
                let cause = Self { about: About::Address, right, wrong };
                let occurrence = match verdict.shows_a_stranger() {
                    true => Occurrence::confirmed(cause),
                    // Both addresses may be the hub's, and one be blocked.
                    false => Occurrence::likelier_than(cause, Code::SomeAddressesBlocked),
                };
                let occurrence = proved_by_hub(names, names.tell(occurrence.severity(Severity::Error)));
                verdict.led_astray(occurrence, format!("{address} by one name server; the hub is where another says"))
            }
            Origin::Unknown if !right.is_empty() => {
                let cause = Self { about: About::Stale, right, wrong: Vec::new() };
                let occurrence = Occurrence::possible(cause, &[Code::SomeAddressesBlocked]);
                let occurrence = names.tell(occurrence.evidence(SystemGives { address }));
                verdict.with(proved_by_hub(names, occurrence))
            }
            _ => verdict,
        }
    }
}

/// Where the hub showed itself, nobody on the path can have made that up; else anybody can make up what a server says.
fn proved_by_hub(names: &Names<'_>, occurrence: Occurrence) -> Occurrence {
    match names.hub_found_at() {
        Some(_) => occurrence,
        None => occurrence.forgeable_by(Forgery::AnyoneOnPath),
    }
}

/// Whether an address may be the hub's: what filters and rewriters give is known not to be.
fn may_be_the_hubs(names: &Names<'_>, address: IpAddr) -> bool {
    let original = names.original(address);
    let made_up = names.controls.nowhere().iter().any(|made_up| made_up.is(address));
    !original.is_unspecified() && !original.is_loopback() && !made_up
}

#[derive(Debug, Clone, PartialEq)]
struct SystemGives {
    address: IpAddr,
}

impl Statement for SystemGives {}

impl fmt::Display for SystemGives {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the system's resolver gives {}, no name server does", self.address)
    }
}
