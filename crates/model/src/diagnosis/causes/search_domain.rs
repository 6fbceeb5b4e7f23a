//! The system's answer is for the name with a search domain appended.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use crate::{
    diagnosis::{
        Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        attempt_verdict::{AttemptOutcome, AttemptVerdict},
        cause_kind::CauseKind,
        dns::{AddressOrigin, NameServer},
        evidence::Statement,
        occurrence::Occurrence,
        ordered_set,
        scope::Scope,
        text::{clipped, listed},
    },
    observation::Stage,
};

/// A report stays readable with this many.
const MAX_ADDRESSES: usize = 20;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct SearchDomain {
    /// The domain that is appended.
    domain: String,
    /// The name that is looked up instead of the hub's.
    name: String,
    /// The addresses of that name.
    addresses: Vec<IpAddr>,
    /// The addresses that the name servers give for the hub's name itself.
    servers_give: Vec<IpAddr>,
}

impl CauseKind for SearchDomain {
    const ENTRY: Entry = Entry {
        stage: Stage::Resolve,
        severity: Severity::Error,
        owner: Owner::Operator,
        forgery: Forgery::Nobody,
        explanation: "The system's resolver appends the domains of its search list to names, and one of the names that come of \
            it has an address: often that of a record for every name below the domain. Programs here go there and not to \
            the hub. Containers and pods with `ndots:5` append to nearly every name. What is refused or dropped there says \
            nothing of the hub.",
        proof: "The search list, and the name servers' answers to questions of our own: for the name with the domain behind it \
            they give the system's answer, for the name as such they do not. It is `confirmed` where the hub shows its \
            certificate at the address for the name as such and not at the other; else it is `likely`.",
    };

    fn title(&self, scope: &Scope) -> String {
        let name = scope.or_placeholder("HOST.DOMAIN", &self.name);
        format!("The system's resolver finds {name} instead of {}", scope.host())
    }

    fn fix(&self, scope: &Scope) -> String {
        let (host, domain) = (scope.host(), scope.or_placeholder("DOMAIN", &self.domain));
        if !scope.is_general() && self.servers_give.is_empty() {
            return format!(
                "Check the spelling of {host}: as such it has no address here. So that a wrong name is not taken for another, \
                 remove {domain} from the search list (resolv.conf), or the record for every name below it."
            );
        }
        format!(
            "Write the name with a final dot (`{host}.`) where programs take it so, set `ndots:1` (resolv.conf, a pod's \
             dnsConfig), or remove {domain} from the search list."
        )
    }

    fn is_same(&self, other: &Self) -> bool {
        (&self.domain, &self.name) == (&other.domain, &other.name)
    }

    fn merge(&mut self, other: &Self) {
        ordered_set::extend_unique(&mut self.addresses, &other.addresses, MAX_ADDRESSES);
        ordered_set::extend_unique(&mut self.servers_give, &other.servers_give, MAX_ADDRESSES);
    }

    fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        let (run, address) = (context.observations, context.attempt.address);
        let Some(names) = context.comparisons.name_facts.as_ref().filter(|_| !verdict.is_misdirected()) else {
            return verdict;
        };
        let AddressOrigin::Search { name, servers } = names.origin(address) else { return verdict };
        let servers_give = names.addresses_from_servers();
        let works = names.is_proven_at(address);
        // A name that exists only with a domain appended was meant to be completed.
        let is_meant = servers_give.is_empty() && (works || !run.hub.host.contains('.'));
        if is_meant {
            return verdict;
        }
        let domain = name.get(run.hub.host.len() + 1..).unwrap_or_default();
        let cause = Self { domain: clipped(domain), name: clipped(&name), addresses: vec![address], servers_give };
        let occurrence = match works || names.hub_found_at().is_some() {
            true => Occurrence::confirmed(cause),
            false => Occurrence::likely(cause),
        };
        let list = names.sources.map(|sources| SearchList { domains: sources.search.clone(), ndots: sources.ndots });
        let occurrence = list.into_iter().fold(occurrence, Occurrence::evidence);
        let occurrence = occurrence.evidence(Completed { name: clipped(&name), servers, address });
        let occurrence = names.with_evidence(occurrence);
        match (works, verdict.outcome) {
            (true, _) => verdict.with(occurrence.severity(Severity::Warning)),
            (false, AttemptOutcome::Allowed) => verdict,
            (false, _) => verdict.misdirected_by(occurrence, format!("{address} is the address of {}", clipped(&name))),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
struct SearchList {
    domains: Vec<String>,
    ndots: u8,
}

impl Statement for SearchList {}

impl fmt::Display for SearchList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let domains: Vec<String> = self.domains.iter().map(|domain| clipped(domain)).collect();
        let names = match self.ndots {
            1 => "names without a dot".to_owned(),
            ndots => format!("names of fewer than {ndots} dots"),
        };
        write!(f, "resolv.conf appends {} to {names} first", listed(&domains))
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Completed {
    name: String,
    servers: Vec<NameServer>,
    address: IpAddr,
}

impl Statement for Completed {}

impl fmt::Display for Completed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the system says {}, which {} gives for {}", self.address, listed(&self.servers), self.name)
    }
}
