//! One resolver or record type fails, another answers.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use crate::{
    diagnosis::{
        Entry, Forgery, Owner, Severity,
        cause_kind::CauseKind,
        dns::{Answers, NameServer, QueryRejection, ServerAnswer, ServerResult},
        evidence::Statement,
        occurrence::Occurrence,
        ordered_set,
        scope::Scope,
        text::listed,
        unresolved::owner_of_answers,
    },
    observation::{Observations, Outcome, ResolutionSource, Stage, kind},
};

/// Programs notice a lookup that takes longer.
const SLOW_LOOKUP_MS: f64 = 1000.0;
/// A report stays readable with this many.
const MAX_SERVERS: usize = 6;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct DnsPartial {
    #[serde(skip)]
    servers: Vec<NameServer>,
    /// All of them answer, but slowly.
    #[serde(skip)]
    are_slow: bool,
    /// Programs on this device wait for it.
    #[serde(skip)]
    is_waited_for: bool,
    /// The router that rejects all of the failing queries.
    #[serde(skip_serializing_if = "Option::is_none")]
    rejected_by: Option<IpAddr>,
}

impl CauseKind for DnsPartial {
    const ENTRY: Entry = Entry {
        stage: Stage::Resolve,
        severity: Severity::Warning,
        owner: Owner::DnsAdmin,
        forgery: Forgery::OnlyTheAccused,
        explanation: "Addresses were found, but one name server, or the lookup of one record type, fails, stays silent or takes \
            long. Programs wait for it, often many seconds, before they go on; some give up. Where this machine's own resolver \
            has its answer within a second all the same, it is told and no more: many small name servers know IPv4 alone.",
        proof: "Questions of our own to each name server apart, for A and AAAA, over UDP and TCP: some bring addresses, \
            others fail, or take more than 1.5 s.",
    };

    fn title(&self, scope: &Scope) -> String {
        match self.are_slow {
            false if !self.is_waited_for && !scope.is_general() => {
                format!("Some answers of the name servers for {} are amiss, and nobody waits for them", scope.host())
            }
            false => format!("Some of the name servers do not answer for {} as they should", scope.host()),
            true => format!("Name servers take seconds to answer for {}", scope.host()),
        }
    }

    fn fix(&self, scope: &Scope) -> String {
        let servers = match self.servers.as_slice() {
            servers if scope.is_general() || servers.is_empty() => "the name server that fails".to_owned(),
            servers => listed(servers),
        };
        if self.are_slow {
            return format!(
                "Find out why {servers} takes so long: the servers that it asks itself, or the way to it. A resolver that waits \
                 no longer than a second or two finds nothing."
            );
        }
        if let Some(sender_address) = self.rejected_by {
            return format!(
                "Allow UDP and TCP port 53 to {servers} at {sender_address}, or take what this network does not let it ask out of this \
                 device's list."
            );
        }
        format!(
            "Mend {servers}, or take it out of this device's list. A name server that has no AAAA record must say so, and \
             neither fail nor stay silent."
        )
    }

    fn is_same(&self, _: &Self) -> bool {
        true
    }

    fn merge(&mut self, other: &Self) {
        ordered_set::extend_unique(&mut self.servers, &other.servers, MAX_SERVERS);
        self.are_slow &= other.are_slow;
        self.is_waited_for |= other.is_waited_for;
        self.rejected_by = self.rejected_by.filter(|sender_address| other.rejected_by == Some(*sender_address));
    }

