//! One resolver or record type fails, another answers.

use serde::Serialize;

use super::CauseKind;
use crate::{
    diagnosis::{Entry, Forgery, Owner, Severity, dns_answers::Answers, occurrence::Occurrence, scope::Scope},
    observation::{Observations, Outcome, ResolutionSource, Stage},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct DnsPartial {}

impl CauseKind for DnsPartial {
    const ENTRY: Entry = Entry {
        word: "dns-partial",
        stage: Stage::Resolve,
        severity: Severity::Warning,
        owner: Owner::DnsAdmin,
        forgery: Forgery::OnlyTheAccused,
        explanation: "Addresses were found, but one name server, or the lookup of one record type, fails or stays silent. \
            Programs wait for it, often many seconds, before they go on; some give up.",
        proof: "Questions of our own to each name server apart, for A and AAAA, over UDP and TCP: some bring addresses, \
            others fail.",
    };

    fn title(&self, scope: &Scope) -> String {
        format!("Some of the name servers do not answer for {} as they should", scope.host())
    }

    fn fix(&self, _: &Scope) -> String {
        "Mend or remove the name server that fails. One that is silent for AAAA alone must answer that there is none."
            .to_owned()
    }

    fn of_run(run: &Observations) -> Option<Occurrence> {
        let troubles = Answers::of(run).filter(Answers::have_addresses)?.troubles();
        if run.resolution.outcome != Outcome::Ok || troubles.is_empty() {
            return None;
        }
        let occurrence = troubles.into_iter().fold(Occurrence::confirmed(Self {}), Occurrence::evidence);
        Some(match run.resolution.source {
            ResolutionSource::OwnQueries => occurrence.evidence(
                "the system's resolver had no answer after a second, or gave up; the others' were used instead",
            ),
            ResolutionSource::System | ResolutionSource::NamedServers => occurrence,
        })
    }
}
