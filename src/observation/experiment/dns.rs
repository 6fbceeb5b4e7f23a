//! DNS messages of our own, to each name server apart: `getaddrinfo` merges what they say.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::{Facts, Subject};

/// Queries and what each got.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Dns {
    /// One for each name, record type, server and transport, as they ended.
    pub queries: Vec<DnsQuery>,
}

impl Facts for Dns {
    /// Names are asked for once for all checks.
    fn concern(&self, _: Subject<'_>) -> bool {
        true
    }
}

/// One question to one server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DnsQuery {
    /// The server.
    pub server: SocketAddr,
    /// How it was asked.
    pub transport: DnsTransport,
    /// The name asked for.
    pub name: String,
    /// The record type asked for.
    pub record: DnsRecord,
    /// How long it took, in milliseconds.
    pub duration_ms: f64,
    /// What came of it.
    pub answer: DnsAnswer,
}

/// How a server is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DnsTransport {
    /// In datagrams, several times.
    Udp,
    /// In a stream (RFC 7766), where the datagram's answer was truncated or did not come.
    Tcp,
}

/// The record types that are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DnsRecord {
    /// IPv4 addresses.
    A,
    /// IPv6 addresses (RFC 3596).
    #[serde(rename = "AAAA")]
    Aaaa,
}

/// What a question gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum DnsAnswer {
    /// An answer.
    Answered {
        /// The response code by its IANA name: `NOERROR`, `NXDOMAIN`, `SERVFAIL`, ...
        rcode: String,
        /// Whether the answer did not fit into the datagram.
        truncated: bool,
        /// The aliases passed through (CNAME), in order.
        cname: Vec<String>,
        /// The addresses at their end.
        addresses: Vec<IpAddr>,
        /// The shortest time to live of those records, in seconds.
        ttl_s: Option<u32>,
        /// The zone that a negative answer speaks for, from its SOA record (RFC 2308).
        zone: Option<String>,
    },
    /// Nothing in time.
    Silent,
    /// Refused or unreachable at once, in the system's words.
    Unreachable {
        /// Those words.
        message: String,
    },
    /// Bytes that are no answer to the question.
    Malformed,
    /// The run's deadline or the user ended it.
    Cancelled,
}
