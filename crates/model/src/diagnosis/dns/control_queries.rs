//! What name servers answer for names that cannot exist, and for one with known addresses: how far their answers can be
//! trusted.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr},
};

use super::{
    MAX_READ,
    name_server::{NameServer, Upstreams},
    nat64::Nat64,
};
use crate::{
    diagnosis::{
        evidence::Statement,
        text::{clipped, listed},
    },
    observation::{DnsQuery, DnsRecord, Observations, kind},
};

/// A name with known addresses (RFC 7050), and a domain without any names (RFC 6761).
const WELL_KNOWN: &str = "ipv4only.arpa";
const WELL_KNOWN_ADDRESSES: [Ipv4Addr; 2] = [Ipv4Addr::new(192, 0, 0, 170), Ipv4Addr::new(192, 0, 0, 171)];
const NONEXISTENT_DOMAIN: &str = ".invalid";

/// A sentence stays readable with this many.
const MAX_ADDRESSES_SHOWN: usize = 4;

/// An address for a name that has none, or a wrong one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::diagnosis) struct FalseAnswer {
    pub(in crate::diagnosis) server: NameServer,
    name: String,
    addresses: Vec<IpAddr>,
}

impl FalseAnswer {
    pub(in crate::diagnosis) fn contains(&self, address: IpAddr) -> bool {
        self.addresses.contains(&address)
    }
}

/// The queries for such names, indexed once for all attempts of a run.
pub(in crate::diagnosis) struct ControlQueries<'a> {
    queries: Vec<&'a DnsQuery>,
    wrong_addresses: Vec<FalseAnswer>,
    nonexistent: Vec<FalseAnswer>,
    random_siblings: Vec<FalseAnswer>,
}

impl<'a> ControlQueries<'a> {
    /// Empty if the queries were not sent.
    pub(in crate::diagnosis) fn of(run: &'a Observations) -> Self {
        let queries_asked = run.facts::<kind::DnsWildcard>().flat_map(|dns| &dns.queries);
        let queries: Vec<&DnsQuery> = queries_asked.take(MAX_READ).collect();
        let upstreams = Upstreams::of(run);
        let made_up = |wanted: fn(&DnsQuery) -> bool| {
            let result = queries.iter().filter(|query| !query.addresses().is_empty() && wanted(query));
            let false_answers = result.map(|query| FalseAnswer {
                server: upstreams.server(query.server),
                name: clipped(&query.name),
                addresses: query.addresses().iter().take(MAX_ADDRESSES_SHOWN).copied().collect(),
            });
            false_answers.collect()
        };
        Self {
            wrong_addresses: made_up(has_wrong_address),
            nonexistent: made_up(is_nonexistent),
            random_siblings: made_up(|query| query.name != WELL_KNOWN && !is_nonexistent(query)),
            queries,
        }
    }

    /// Wrong IPv4 addresses for the known name.
    pub(in crate::diagnosis) fn wrong_addresses(&self) -> &[FalseAnswer] {
        &self.wrong_addresses
    }

    /// Addresses for a name that cannot exist.
    pub(in crate::diagnosis) fn nonexistent(&self) -> &[FalseAnswer] {
        &self.nonexistent
    }

    /// Addresses for a random name in the hub's domain, which may have a wildcard record.
    pub(in crate::diagnosis) fn random_siblings(&self) -> &[FalseAnswer] {
        &self.random_siblings
    }

    /// Whether a server denies what cannot exist, and none gives a wrong address for the known name.
    pub(in crate::diagnosis) fn are_truthful(&self) -> bool {
        let denied = self
            .queries
            .iter()
            .any(|query| is_nonexistent(query) && query.reply().is_some_and(|reply| reply.rcode == "NXDOMAIN"));
        denied && self.wrong_addresses.is_empty() && self.nonexistent.is_empty()
    }

    /// Whether the servers fail for all of these names too.
    pub(in crate::diagnosis) fn all_fail(&self) -> bool {
        let mut replies = self.queries.iter().filter_map(|query| query.reply()).peekable();
        replies.peek().is_some() && replies.all(|reply| reply.is_refusal())
    }

    pub(super) fn nat64(&self) -> Nat64 {
        let made_up = self.queries.iter().filter(|query| query.name == WELL_KNOWN && query.record == DnsRecord::Aaaa);
        Nat64::shown_by(made_up.flat_map(|query| query.addresses()).copied(), &WELL_KNOWN_ADDRESSES)
    }
}

fn has_wrong_address(query: &DnsQuery) -> bool {
    let right = WELL_KNOWN_ADDRESSES.map(IpAddr::from);
    query.name == WELL_KNOWN
        && query.record == DnsRecord::A
        && query.addresses().iter().any(|address| !right.contains(address))
}

fn is_nonexistent(query: &DnsQuery) -> bool {
    query.name.ends_with(NONEXISTENT_DOMAIN)
}

impl Statement for FalseAnswer {}

impl fmt::Display for FalseAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} says that {} is {}", self.server, self.name, listed(&self.addresses))
    }
}
