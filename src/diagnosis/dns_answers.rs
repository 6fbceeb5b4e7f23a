//! What DNS questions of our own say, put together.

use std::{
    collections::BTreeMap,
    fmt,
    net::{IpAddr, SocketAddr},
};

use super::{
    evidence::Statement,
    text::{clipped, listed},
};
use crate::observation::{Dns, DnsAnswer, DnsQuery, DnsRecord, DnsTransport, Observations, kind};

/// What one name server came to for one record type, over UDP or, where that failed, over TCP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ServerAnswer {
    /// It knows addresses.
    Addresses,
    /// It says that there is no such name.
    NoSuchName,
    /// It says that the name has no such record.
    NoRecord,
    /// It fails or refuses, with this response code.
    Failure(String),
    /// Nothing came.
    Silence,
    /// Nobody serves there.
    Unreachable,
    /// What came is no answer.
    Garbage,
}

/// What one name server said of the hub's name.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Said {
    server: SocketAddr,
    v6: bool,
    answer: ServerAnswer,
}

impl Statement for Said {}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let record = if self.v6 { "AAAA" } else { "A" };
        write!(f, "{} {} for {record}", self.server, self.answer.spoken())
    }
}

/// What each server said of the hub's name.
pub(super) struct Answers<'a> {
    queries: Vec<&'a DnsQuery>,
    words: BTreeMap<(SocketAddr, bool), ServerAnswer>,
}

impl<'a> Answers<'a> {
    /// Of this run; `None` where the questions were not asked, or not to the end.
    pub(super) fn of(seen: &'a Observations) -> Option<Self> {
        let dns = seen.facts::<kind::Dns>().next()?;
        let queries: Vec<&DnsQuery> = dns.queries.iter().filter(|query| !query.checking_disabled).collect();
        if queries.is_empty() || queries.iter().any(|query| query.answer == DnsAnswer::Cancelled) {
            return None;
        }
        let mut words: BTreeMap<(SocketAddr, bool), ServerAnswer> = BTreeMap::new();
        for query in &queries {
            let word = server_answer(&query.answer);
            let place = words.entry((query.server, query.record == DnsRecord::Aaaa)).or_insert_with(|| word.clone());
            // The better of the forms and transports speaks for the server.
            if place.is_no_answer() {
                *place = word;
            }
        }
        Some(Self { queries, words })
    }

    /// Every word, of every server.
    pub(super) fn words(&self) -> impl Iterator<Item = &ServerAnswer> {
        self.words.values()
    }

    /// Whether every answer that came is `wanted`, and one at least came. Silent servers say nothing.
    pub(super) fn all_say(&self, wanted: impl Fn(&ServerAnswer) -> bool) -> bool {
        let mut said = self.words().filter(|word| !word.is_no_answer()).peekable();
        said.peek().is_some() && said.all(wanted)
    }

    /// Whether a server knows addresses of either type.
    pub(super) fn have_addresses(&self) -> bool {
        self.words().any(|word| *word == ServerAnswer::Addresses)
    }

    /// What every server said.
    pub(super) fn said(&self) -> Vec<Said> {
        self.words
            .iter()
            .map(|((server, v6), answer)| Said { server: *server, v6: *v6, answer: answer.clone() })
            .collect()
    }

    /// The servers that fail, or answer one record type and not the other, while addresses are known all the same.
    pub(super) fn troubles(&self) -> Vec<Said> {
        let fails = |said: &Said| !matches!(said.answer, ServerAnswer::Addresses | ServerAnswer::NoRecord);
        self.said().into_iter().filter(fails).collect()
    }

    /// Whether UDP and TCP were both tried with every server.
    pub(super) fn both_transports(&self) -> bool {
        self.words.keys().all(|(server, _)| {
            [DnsTransport::Udp, DnsTransport::Tcp].into_iter().all(|transport| {
                self.queries.iter().any(|query| query.server == *server && query.transport == transport)
            })
        })
    }

    /// The longest chain of aliases that came, as a sentence's end.
    pub(super) fn chain(&self) -> Option<String> {
        let chains = self.queries.iter().filter_map(|query| match &query.answer {
            DnsAnswer::Answered(reply) if !reply.cname.is_empty() => Some(&reply.cname),
            _ => None,
        });
        chains.max_by_key(|chain| chain.len()).map(|chain| clipped(&chain.join(" -> ")))
    }

