//! What each name server answered for the hub's name.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
};

use super::{
    MAX_READ, extended_error,
    name_server::{NameServer, Upstreams},
    query_rejection::QueryRejection,
};
use crate::{
    diagnosis::{
        evidence::Statement,
        text::{clipped, duration_in_sentence, listed},
    },
    observation::{DnsAnswer, DnsQuery, DnsRecord, DnsTransport, ExtendedError, Observations, kind},
};

/// A sentence stays readable with this many.
const MAX_ADDRESSES_SHOWN: usize = 4;
/// A slower answer counts as slow: a second allows for one or two lost datagrams.
const SLOW_MS: f64 = 1500.0;

/// One name server's answer for one record type: the best over all query forms and transports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::diagnosis) enum ServerAnswer {
    /// The addresses.
    Addresses(Vec<IpAddr>),
    /// The name has no such record.
    NoRecord,
    /// The name does not exist.
    NoSuchName,
    /// The server fails or refuses, with this response code.
    Failure(String),
    /// Truncated over UDP, and no other answer came.
    Truncated,
    /// The answer came from this other address.
    Elsewhere(IpAddr),
    /// Not a DNS answer.
    Malformed,
    /// The server is unreachable or the port is closed, by an ICMP error whose sender may be known.
    Unreachable(Option<QueryRejection>),
    /// No answer.
    Silence,
}

/// The result of one name server for one record type.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::diagnosis) struct ServerResult {
    pub(in crate::diagnosis) server: NameServer,
    pub(in crate::diagnosis) record: DnsRecord,
    pub(in crate::diagnosis) answer: ServerAnswer,
    pub(in crate::diagnosis) errors: Vec<ExtendedError>,
    /// The aliases on the way, also of a denial.
    pub(in crate::diagnosis) aliases: Vec<String>,
    /// The zone of a denial.
    zone: Option<String>,
    took_ms: f64,
    /// Whether TCP was tried too.
    asked_over_tcp: bool,
    rejected_by_someone: bool,
}

/// The results of all servers, in the order in which the system asks them.
pub(in crate::diagnosis) struct Answers(Vec<ServerResult>);

impl Answers {
    /// The run's results; `None` if the queries were not sent, or were cut short.
    pub(in crate::diagnosis) fn of(run: &Observations) -> Option<Self> {
        let sent = run.facts::<kind::Dns>().flat_map(|dns| &dns.queries).take(MAX_READ);
        let queries: Vec<&DnsQuery> = sent.filter(|query| !query.checking_disabled).collect();
        if queries.is_empty() || queries.iter().any(|query| query.answer == DnsAnswer::Cancelled) {
            return None;
        }
        let mut targets: Vec<(SocketAddr, DnsRecord)> = Vec::new();
        for query in &queries {
            if !targets.contains(&(query.server, query.record)) {
                targets.push((query.server, query.record));
            }
        }
        // A server that the system does not know comes after those that it does.
        let rank = |server: &SocketAddr| {
            let known = run.vantage.resolvers.iter().position(|known| is_configured_as(known, *server));
            known.unwrap_or(usize::MAX)
        };
        targets.sort_by_key(|(server, record)| (rank(server), *server, *record));
        let upstreams = Upstreams::of(run);
        let results = targets.into_iter().filter_map(|(server, record)| {
            let of_target = queries.iter().filter(|query| (query.server, query.record) == (server, record));
            ServerResult::of(upstreams.server(server), record, &of_target.copied().collect::<Vec<_>>())
        });
        Some(Self(results.collect()))
    }

    /// All results.
    pub(in crate::diagnosis) fn results(&self) -> impl Iterator<Item = &ServerResult> {
        self.0.iter()
    }

    /// The results of the servers that the system queries itself.
    pub(in crate::diagnosis) fn of_configured(&self) -> Vec<&ServerResult> {
        self.results().filter(|result| result.server.is_configured()).collect()
    }

