//! The system's resolver takes seconds; our own queries do not.

use std::fmt;

use serde::Serialize;

use crate::{
    diagnosis::{
        Entry, Forgery, Owner, Severity,
        cause_kind::CauseKind,
        evidence::Statement,
        occurrence::Occurrence,
        scope::Scope,
        text::{clipped, duration_in_sentence, listed},
    },
    observation::{Dns, DnsAnswer, Observations, Outcome, ResolutionSource, Stage, kind},
};

/// A lookup that takes longer is slow.
const SLOW_MS: f64 = 1000.0;
/// The lookup must take this many times longer than our own queries; less may be chance.
const MIN_RATIO: f64 = 3.0;
/// A report stays readable with this many.
const MAX_NAMES: usize = 6;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct DnsSlow {
    /// How long the system's resolver took, in milliseconds; at least that, if it was given up.
    system_ms: f64,
    /// How long the slowest name server took for our own queries, in milliseconds; `None` if one gave no answer in
    /// time.
    servers_ms: Option<f64>,
    /// The name servers are as slow.
    #[serde(skip)]
    by_servers: bool,
    /// Names with a search domain appended that no server answers for.
    #[serde(skip)]
    waits_for: Vec<String>,
}

impl CauseKind for DnsSlow {
    const ENTRY: Entry = Entry {
        stage: Stage::Resolve,
        severity: Severity::Warning,
        owner: Owner::DnsAdmin,
        forgery: Forgery::Nobody,
        explanation: "Programs on this machine wait for seconds before they know the hub's address, though the name servers \
            answer at once when asked for it: the machine's resolver asks for something else first (a search domain, a source \
            before DNS, a server that is gone), or asks in a way that loses answers. Some programs give up.",
        proof: "The system's resolver takes more than a second, twice, while every name server answers questions of our own in \
            a third of that or less, twice. Where the name servers are as slow, it is `likely`. Seen once it is nothing: the \
            first to ask waits for what others then find.",
    };

    fn title(&self, scope: &Scope) -> String {
        let (host, took) = (scope.host(), scope.or_placeholder("SECONDS", duration_in_sentence(self.system_ms)));
        match self.by_servers {
            true => format!("Looking up {host} takes {took}: the name servers are slow"),
            false => format!("Looking up {host} takes {took}, though the name servers answer at once"),
        }
    }

    fn fix(&self, scope: &Scope) -> String {
        if self.by_servers {
            return "Find out why the name servers take so long: the servers that they ask themselves, or the way to them."
                .to_owned();
        }
        match self.waits_for.as_slice() {
            names if scope.is_general() || names.is_empty() => format!(
                "See what the resolver does before it answers for {}: search domains and `ndots` (resolv.conf), the sources \
                 before `dns` (nsswitch.conf), IPv6 answers that a firewall loses (`options single-request`).",
                scope.host()
            ),
            names => format!(
                "Have the name servers answer for {}, or take the domain out of the search list (resolv.conf).",
                listed(names)
            ),
        }
    }

    fn is_same(&self, _: &Self) -> bool {
        true
    }

    fn of_run(run: &Observations) -> Option<Occurrence> {
        let again = run.facts::<kind::Lookup>().next()?;
        let first_ms = run.resolution.duration_ms?;
        let second_ms = again.system.duration_ms.filter(|_| again.system.outcome != Outcome::Cancelled)?;
        if first_ms.min(second_ms) < SLOW_MS {
            return None;
        }
        let system_ms = first_ms.max(second_ms);
        let times = LookupTimes { first_ms, second_ms };
        // The system had its answer before our own queries did.
        if run.resolution.source == ResolutionSource::System {
            let cause = Self { system_ms, servers_ms: None, by_servers: true, waits_for: Vec::new() };
            return Some(Occurrence::likely(cause).forgeable_by(Forgery::AnyoneOnPath).evidence(times));
        }
        let mut servers = run.facts::<kind::Dns>().chain([&again.servers]).map(slowest_ms);
        // A silent server is another finding.
        let servers_ms = servers.try_fold(0.0, |slowest_ms: f64, one| Some(slowest_ms.max(one?)))?;
        if first_ms.min(second_ms) < servers_ms * MIN_RATIO {
            return None;
        }
        let unanswered = run.facts::<kind::DnsSearch>().flat_map(|dns| &dns.queries);
        let unanswered = unanswered.filter(|query| query.answer == DnsAnswer::Silent);
        let mut waits_for: Vec<String> = unanswered.map(|query| clipped(&query.name)).collect();
        waits_for.dedup();
        waits_for.truncate(MAX_NAMES);
        let names = waits_for.clone();
        let cause = Self { system_ms, servers_ms: Some(servers_ms), by_servers: false, waits_for };
        let occurrence = Occurrence::confirmed(cause).evidence(times).evidence(ServersQuick { servers_ms });
        Some(match names.is_empty() {
            true => occurrence,
            false => occurrence.evidence(UnansweredNames { names }),
        })
    }
}

/// How long the slowest answer took; `None` if one is missing.
fn slowest_ms(dns: &Dns) -> Option<f64> {
    let mut times = dns.queries.iter().map(|query| query.reply().map(|_| query.duration_ms));
    times.try_fold(0.0, |slowest_ms: f64, one| Some(slowest_ms.max(one?)))
}

#[derive(Debug, Clone, PartialEq)]
struct LookupTimes {
    first_ms: f64,
    second_ms: f64,
}

impl Statement for LookupTimes {}

impl fmt::Display for LookupTimes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, second) = (duration_in_sentence(self.first_ms), duration_in_sentence(self.second_ms));
        write!(f, "the system's resolver was waited for {first}, and when asked again {second}")
    }
}

#[derive(Debug, Clone, PartialEq)]
struct ServersQuick {
    servers_ms: f64,
}

impl Statement for ServersQuick {}

impl fmt::Display for ServersQuick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "every name server answered questions of our own within {}", duration_in_sentence(self.servers_ms))
    }
}

#[derive(Debug, Clone, PartialEq)]
struct UnansweredNames {
    names: Vec<String>,
}

impl Statement for UnansweredNames {}

impl fmt::Display for UnansweredNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "nobody answers for {}, which the search list has the resolver ask for", listed(&self.names))
    }
}
