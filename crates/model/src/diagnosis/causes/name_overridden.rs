//! The hosts file names another address than the name servers.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use crate::{
    diagnosis::{
        Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        cause_kind::CauseKind,
        distinct,
        evidence::Statement,
        names::{Origin, is_private},
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
pub(crate) struct NameOverridden {
    /// The hosts file.
    path: String,
    /// Its lines.
    lines: Vec<usize>,
    /// What they say.
    addresses: Vec<IpAddr>,
    /// What the name servers say.
    servers_give: Vec<IpAddr>,
    /// The hub is where the hosts file says.
    #[serde(skip)]
    works: bool,
    /// The hosts file names an address inside a network, the name servers one outside.
    #[serde(skip)]
    may_be_meant: bool,
}

impl CauseKind for NameOverridden {
    const ENTRY: Entry = Entry {
        stage: Stage::Resolve,
        severity: Severity::Error,
        owner: Owner::Operator,
        forgery: Forgery::Nobody,
        explanation: "This machine's hosts file pins the hub's name to an address that the name servers do not give for it. \
            Programs here never ask the name servers, so they go to the pinned address even when the hub has moved. What \
            is refused or dropped there says nothing of the hub.",
        proof: "The line of the hosts file, and the name servers' answers to questions of our own. It is `confirmed` where the \
            hub shows its certificate at the name servers' address and not at the pinned one, or where the pinned address is \
            nobody's (0.0.0.0); else it is `likely`. Where the hub answers at the pinned address, it is information.",
    };

    fn title(&self, scope: &Scope) -> String {
        format!("This machine's hosts file gives {} another address than the name servers", scope.host())
    }

    fn fix(&self, scope: &Scope) -> String {
        let (host, servers_give) = (scope.host(), scope.or_word("ADDRESSES", listed(&self.servers_give)));
        if self.works {
            return format!(
                "Nothing to do while it is meant. If not, remove {host} from {}: the name servers give {servers_give}.",
                self.located(scope)
            );
        }
        let unless = match self.may_be_meant {
            true => " If the address is meant, as that of a private endpoint, correct it there instead.",
            false => "",
        };
        format!("Remove {host} from {}: the name servers give {servers_give}.{unless}", self.located(scope))
    }

    fn is_same(&self, other: &Self) -> bool {
        (&self.path, self.works) == (&other.path, other.works)
    }

    fn merge(&mut self, other: &Self) {
        self.lines.extend(other.lines.iter().filter(|line| !self.lines.contains(line)).copied().collect::<Vec<_>>());
        distinct::add_new(&mut self.addresses, &other.addresses, MOST_ADDRESSES);
        distinct::add_new(&mut self.servers_give, &other.servers_give, MOST_ADDRESSES);
        self.may_be_meant &= other.may_be_meant;
    }

    fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        let address = context.attempt.address;
        let Some(names) = context.comparisons.names.as_ref().filter(|_| !verdict.is_led_astray()) else {
            return verdict;
        };
        let Origin::HostsFile { path, line } = names.origin(address) else { return verdict };
        let servers_give: Vec<IpAddr> = names.given_by_servers();
        if servers_give.is_empty() {
            return verdict;
        }
        let works = names.hub_shows_at(address);
        let found = names.hub_found_at();
        let may_be_meant = is_private(address) && !servers_give.iter().copied().any(is_private);
        let cause =
            Self { path: path.clone(), lines: vec![line], addresses: vec![address], servers_give, works, may_be_meant };
        let occurrence = match found {
            _ if works || address.is_unspecified() => Occurrence::confirmed(cause),
            Some(_) if !may_be_meant => Occurrence::confirmed(cause),
            _ => Occurrence::likely(cause),
        };
        let occurrence = names.tell(occurrence.evidence(Pinned { path, line, address }));
        match (works, verdict.outcome) {
            (true, _) => verdict.with(occurrence.severity(Severity::Info)),
            (false, AttemptOutcome::Allowed) => verdict,
            // What is wrong elsewhere may be wrong at the name servers' address too.
            (false, _) if found.is_none() && !address.is_unspecified() => {
                verdict.with(occurrence.severity(Severity::Warning))
            }
            (false, _) => {
                verdict.led_astray(occurrence, format!("the hosts file says {address}; the hub is elsewhere"))
            }
        }
    }
}

impl NameOverridden {
    fn located(&self, scope: &Scope) -> String {
        if scope.is_general() {
            return "LINE of the hosts file".to_owned();
        }
        let word = if self.lines.len() > 1 { "lines" } else { "line" };
        format!("{word} {} of {}", listed(&self.lines), self.path)
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Pinned {
    path: String,
    line: usize,
    address: IpAddr,
}

impl Statement for Pinned {}

impl fmt::Display for Pinned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} of {} says {}", self.line, self.path, self.address)
    }
}