    /// The results of the servers behind a forwarder on this machine.
    pub(in crate::diagnosis) fn behind_forwarder(&self) -> Vec<&ServerResult> {
        self.results().filter(|result| !result.server.is_configured()).collect()
    }

    /// Whether any server gives an address.
    pub(in crate::diagnosis) fn have_addresses(&self) -> bool {
        self.results().any(|result| !result.addresses().is_empty())
    }

    /// The servers, each once.
    pub(in crate::diagnosis) fn servers(&self) -> Vec<NameServer> {
        let mut servers: Vec<NameServer> = self.results().map(|result| result.server).collect();
        servers.dedup();
        servers
    }

    /// The results of one server.
    pub(in crate::diagnosis) fn of_server(&self, server: NameServer) -> impl Iterator<Item = &ServerResult> {
        self.results().filter(move |result| result.server == server)
    }

    /// The servers that give addresses.
    pub(in crate::diagnosis) fn servers_with_addresses(&self) -> Vec<NameServer> {
        let knows = |server: &NameServer| self.of_server(*server).any(|result| !result.addresses().is_empty());
        self.servers().into_iter().filter(knows).collect()
    }

    /// The servers that say that the name or its addresses do not exist.
    pub(in crate::diagnosis) fn servers_denying(&self) -> Vec<NameServer> {
        let denies = |server: &NameServer| {
            self.of_server(*server)
                .all(|result| matches!(result.answer, ServerAnswer::NoSuchName | ServerAnswer::NoRecord))
        };
        self.servers().into_iter().filter(denies).collect()
    }

    /// The longest chain of aliases.
    pub(in crate::diagnosis) fn aliases(&self) -> &[String] {
        let chains = self.results().map(|result| result.aliases.as_slice());
        chains.max_by_key(|chain| chain.len()).unwrap_or_default()
    }

    /// The zone that denies the name.
    pub(in crate::diagnosis) fn zone(&self) -> Option<String> {
        self.results().find_map(|result| result.zone.as_deref().map(clipped))
    }
}

impl ServerResult {
    fn of(server: NameServer, record: DnsRecord, asked: &[&DnsQuery]) -> Option<Self> {
        let best = asked.iter().min_by_key(|query| rank(&answer_of(query)))?;
        let reply = best.reply();
        let errors = asked.iter().filter_map(|query| query.reply()).flat_map(|reply| &reply.extended_errors);
        Some(Self {
            server,
            record,
            answer: answer_of(best),
            errors: errors.cloned().collect(),
            aliases: reply.map(|reply| reply.cname.clone()).unwrap_or_default(),
            zone: reply.and_then(|reply| reply.zone.clone()),
            took_ms: best.duration_ms,
            rejected_by_someone: matches!(&best.answer, DnsAnswer::Unreachable { icmp: Some(icmp), .. }
                if icmp.offender.is_none()),
            asked_over_tcp: asked.iter().any(|query| query.transport == DnsTransport::Tcp),
        })
    }

    pub(in crate::diagnosis) fn addresses(&self) -> &[IpAddr] {
        match &self.answer {
            ServerAnswer::Addresses(addresses) => addresses,
            _ => &[],
        }
    }

    /// The ICMP rejection, if that is all that is known.
    pub(in crate::diagnosis) fn rejected(&self) -> Option<QueryRejection> {
        match self.answer {
            ServerAnswer::Unreachable(rejected) => rejected,
            _ => None,
        }
    }

    /// Whether an ICMP error answered whose sender the system does not tell.
    pub(in crate::diagnosis) fn is_rejected_by_someone(&self) -> bool {
        self.rejected_by_someone
    }

    pub(in crate::diagnosis) fn was_asked_over_tcp(&self) -> bool {
        self.asked_over_tcp
    }

    /// Whether it answered late.
    pub(in crate::diagnosis) fn is_slow(&self) -> bool {
        self.answer.is_an_answer() && self.took_ms >= SLOW_MS
    }
}

