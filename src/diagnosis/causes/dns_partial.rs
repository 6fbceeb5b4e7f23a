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
    observation::{Observations, Outcome, ResolutionSource, Stage},
};

/// The most servers that are listed.
const MOST_SERVERS: usize = 6;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct DnsPartial {
    #[serde(skip)]
    servers: Vec<NameServer>,
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
        format!("Some of the name servers do not answer for {} as they should", scope.host())
    }

    fn fix(&self, scope: &Scope) -> String {
        let servers = match self.servers.as_slice() {
            servers if scope.is_general() || servers.is_empty() => "the name server that fails".to_owned(),
            servers => listed(servers),
        };
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
        let occurrence = Occurrence::confirmed(Self { servers }).owner(owner_of(&answers, Owner::DnsAdmin));
        let occurrence = troubles.into_iter().cloned().fold(occurrence, Occurrence::evidence);
        Some(match run.resolution.source {
            ResolutionSource::OwnQueries => occurrence.evidence(
                "the system's resolver had no answer after a second, or gave up; the others' were used instead",
            ),
            ResolutionSource::System | ResolutionSource::NamedServers => occurrence,
        })
    }
}
