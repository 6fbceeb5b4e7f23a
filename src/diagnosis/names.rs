//! What DNS questions of our own say, put together.

use std::{collections::BTreeMap, net::SocketAddr};

use super::text::{clipped, listed};
use crate::observation::{Dns, DnsAnswer, DnsQuery, DnsRecord, DnsTransport, Observations, kind};

/// What one name server came to for one record type, over UDP or, where that failed, over TCP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Word {
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

/// What each server said of the hub's name.
pub(super) struct Answers<'a> {
    queries: Vec<&'a DnsQuery>,
    words: BTreeMap<(SocketAddr, bool), Word>,
}

impl<'a> Answers<'a> {
    /// Of this run; `None` where the questions were not asked, or not to the end.
    pub(super) fn of(seen: &'a Observations) -> Option<Self> {
        let dns = seen.facts::<kind::Dns>().next()?;
        let queries: Vec<&DnsQuery> = dns.queries.iter().filter(|query| !query.checking_disabled).collect();
        if queries.is_empty() || queries.iter().any(|query| query.answer == DnsAnswer::Cancelled) {
            return None;
        }
        let mut words: BTreeMap<(SocketAddr, bool), Word> = BTreeMap::new();
        for query in &queries {
            let word = word(&query.answer);
            let place = words.entry((query.server, query.record == DnsRecord::Aaaa)).or_insert_with(|| word.clone());
            // The better of the forms and transports speaks for the server.
            if place.is_no_answer() {
                *place = word;
            }
        }
        Some(Self { queries, words })
    }

    /// Every word, of every server.
    pub(super) fn words(&self) -> impl Iterator<Item = &Word> {
        self.words.values()
    }

    /// Whether every answer that came is `wanted`, and one at least came. Silent servers say nothing.
    pub(super) fn all_say(&self, wanted: impl Fn(&Word) -> bool) -> bool {
        let mut said = self.words().filter(|word| !word.is_no_answer()).peekable();
        said.peek().is_some() && said.all(wanted)
    }

    /// Whether a server knows addresses of either type.
    pub(super) fn have_addresses(&self) -> bool {
        self.words().any(|word| *word == Word::Addresses)
    }

    /// The servers that fail, or answer one record type and not the other, while addresses are known all the same: a
    /// sentence each.
    pub(super) fn troubles(&self) -> Vec<String> {
        let fails = |word: &Word| !matches!(word, Word::Addresses | Word::NoRecord);
        let troubled = self.words.iter().filter(|(_, word)| fails(word));
        troubled.map(|((server, v6), word)| format!("{server} {} for {}", word.spoken(), record(*v6))).collect()
    }

    /// What every server said, a sentence each.
    pub(super) fn spoken(&self) -> Vec<String> {
        self.words
            .iter()
            .map(|((server, v6), word)| format!("{server} {} for {}", word.spoken(), record(*v6)))
            .collect()
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

impl Word {
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

fn word(answer: &DnsAnswer) -> Word {
    match answer {
        DnsAnswer::Answered(reply) if !reply.addresses.is_empty() => Word::Addresses,
        DnsAnswer::Answered(reply) => match reply.rcode.as_str() {
            "NOERROR" => Word::NoRecord,
            "NXDOMAIN" => Word::NoSuchName,
            other => Word::Failure(other.to_owned()),
        },
        DnsAnswer::Silent | DnsAnswer::Elsewhere { .. } | DnsAnswer::Cancelled => Word::Silence,
        DnsAnswer::Unreachable { .. } => Word::Unreachable,
        DnsAnswer::Malformed => Word::Garbage,
    }
}

fn record(v6: bool) -> &'static str {
    if v6 { "AAAA" } else { "A" }
}

/// What the questions for names that nobody has show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wildcard {
    /// A name server has an address for names that cannot have one, or a wrong one for a name whose address is known.
    Lies(String),
    /// It has an address for any name beside the hub, which its domain may honestly have too.
    BesideTheHub(String),
}

/// Where the names of 192.0.0.170 and 192.0.0.171 (RFC 7050) and of no address at all (RFC 6761) are to be known from.
const WELL_KNOWN: &str = "ipv4only.arpa";
const WELL_KNOWN_ADDRESSES: [[u8; 4]; 2] = [[192, 0, 0, 170], [192, 0, 0, 171]];
const NOWHERE: &str = ".invalid";

pub(super) fn wildcard(seen: &Observations) -> Option<Wildcard> {
    let asked = seen.facts::<kind::DnsWildcard>().next()?;
    let told = |query: &DnsQuery| {
        let shown: Vec<String> = query.addresses().iter().take(4).map(ToString::to_string).collect();
        (!shown.is_empty())
            .then(|| format!("{} says that {} is {}", query.server, clipped(&query.name), listed(&shown)))
    };
    let lies = asked.queries.iter().filter(|query| query.name.ends_with(NOWHERE) || is_wrong(query));
    if let Some(seen) = lies.filter_map(told).next() {
        return Some(Wildcard::Lies(seen));
    }
    beside(asked, seen).and_then(told).map(Wildcard::BesideTheHub)
}

fn is_wrong(query: &DnsQuery) -> bool {
    let right = WELL_KNOWN_ADDRESSES.map(std::net::IpAddr::from);
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
