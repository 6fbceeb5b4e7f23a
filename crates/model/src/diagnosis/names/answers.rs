//! What each name server said of the hub's name, put together.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
};

use super::{
    MOST, extended_error,
    rejected::Rejected,
    server::{NameServer, Upstreams},
};
use crate::{
    diagnosis::{
        evidence::Statement,
        text::{clipped, listed, spoken},
    },
    observation::{DnsAnswer, DnsQuery, DnsRecord, DnsTransport, ExtendedError, Observations, kind},
};

/// The most addresses that are told of one answer.
const MOST_ADDRESSES: usize = 4;
/// An answer that takes longer is slow, though a datagram or two may have been lost.
const SLOW_MS: f64 = 1500.0;

/// What one name server came to for one record type: the best of what it gave, whatever the form and transport.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::diagnosis) enum ServerAnswer {
    /// It knows these addresses.
    Addresses(Vec<IpAddr>),
    /// It says that the name has no such record.
    NoRecord,
    /// It says that there is no such name.
    NoSuchName,
    /// It fails or refuses, with this response code.
    Failure(String),
    /// Its answer does not fit into a datagram, and no other came.
    Truncated,
    /// An answer came from this other address.
    Elsewhere(IpAddr),
    /// What came is no answer.
    Garbage,
    /// It cannot be reached, or nobody serves there, as somebody says who may be known.
    Unreachable(Option<Rejected>),
    /// Nothing came.
    Silence,
}

/// What one name server said of the hub's name.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::diagnosis) struct Said {
    pub(in crate::diagnosis) server: NameServer,
    pub(in crate::diagnosis) record: DnsRecord,
    pub(in crate::diagnosis) answer: ServerAnswer,
    pub(in crate::diagnosis) errors: Vec<ExtendedError>,
    /// The aliases passed through, of a denial too.
    pub(in crate::diagnosis) aliases: Vec<String>,
    /// The zone that a denial speaks for.
    zone: Option<String>,
    took_ms: f64,
    /// Whether it was asked in a stream too.
    in_a_stream: bool,
}

/// What every server said, in the order in which the system asks them.
pub(in crate::diagnosis) struct Answers(Vec<Said>);

impl Answers {
    /// Of this run; `None` where the questions were not asked, or not to the end.
    pub(in crate::diagnosis) fn of(run: &Observations) -> Option<Self> {
        let asked = run.facts::<kind::Dns>().flat_map(|dns| &dns.queries).take(MOST);
        let queries: Vec<&DnsQuery> = asked.filter(|query| !query.checking_disabled).collect();
        if queries.is_empty() || queries.iter().any(|query| query.answer == DnsAnswer::Cancelled) {
            return None;
        }
        let mut places: Vec<(SocketAddr, DnsRecord)> = Vec::new();
        for query in &queries {
            if !places.contains(&(query.server, query.record)) {
                places.push((query.server, query.record));
            }
        }
        // A server that the system does not know stands behind those that it does.
        let rank = |server: &SocketAddr| {
            let known = run.vantage.resolvers.iter().position(|known| is_written(known, *server));
            known.unwrap_or(usize::MAX)
        };
        places.sort_by_key(|(server, record)| (rank(server), *server, *record));
        let upstreams = Upstreams::of(run);
        let said = places.into_iter().filter_map(|(server, record)| {
            let here = queries.iter().filter(|query| (query.server, query.record) == (server, record));
            Said::of(upstreams.server(server), record, &here.copied().collect::<Vec<_>>())
        });
        Some(Self(said.collect()))
    }

    /// All of it.
    pub(in crate::diagnosis) fn said(&self) -> impl Iterator<Item = &Said> {
        self.0.iter()
    }

    /// What those say that the system asks itself.
    pub(in crate::diagnosis) fn of_configured(&self) -> Vec<&Said> {
        self.said().filter(|said| said.server.is_configured()).collect()
    }

    /// What those say that stand behind a forwarder on this machine.
    pub(in crate::diagnosis) fn behind_forwarder(&self) -> Vec<&Said> {
        self.said().filter(|said| !said.server.is_configured()).collect()
    }

    /// Whether a server knows addresses of either type.
    pub(in crate::diagnosis) fn have_addresses(&self) -> bool {
        self.said().any(|said| !said.addresses().is_empty())
    }

    /// The servers, each once.
    pub(in crate::diagnosis) fn servers(&self) -> Vec<NameServer> {
        let mut servers: Vec<NameServer> = self.said().map(|said| said.server).collect();
        servers.dedup();
        servers
    }

    /// What one of them said.
    pub(in crate::diagnosis) fn by(&self, server: NameServer) -> impl Iterator<Item = &Said> {
        self.said().filter(move |said| said.server == server)
    }

    /// The servers that know addresses.
    pub(in crate::diagnosis) fn knowing(&self) -> Vec<NameServer> {
        let knows = |server: &NameServer| self.by(*server).any(|said| !said.addresses().is_empty());
        self.servers().into_iter().filter(knows).collect()
    }

