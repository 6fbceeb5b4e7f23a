//! The answer does not fit into a datagram, and TCP 53 is silent.

use std::fmt;

use serde::Serialize;

use crate::{
    diagnosis::{
        Entry, Forgery, Owner, Severity,
        cause_kind::CauseKind,
        dns::{NameServer, ServerAnswer},
        evidence::Statement,
        occurrence::Occurrence,
        ordered_set,
        scope::Scope,
        text::listed,
        unresolved::UnresolvedReason,
    },
    observation::{DnsAnswer, DnsQuery, DnsTransport, Observations, Outcome, Stage, kind},
};

/// A report stays readable with this many.
const MAX_SERVERS: usize = 6;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct DnsTruncated {
    #[serde(skip)]
    servers: Vec<NameServer>,
    /// Larger datagrams (EDNS) bring the answer.
    #[serde(skip)]
    fits_with_edns: bool,
}

impl CauseKind for DnsTruncated {
    const ENTRY: Entry = Entry {
        stage: Stage::Resolve,
        severity: Severity::Error,
        owner: Owner::NetworkAdmin,
        forgery: Forgery::OnlyTheAccused,
        explanation: "The name server's answer for the hub's name is too long for a datagram, and says that it must be fetched \
            over TCP; TCP port 53 of the name server cannot be reached. Names with short answers resolve all the same.",
        proof: "The answer over UDP is marked as truncated (TC), and the same question over TCP gets nothing. Who marks answers \
            so on the way, or drops TCP, is the network.",
    };

    fn title(&self, scope: &Scope) -> String {
        match self.fits_with_edns {
            false => format!(
                "The answer for {} does not fit into a datagram, and TCP port 53 cannot be reached",
                scope.host()
            ),
            true => {
                format!(
                    "The answer for {} fits only into larger datagrams, and TCP port 53 cannot be reached",
                    scope.host()
                )
            }
        }
    }

    fn fix(&self, scope: &Scope) -> String {
        let to = match self.servers.as_slice() {
            servers if scope.is_general() || servers.is_empty() => "the name server".to_owned(),
            servers => listed(servers),
        };
        format!(
            "Allow TCP port 53 to {to}. Larger datagrams (EDNS, 1232 bytes) on the name server help where the answer fits."
        )
    }

    fn is_same(&self, other: &Self) -> bool {
        self.fits_with_edns == other.fits_with_edns
    }

    fn merge(&mut self, other: &Self) {
        ordered_set::extend_unique(&mut self.servers, &other.servers, MAX_SERVERS);
    }

    fn of_resolution(run: &Observations) -> Option<(&'static str, Occurrence)> {
        let UnresolvedReason::Truncated(answers) = UnresolvedReason::of(run)? else { return None };
        let truncated = answers.results().filter(|result| result.answer == ServerAnswer::Truncated);
        let mut servers: Vec<NameServer> = truncated.map(|result| result.server).collect();
        servers.dedup();
        let occurrence = Occurrence::confirmed(Self { servers, fits_with_edns: false }).with_answers(&answers);
        Some(("the name server's answer does not fit, and TCP 53 gives none", occurrence))
    }

    /// The system's resolver, which does not use EDNS, gets a truncated answer.
    fn of_run(run: &Observations) -> Option<Occurrence> {
        let plain = |query: &&DnsQuery| !query.edns && !query.checking_disabled;
        let asked: Vec<&DnsQuery> = run.facts::<kind::Dns>().flat_map(|dns| &dns.queries).filter(plain).collect();
        let is_cut = |query: &&&DnsQuery| query.reply().is_some_and(|reply| reply.truncated);
        let by_stream = |cut: &DnsQuery| {
            let alike = |query: &&&DnsQuery| (query.server, query.record) == (cut.server, cut.record);
            asked
                .iter()
                .filter(alike)
                .filter(|query| query.transport == DnsTransport::Tcp)
                .any(|query| query.answer != DnsAnswer::Cancelled && query.reply().is_none())
        };
        let has_addresses = run.resolution.outcome == Outcome::Ok;
        let mut servers: Vec<NameServer> = asked
            .iter()
            .filter(is_cut)
            .filter(|cut| by_stream(cut))
            .map(|cut| NameServer::of(run, cut.server))
            .collect();
        servers.dedup();
        if servers.is_empty() || !has_addresses {
            return None;
        }
        let occurrence = Occurrence::confirmed(Self { servers: servers.clone(), fits_with_edns: true });
        Some(
            occurrence
                .severity(Severity::Warning)
                .evidence(CutWithoutEdns { servers })
                .evidence("programs here ask without EDNS, and get no address, or wait"),
        )
    }
}

#[derive(Debug, Clone, PartialEq)]
struct CutWithoutEdns {
    servers: Vec<NameServer>,
}

impl Statement for CutWithoutEdns {}

impl fmt::Display for CutWithoutEdns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "without EDNS the answer of {} is truncated, and the question over TCP gets nothing",
            listed(&self.servers)
        )
    }
}
