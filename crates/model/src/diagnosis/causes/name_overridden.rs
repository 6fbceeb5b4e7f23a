//! The hosts file gives another address than the name servers.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use crate::{
    diagnosis::{
        Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        attempt_verdict::{AttemptOutcome, AttemptVerdict},
        cause_kind::CauseKind,
        dns::{AddressOrigin, is_private},
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
pub(crate) struct NameOverridden {
    /// The hosts file.
    path: String,
    /// Its line numbers.
    lines: Vec<usize>,
    /// The addresses in them.
    addresses: Vec<IpAddr>,
    /// The addresses that the name servers give.
    servers_give: Vec<IpAddr>,
    /// The hub is at the address in the hosts file.
    #[serde(skip)]
    works: bool,
    /// The hosts file gives a private address, the name servers a public one.
    #[serde(skip)]
    may_be_intended: bool,
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
        let (host, servers_give) = (scope.host(), scope.or_placeholder("ADDRESSES", listed(&self.servers_give)));
        if self.works {
            return format!(
                "Nothing to do while it is meant. If not, remove {host} from {}: the name servers give {servers_give}.",
                self.lines_text(scope)
            );
        }
        let unless = match self.may_be_intended {
            true => " If the address is meant, as that of a private endpoint, correct it there instead.",
            false => "",
        };
        format!("Remove {host} from {}: the name servers give {servers_give}.{unless}", self.lines_text(scope))
    }

    fn is_same(&self, other: &Self) -> bool {
        (&self.path, self.works) == (&other.path, other.works)
    }

    fn merge(&mut self, other: &Self) {
        self.lines.extend(other.lines.iter().filter(|line| !self.lines.contains(line)).copied().collect::<Vec<_>>());
        ordered_set::extend_unique(&mut self.addresses, &other.addresses, MAX_ADDRESSES);
        ordered_set::extend_unique(&mut self.servers_give, &other.servers_give, MAX_ADDRESSES);
        self.may_be_intended &= other.may_be_intended;
    }

    fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        let address = context.attempt.address;
        let Some(names) = context.comparisons.name_facts.as_ref().filter(|_| !verdict.is_misdirected()) else {
            return verdict;
        };
        let AddressOrigin::HostsFile { path, line } = names.origin(address) else { return verdict };
        let servers_give: Vec<IpAddr> = names.addresses_from_servers();
        if servers_give.is_empty() {
            return verdict;
        }
        let works = names.is_proven_at(address);
        let found = names.hub_found_at();
        let may_be_intended = is_private(address) && !servers_give.iter().copied().any(is_private);
        let cause = Self {
            path: path.clone(),
            lines: vec![line],
            addresses: vec![address],
            servers_give,
            works,
            may_be_intended,
        };
        let occurrence = match found {
            _ if works || address.is_unspecified() => Occurrence::confirmed(cause),
            Some(_) if !may_be_intended => Occurrence::confirmed(cause),
            _ => Occurrence::likely(cause),
        };
        let occurrence = names.with_evidence(occurrence.evidence(HostsFileEntry { path, line, address }));
        match (works, verdict.outcome) {
            (true, _) => verdict.with(occurrence.severity(Severity::Info)),
            (false, AttemptOutcome::Allowed) => verdict,
            // The fault may also show at the name servers' address.
            (false, _) if found.is_none() && !address.is_unspecified() => {
                verdict.with(occurrence.severity(Severity::Warning))
            }
            (false, _) => {
                verdict.misdirected_by(occurrence, format!("the hosts file says {address}; the hub is elsewhere"))
            }
        }
    }
}

impl NameOverridden {
    fn lines_text(&self, scope: &Scope) -> String {
        if scope.is_general() {
            return "LINE of the hosts file".to_owned();
        }
        let word = if self.lines.len() > 1 { "lines" } else { "line" };
        format!("{word} {} of {}", listed(&self.lines), self.path)
    }
}

#[derive(Debug, Clone, PartialEq)]
struct HostsFileEntry {
    path: String,
    line: usize,
    address: IpAddr,
}

impl Statement for HostsFileEntry {}

impl fmt::Display for HostsFileEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} of {} says {}", self.line, self.path, self.address)
    }
}