    /// The servers that say that there is no such name, or no address of it.
    pub(in crate::diagnosis) fn denying(&self) -> Vec<NameServer> {
        let denies = |server: &NameServer| {
            self.by(*server).all(|said| matches!(said.answer, ServerAnswer::NoSuchName | ServerAnswer::NoRecord))
        };
        self.servers().into_iter().filter(denies).collect()
    }

    /// The longest chain of aliases that came.
    pub(in crate::diagnosis) fn aliases(&self) -> &[String] {
        let chains = self.said().map(|said| said.aliases.as_slice());
        chains.max_by_key(|chain| chain.len()).unwrap_or_default()
    }

    /// The zone that denies the name.
    pub(in crate::diagnosis) fn zone(&self) -> Option<String> {
        self.said().find_map(|said| said.zone.as_deref().map(clipped))
    }
}

impl Said {
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
            in_a_stream: asked.iter().any(|query| query.transport == DnsTransport::Tcp),
        })
    }

    pub(in crate::diagnosis) fn addresses(&self) -> &[IpAddr] {
        match &self.answer {
            ServerAnswer::Addresses(addresses) => addresses,
            _ => &[],
        }
    }

    /// Who rejected the question, where that is all that is known.
    pub(in crate::diagnosis) fn rejected(&self) -> Option<Rejected> {
        match self.answer {
            ServerAnswer::Unreachable(rejected) => rejected,
            _ => None,
        }
    }

    pub(in crate::diagnosis) fn was_asked_in_a_stream(&self) -> bool {
        self.in_a_stream
    }

    /// Whether it answered, and not soon.
    pub(in crate::diagnosis) fn is_slow(&self) -> bool {
        self.answer.is_an_answer() && self.took_ms >= SLOW_MS
    }
}

impl ServerAnswer {
    pub(in crate::diagnosis) fn is_an_answer(&self) -> bool {
        matches!(self, Self::Addresses(_) | Self::NoRecord | Self::NoSuchName | Self::Failure(_))
    }
}

/// The better an answer, the lower: the best of the forms and transports speaks for the server.
fn rank(answer: &ServerAnswer) -> u8 {
    match answer {
        ServerAnswer::Addresses(_) => 0,
        ServerAnswer::NoRecord | ServerAnswer::NoSuchName => 1,
        ServerAnswer::Failure(_) => 2,
        ServerAnswer::Truncated => 3,
        ServerAnswer::Elsewhere(_) => 4,
        ServerAnswer::Garbage => 5,
        ServerAnswer::Unreachable(_) => 6,
        ServerAnswer::Silence => 7,
    }
}

fn answer_of(query: &DnsQuery) -> ServerAnswer {
    match &query.answer {
        DnsAnswer::Answered(reply) if reply.truncated => ServerAnswer::Truncated,
        DnsAnswer::Answered(reply) if !reply.addresses.is_empty() => {
            ServerAnswer::Addresses(reply.addresses.iter().take(MOST).copied().collect())
        }
        DnsAnswer::Answered(reply) => match reply.rcode.as_str() {
            "NOERROR" => ServerAnswer::NoRecord,
            "NXDOMAIN" => ServerAnswer::NoSuchName,
            other => ServerAnswer::Failure(clipped(other)),
        },
        DnsAnswer::Elsewhere { from } => ServerAnswer::Elsewhere(*from),
        DnsAnswer::Malformed => ServerAnswer::Garbage,
        DnsAnswer::Unreachable { icmp, .. } => {
            ServerAnswer::Unreachable(icmp.and_then(|icmp| Rejected::of(query.server, icmp)))
        }
        DnsAnswer::Silent | DnsAnswer::Cancelled => ServerAnswer::Silence,
    }
}

/// Whether a server is the one that a report's vantage has `written`, with or without its port.
fn is_written(written: &str, server: SocketAddr) -> bool {
    written == server.to_string() || written == server.ip().to_string()
}

impl Statement for Said {}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { server, record, answer, .. } = self;
        let record = match record {
            DnsRecord::A => "A",
            DnsRecord::Aaaa => "AAAA",
        };
        match answer {
            ServerAnswer::Addresses(addresses) => {
                write!(f, "{server} gives {} for {record}", listed(&addresses[..addresses.len().min(MOST_ADDRESSES)]))?;
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
            ServerAnswer::Garbage => write!(f, "{server} sends what is no answer for {record}")?,
            ServerAnswer::Unreachable(None) => write!(f, "{server} cannot be reached for {record}")?,
            ServerAnswer::Unreachable(Some(rejected)) => {
                write!(f, "{server} cannot be reached for {record}: {rejected}")?;
            }
            ServerAnswer::Silence => {
                let waited = spoken(self.took_ms);
                write!(f, "{server} is silent over UDP and TCP for {record} (UDP was waited for {waited})")?;
            }
        }
        for error in &self.errors {
            write!(f, " ({})", extended_error::named(error))?;
        }
        if self.is_slow() { write!(f, " after {}", spoken(self.took_ms)) } else { Ok(()) }
    }
}
