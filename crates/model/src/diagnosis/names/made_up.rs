//! What name servers say of names that nobody has, and of one whose addresses everybody knows: what their word is worth.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr},
};

use super::{
    MOST,
    nat64::Nat64,
    server::{NameServer, Upstreams},
};
use crate::{
    diagnosis::{
        evidence::Statement,
        text::{clipped, listed},
    },
    observation::{DnsQuery, DnsRecord, Observations, kind},
};

/// A name of which everybody knows the addresses (RFC 7050), and a domain that has no names at all (RFC 6761).
const WELL_KNOWN: &str = "ipv4only.arpa";
const WELL_KNOWN_ADDRESSES: [Ipv4Addr; 2] = [Ipv4Addr::new(192, 0, 0, 170), Ipv4Addr::new(192, 0, 0, 171)];
const NOWHERE: &str = ".invalid";

/// The most addresses that are told of one name.
const MOST_ADDRESSES: usize = 4;

/// An address for a name that has none, or not that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::diagnosis) struct MadeUp {
    pub(in crate::diagnosis) server: NameServer,
    name: String,
    addresses: Vec<IpAddr>,
}

impl MadeUp {
    pub(in crate::diagnosis) fn is(&self, address: IpAddr) -> bool {
        self.addresses.contains(&address)
    }
}

/// What was asked about names that nobody has, put in order once for all attempts of a run.
pub(in crate::diagnosis) struct Controls<'a> {
    queries: Vec<&'a DnsQuery>,
    wrong: Vec<MadeUp>,
    nowhere: Vec<MadeUp>,
    beside: Vec<MadeUp>,
}

impl<'a> Controls<'a> {
    /// Empty where nothing was asked.
    pub(in crate::diagnosis) fn of(run: &'a Observations) -> Self {
        let asked = run.facts::<kind::DnsWildcard>().flat_map(|dns| &dns.queries);
        let queries: Vec<&DnsQuery> = asked.take(MOST).collect();
        let upstreams = Upstreams::of(run);
        let made_up = |wanted: fn(&DnsQuery) -> bool| {
            let said = queries.iter().filter(|query| !query.addresses().is_empty() && wanted(query));
            let told = said.map(|query| MadeUp {
                server: upstreams.server(query.server),
                name: clipped(&query.name),
                addresses: query.addresses().iter().take(MOST_ADDRESSES).copied().collect(),
            });
            told.collect()
        };
        Self {
            wrong: made_up(is_wrong),
            nowhere: made_up(is_nowhere),
            beside: made_up(|query| query.name != WELL_KNOWN && !is_nowhere(query)),
            queries,
        }
    }

    /// Where a server has other IPv4 addresses for the well-known name than those that it has.
    pub(in crate::diagnosis) fn wrong(&self) -> &[MadeUp] {
        &self.wrong
    }

    /// Where a server has addresses for a name that cannot exist.
    pub(in crate::diagnosis) fn nowhere(&self) -> &[MadeUp] {
        &self.nowhere
    }

    /// Where a server has addresses for a random name beside the hub, which its domain may honestly have.
    pub(in crate::diagnosis) fn beside(&self) -> &[MadeUp] {
        &self.beside
    }

    /// Whether a server denies, as it should, what cannot exist, and says nothing wrong of what is known: it answers for other
    /// names as it should.
    pub(in crate::diagnosis) fn are_honest(&self) -> bool {
        let denied = self
            .queries
            .iter()
            .any(|query| is_nowhere(query) && query.reply().is_some_and(|reply| reply.rcode == "NXDOMAIN"));
        denied && self.wrong.is_empty() && self.nowhere.is_empty()
    }

    /// Whether a server fails for all of these names too.
    pub(in crate::diagnosis) fn all_fail(&self) -> bool {
        let mut replies = self.queries.iter().filter_map(|query| query.reply()).peekable();
        replies.peek().is_some() && replies.all(|reply| reply.is_refusal())
    }

    pub(super) fn nat64(&self) -> Nat64 {
        let made_up = self.queries.iter().filter(|query| query.name == WELL_KNOWN && query.record == DnsRecord::Aaaa);
        Nat64::shown_by(made_up.flat_map(|query| query.addresses()).copied(), &WELL_KNOWN_ADDRESSES)
    }
}

fn is_wrong(query: &DnsQuery) -> bool {
    let right = WELL_KNOWN_ADDRESSES.map(IpAddr::from);
    query.name == WELL_KNOWN
        && query.record == DnsRecord::A
        && query.addresses().iter().any(|address| !right.contains(address))
}

fn is_nowhere(query: &DnsQuery) -> bool {
    query.name.ends_with(NOWHERE)
}

impl Statement for MadeUp {}

impl fmt::Display for MadeUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} says that {} is {}", self.server, self.name, listed(&self.addresses))
    }
}
