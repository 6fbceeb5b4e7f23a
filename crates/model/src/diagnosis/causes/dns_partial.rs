//! One resolver or record type fails, another answers.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use crate::{
    diagnosis::{
        Entry, Forgery, Owner, Severity,
        cause_kind::CauseKind,
        distinct,
        evidence::Statement,
        names::{Answers, NameServer, Rejected, Said, ServerAnswer},
        occurrence::Occurrence,
        scope::Scope,
        text::listed,
        unresolved::owner_of,
    },
    observation::{Observations, Outcome, ResolutionSource, Stage, kind},
};

/// A lookup that takes longer is waited for.
const SECONDS_MS: f64 = 1000.0;
/// The most servers that are listed.
const MOST_SERVERS: usize = 6;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct DnsPartial {
    #[serde(skip)]
    servers: Vec<NameServer>,
    /// They do answer, all of them, and take long.
    #[serde(skip)]
    are_slow: bool,
    /// Programs here wait for it.
    #[serde(skip)]
    is_waited_for: bool,
    /// The router that rejects all that is amiss.
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
        if let Some(by) = self.rejected_by {
            return format!(
                "Allow UDP and TCP port 53 to {servers} at {by}, or take what this network does not let it ask out of this \
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
        distinct::add_new(&mut self.servers, &other.servers, MOST_SERVERS);
        self.are_slow &= other.are_slow;
        self.is_waited_for |= other.is_waited_for;
        self.rejected_by = self.rejected_by.filter(|by| other.rejected_by == Some(*by));
    }

    fn of_run(run: &Observations) -> Option<Occurrence> {
        let answers = Answers::of(run).filter(Answers::have_addresses)?;
        // What a server denies is no failure of its own, and behind a forwarder each may have domains of its own.
        let troubled = |said: &&Said| match said.answer {
            ServerAnswer::Addresses(_) | ServerAnswer::NoRecord | ServerAnswer::NoSuchName => said.is_slow(),
            _ => true,
        };
        let troubles: Vec<&Said> = answers
            .of_configured()
            .into_iter()
            .filter(|said| run.resolution.outcome == Outcome::Ok && troubled(said))
            .collect();
        let mut servers: Vec<NameServer> = troubles.iter().map(|said| said.server).collect();
        servers.dedup();
        if servers.is_empty() {
            return None;
        }
        let are_slow = troubles.iter().all(|said| said.is_slow());
        // Where the system waits for them all the same, that is what is told.
        let system_waits = run.resolution.source == ResolutionSource::System;
        if are_slow && system_waits && run.facts::<kind::Lookup>().next().is_some() {
            return None;
        }
        let is_waited_for = costs_seconds(run, &answers, &troubles);
        let severity = if is_waited_for { Severity::Warning } else { Severity::Info };
        let rejected = rejected_on_the_way(&troubles);
        let owner = rejected.map_or_else(|| owner_of(&answers, Owner::DnsAdmin), Rejected::owner);
        let location = rejected.and_then(|rejected| rejected.location(run));
        let cause = Self { servers, are_slow, is_waited_for, rejected_by: rejected.map(|rejected| rejected.by) };
        let occurrence = Occurrence::confirmed(cause).owner(owner).severity(severity).located(location);
        let waits = Waits::of(&answers);
        let occurrence = troubles.into_iter().cloned().fold(occurrence, Occurrence::evidence);
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

/// Whether devices wait for what is amiss: the system's resolver did. Where it was not asked, a server that is silent keeps
/// whoever asks it waiting, and one that fails does where it has nothing else to say.
fn costs_seconds(run: &Observations, answers: &Answers, troubles: &[&Said]) -> bool {
    let knows = |said: &Said| answers.by(said.server).any(|other| !other.addresses().is_empty());
    match run.resolution.source {
        ResolutionSource::OwnQueries => true,
        ResolutionSource::System => run.resolution.duration_ms.is_some_and(|took_ms| took_ms >= SECONDS_MS),
        ResolutionSource::NamedServers => {
            troubles.iter().any(|said| !(matches!(said.answer, ServerAnswer::Failure(_)) && knows(said)))
        }
    }
}

/// Who rejects all that is amiss by a rule on the way: that is not the name servers' fault.
fn rejected_on_the_way(troubles: &[&Said]) -> Option<Rejected> {
    let mut all = troubles.iter().map(|said| said.rejected().filter(|rejected| rejected.is_forbidden()));
    let first = all.next()??;
    all.all(|other| other.is_some_and(|other| other.by == first.by)).then_some(first)
}

/// The servers that a system's resolver waits for, one after the other, before it asks the first that answers.
#[derive(Debug, Clone, PartialEq)]
struct Waits {
    servers: Vec<NameServer>,
}

impl Waits {
    fn of(answers: &Answers) -> Option<Self> {
        let servers = answers.servers().into_iter().filter(|server| server.is_configured());
        let is_mute = |server: &NameServer| answers.by(*server).all(|said| said.answer == ServerAnswer::Silence);
        let servers: Vec<NameServer> = servers.take_while(is_mute).take(MOST_SERVERS).collect();
        (!servers.is_empty()).then_some(Self { servers })
    }
}

impl Statement for Waits {}

impl fmt::Display for Waits {
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