    fn of_run(run: &Observations) -> Option<Occurrence> {
        let answers = Answers::of(run).filter(Answers::have_addresses)?;
        // A denial is not a server failure, and behind a forwarder each server may have its own domains.
        let is_failing = |result: &&ServerResult| match result.answer {
            ServerAnswer::Addresses(_) | ServerAnswer::NoRecord | ServerAnswer::NoSuchName => result.is_slow(),
            _ => true,
        };
        let failing: Vec<&ServerResult> = answers
            .of_configured()
            .into_iter()
            .filter(|result| run.resolution.outcome == Outcome::Ok && is_failing(result))
            .collect();
        let mut servers: Vec<NameServer> = failing.iter().map(|result| result.server).collect();
        servers.dedup();
        if servers.is_empty() {
            return None;
        }
        let are_slow = failing.iter().all(|result| result.is_slow());
        // If the system waits as well, another finding says so.
        let system_waits = run.resolution.source == ResolutionSource::System;
        if are_slow && system_waits && run.facts::<kind::Lookup>().next().is_some() {
            return None;
        }
        let is_waited_for = delays_lookups(run, &answers, &failing);
        let severity = if is_waited_for { Severity::Warning } else { Severity::Info };
        let rejected = rejected_on_the_way(&failing);
        let owner = rejected.map_or_else(|| owner_of_answers(&answers, Owner::DnsAdmin), QueryRejection::owner);
        let location = rejected.and_then(|rejected| rejected.location(run));
        let cause =
            Self { servers, are_slow, is_waited_for, rejected_by: rejected.map(|rejected| rejected.sender_address) };
        let occurrence = Occurrence::confirmed(cause).owner(owner).severity(severity).located(location);
        let waits = SilentServersFirst::of(&answers);
        let occurrence = failing.into_iter().cloned().fold(occurrence, Occurrence::evidence);
        let occurrence = match waits {
            Some(waits) => occurrence.evidence(waits),
            None => occurrence,
        };
        Some(match run.resolution.source {
            ResolutionSource::OwnQueries => occurrence.evidence(
                "the system's resolver had no answer after a second, or gave up; the others' were used instead",
            ),
            ResolutionSource::System | ResolutionSource::NamedServers => occurrence,
        })
    }
}

/// Whether devices wait for the failing servers. The system's resolver shows it. If it was not asked: a silent server
/// delays every client, and a failing one does if it has nothing else to say.
fn delays_lookups(run: &Observations, answers: &Answers, failing: &[&ServerResult]) -> bool {
    let knows = |result: &ServerResult| answers.of_server(result.server).any(|other| !other.addresses().is_empty());
    match run.resolution.source {
        ResolutionSource::OwnQueries => true,
        ResolutionSource::System => run.resolution.duration_ms.is_some_and(|took_ms| took_ms >= SLOW_LOOKUP_MS),
        ResolutionSource::NamedServers => {
            failing.iter().any(|result| !(matches!(result.answer, ServerAnswer::Failure(_)) && knows(result)))
        }
    }
}

/// The device that rejects all failing queries by a rule on the path: not the name servers' fault.
fn rejected_on_the_way(failing: &[&ServerResult]) -> Option<QueryRejection> {
    let mut all = failing.iter().map(|result| result.rejected().filter(|rejected| rejected.is_by_policy()));
    let first = all.next()??;
    all.all(|other| other.is_some_and(|other| other.sender_address == first.sender_address)).then_some(first)
}

/// The silent servers that a system's resolver tries, one after another, before the first that answers.
#[derive(Debug, Clone, PartialEq)]
struct SilentServersFirst {
    servers: Vec<NameServer>,
}

impl SilentServersFirst {
    fn of(answers: &Answers) -> Option<Self> {
        let servers = answers.servers().into_iter().filter(|server| server.is_configured());
        let is_mute =
            |server: &NameServer| answers.of_server(*server).all(|result| result.answer == ServerAnswer::Silence);
        let servers: Vec<NameServer> = servers.take_while(is_mute).take(MAX_SERVERS).collect();
        (!servers.is_empty()).then_some(Self { servers })
    }
}

impl Statement for SilentServersFirst {}

impl fmt::Display for SilentServersFirst {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { servers } = self;
        let each = if servers.len() > 1 { " for each" } else { "" };
        write!(
            f,
            "{} stands before the first that answers: a system's resolver waits 5 s{each} as a rule, at every lookup",
            listed(servers)
        )
    }
}
