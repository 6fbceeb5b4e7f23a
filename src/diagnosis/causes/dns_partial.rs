//! One resolver or record type fails, another answers.

use serde::Serialize;

use super::CauseKind;
use crate::{
    diagnosis::{
        Entry, Forgery, Owner, Severity,
        names::{Answers, NameServer, Said, ServerAnswer},
        occurrence::Occurrence,
        scope::Scope,
        text::listed,
        unresolved::owner_of,
    },
    observation::{Observations, Outcome, ResolutionSource, Stage, kind},
};

/// The most servers that are listed.
const MOST_SERVERS: usize = 6;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct DnsPartial {
    #[serde(skip)]
    servers: Vec<NameServer>,
    /// They do answer, all of them, and take long.
    #[serde(skip)]
    are_slow: bool,
}

impl CauseKind for DnsPartial {
    const ENTRY: Entry = Entry {
        word: "dns-partial",
        stage: Stage::Resolve,
        severity: Severity::Warning,
        owner: Owner::DnsAdmin,
        forgery: Forgery::OnlyTheAccused,
        explanation: "Addresses were found, but one name server, or the lookup of one record type, fails, stays silent or takes \
            long. Programs wait for it, often many seconds, before they go on; some give up.",
        proof: "Questions of our own to each name server apart, for A and AAAA, over UDP and TCP: some bring addresses, \
            others fail, or take more than 1.5 s.",
    };

    fn title(&self, scope: &Scope) -> String {
        match self.are_slow {
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
        format!(
            "Mend {servers}, or take it out of this device's list. A name server that has no AAAA record must say so, and \
             neither fail nor stay silent."
        )
    }

    fn is_same(&self, _: &Self) -> bool {
        true
    }

    fn merge(&mut self, other: &Self) {
        super::add(&mut self.servers, &other.servers, MOST_SERVERS);
        self.are_slow &= other.are_slow;
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
        let occurrence = Occurrence::confirmed(Self { servers, are_slow }).owner(owner_of(&answers, Owner::DnsAdmin));
        let occurrence = troubles.into_iter().cloned().fold(occurrence, Occurrence::evidence);
        Some(match run.resolution.source {
            ResolutionSource::OwnQueries => occurrence.evidence(
                "the system's resolver had no answer after a second, or gave up; the others' were used instead",
            ),
            ResolutionSource::System | ResolutionSource::NamedServers => occurrence,
        })
    }
}