impl ServerAnswer {
    pub(in crate::diagnosis) fn is_an_answer(&self) -> bool {
        matches!(self, Self::Addresses(_) | Self::NoRecord | Self::NoSuchName | Self::Failure(_))
    }
}

/// A better answer ranks lower: the best over all query forms and transports counts.
fn rank(answer: &ServerAnswer) -> u8 {
    match answer {
        ServerAnswer::Addresses(_) => 0,
        ServerAnswer::NoRecord | ServerAnswer::NoSuchName => 1,
        ServerAnswer::Failure(_) => 2,
        ServerAnswer::Truncated => 3,
        ServerAnswer::Elsewhere(_) => 4,
        ServerAnswer::Malformed => 5,
        ServerAnswer::Unreachable(_) => 6,
        ServerAnswer::Silence => 7,
    }
}

fn answer_of(query: &DnsQuery) -> ServerAnswer {
    match &query.answer {
        DnsAnswer::Answered(reply) if reply.truncated => ServerAnswer::Truncated,
        DnsAnswer::Answered(reply) if !reply.addresses.is_empty() => {
            ServerAnswer::Addresses(reply.addresses.iter().take(MAX_READ).copied().collect())
        }
        DnsAnswer::Answered(reply) => match reply.rcode.as_str() {
            "NOERROR" => ServerAnswer::NoRecord,
            "NXDOMAIN" => ServerAnswer::NoSuchName,
            other => ServerAnswer::Failure(clipped(other)),
        },
        DnsAnswer::Elsewhere { from } => ServerAnswer::Elsewhere(*from),
        DnsAnswer::Malformed => ServerAnswer::Malformed,
        DnsAnswer::Unreachable { icmp, .. } => {
            ServerAnswer::Unreachable(icmp.and_then(|icmp| QueryRejection::of(query.server, icmp)))
        }
        DnsAnswer::Silent | DnsAnswer::Cancelled => ServerAnswer::Silence,
    }
}

/// Whether `written`, an entry of the vantage's list, is this server, with or without its port.
fn is_configured_as(written: &str, server: SocketAddr) -> bool {
    written == server.to_string() || written == server.ip().to_string()
}

impl Statement for ServerResult {}

impl fmt::Display for ServerResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { server, record, answer, .. } = self;
        let record = match record {
            DnsRecord::A => "A",
            DnsRecord::Aaaa => "AAAA",
        };
        match answer {
            ServerAnswer::Addresses(addresses) => {
                write!(
                    f,
                    "{server} gives {} for {record}",
                    listed(&addresses[..addresses.len().min(MAX_ADDRESSES_SHOWN)])
                )?;
            }
            ServerAnswer::NoRecord => write!(f, "{server} has no record for {record}")?,
            ServerAnswer::NoSuchName => write!(f, "{server} says NXDOMAIN for {record}")?,
            ServerAnswer::Failure(rcode) => write!(f, "{server} says {rcode} for {record}")?,
            ServerAnswer::Truncated => {
                write!(
                    f,
                    "{server} says that its answer for {record} does not fit into a datagram, and gives none over TCP"
                )?;
            }
            ServerAnswer::Elsewhere(from) => write!(
                f,
                "{server} is asked for {record} and the answer comes from {from}, which no resolver takes for an answer"
            )?,
            ServerAnswer::Malformed => write!(f, "{server} sends what is no answer for {record}")?,
            ServerAnswer::Unreachable(None) => write!(f, "{server} cannot be reached for {record}")?,
            ServerAnswer::Unreachable(Some(rejected)) => {
                write!(f, "{server} cannot be reached for {record}: {rejected}")?;
            }
            ServerAnswer::Silence => {
                let waited = duration_in_sentence(self.took_ms);
                write!(f, "{server} is silent over UDP and TCP for {record} (UDP was waited for {waited})")?;
            }
        }
        for error in &self.errors {
            write!(f, " ({})", extended_error::described(error))?;
        }
        if self.is_slow() { write!(f, " after {}", duration_in_sentence(self.took_ms)) } else { Ok(()) }
    }
}