    /// The zone that denies the name.
    pub(super) fn zone(&self) -> Option<String> {
        self.queries.iter().find_map(|query| query.reply()?.zone.as_deref().map(clipped))
    }
}

impl ServerAnswer {
    fn is_no_answer(&self) -> bool {
        matches!(self, Self::Silence | Self::Unreachable | Self::Garbage)
    }

    fn spoken(&self) -> String {
        match self {
            Self::Addresses => "has addresses".to_owned(),
            Self::NoSuchName => "says NXDOMAIN".to_owned(),
            Self::NoRecord => "has no record".to_owned(),
            Self::Failure(rcode) => format!("says {}", clipped(rcode)),
            Self::Silence => "is silent over UDP and TCP".to_owned(),
            Self::Unreachable => "cannot be reached".to_owned(),
            Self::Garbage => "sends what is no answer".to_owned(),
        }
    }
}

fn server_answer(answer: &DnsAnswer) -> ServerAnswer {
    match answer {
        DnsAnswer::Answered(reply) if !reply.addresses.is_empty() => ServerAnswer::Addresses,
        DnsAnswer::Answered(reply) => match reply.rcode.as_str() {
            "NOERROR" => ServerAnswer::NoRecord,
            "NXDOMAIN" => ServerAnswer::NoSuchName,
            other => ServerAnswer::Failure(other.to_owned()),
        },
        DnsAnswer::Silent | DnsAnswer::Elsewhere { .. } | DnsAnswer::Cancelled => ServerAnswer::Silence,
        DnsAnswer::Unreachable { .. } => ServerAnswer::Unreachable,
        DnsAnswer::Malformed => ServerAnswer::Garbage,
    }
}

/// What the questions for names that nobody has show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wildcard {
    /// A name server has an address for names that cannot have one, or a wrong one for a name whose address is known.
    Lies(Fabricated),
    /// It has an address for any name beside the hub, which its domain may honestly have too.
    BesideTheHub(Fabricated),
}

/// An address for a name that nobody has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fabricated {
    server: SocketAddr,
    name: String,
    addresses: Vec<IpAddr>,
}

impl Statement for Fabricated {}

impl fmt::Display for Fabricated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} says that {} is {}", self.server, self.name, listed(&self.addresses))
    }
}

/// Where the names of 192.0.0.170 and 192.0.0.171 (RFC 7050) and of no address at all (RFC 6761) are to be known from.
const WELL_KNOWN: &str = "ipv4only.arpa";
const WELL_KNOWN_ADDRESSES: [[u8; 4]; 2] = [[192, 0, 0, 170], [192, 0, 0, 171]];
const NOWHERE: &str = ".invalid";

/// The most addresses that are told of one name.
const MOST_ADDRESSES: usize = 4;

pub(super) fn wildcard(seen: &Observations) -> Option<Wildcard> {
    let asked = seen.facts::<kind::DnsWildcard>().next()?;
    let told = |query: &DnsQuery| {
        let addresses: Vec<IpAddr> = query.addresses().iter().take(MOST_ADDRESSES).copied().collect();
        let fabricated = Fabricated { server: query.server, name: clipped(&query.name), addresses };
        (!fabricated.addresses.is_empty()).then_some(fabricated)
    };
    let lies = asked.queries.iter().filter(|query| query.name.ends_with(NOWHERE) || is_wrong(query));
    if let Some(fabricated) = lies.filter_map(told).next() {
        return Some(Wildcard::Lies(fabricated));
    }
    beside(asked, seen).and_then(told).map(Wildcard::BesideTheHub)
}

fn is_wrong(query: &DnsQuery) -> bool {
    let right = WELL_KNOWN_ADDRESSES.map(IpAddr::from);
    query.name == WELL_KNOWN && query.addresses().iter().any(|address| !right.contains(address))
}

/// A name beside the hub that leads to one of its own addresses.
fn beside<'a>(asked: &'a Dns, seen: &Observations) -> Option<&'a DnsQuery> {
    asked
        .queries
        .iter()
        .filter(|query| query.name != WELL_KNOWN && !query.name.ends_with(NOWHERE))
        .find(|query| query.addresses().iter().any(|address| seen.resolution.addresses.contains(address)))
}
