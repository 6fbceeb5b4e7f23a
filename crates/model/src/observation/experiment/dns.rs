//! DNS messages of our own, to each name server apart: `getaddrinfo` merges what they say.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::{Facts, Measured};
use crate::observation::Rejection;

/// Queries and what each got.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Dns {
    /// One for each name, record type, form, server and transport, as they ended.
    pub queries: Vec<DnsQuery>,
}

impl Facts for Dns {
    /// Names are asked for once for all checks.
    fn measured(&self) -> Vec<Measured<'_>> {
        vec![Measured::Run]
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
    /// Whether the question carried EDNS (RFC 6891), which offers to take datagrams of 1232 bytes and extended errors.
    #[serde(default)]
    pub edns: bool,
    /// Whether the server was asked not to validate (the CD bit; RFC 4035, section 3.2.2).
    #[serde(default)]
    pub checking_disabled: bool,
    /// How long it took, in milliseconds.
    pub duration_ms: f64,
    /// What came of it.
    pub answer: DnsAnswer,
}

impl DnsQuery {
    /// The server's answer, if one came.
    pub fn reply(&self) -> Option<&DnsReply> {
        match &self.answer {
            DnsAnswer::Answered(reply) => Some(reply),
            _ => None,
        }
    }

    /// The addresses in the server's answer.
    pub fn addresses(&self) -> &[IpAddr] {
        self.reply().map_or(&[], |reply| &reply.addresses)
    }
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
    Answered(DnsReply),
    /// Nothing in time.
    Silent,
    /// Nothing in time from the server; an answer from another address, which no resolver takes.
    Elsewhere {
        /// That address.
        from: IpAddr,
    },
    /// Refused or unreachable at once, in the system's words.
    Unreachable {
        /// Those words.
        message: String,
        /// The ICMP error behind them, where the system tells.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        icmp: Option<Rejection>,
    },
    /// Bytes that are no answer to the question.
    Malformed,
    /// The run's deadline or the user ended it.
    Cancelled,
}

/// A server's answer. Over UDP, anybody on the way to the server can send one in its place.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DnsReply {
    /// The response code by its IANA name: `NOERROR`, `NXDOMAIN`, `SERVFAIL`, ...
    pub rcode: String,
    /// Whether the answer did not fit into the datagram (TC).
    pub truncated: bool,
    /// Whether the server says that it has validated the answer (AD).
    #[serde(default)]
    pub authentic: bool,
    /// Why the server fails or alters an answer, in its own words.
    #[serde(default)]
    pub extended_errors: Vec<ExtendedError>,
    /// The aliases passed through (CNAME), in order; of a denial too.
    pub cname: Vec<String>,
    /// The addresses at their end.
    pub addresses: Vec<IpAddr>,
    /// The shortest time to live of those records, in seconds.
    pub ttl_s: Option<u32>,
    /// The zone that a negative answer speaks for, from its SOA record (RFC 2308).
    pub zone: Option<String>,
}

impl DnsReply {
    /// Whether the server says that it fails, or will not answer.
    pub fn is_refusal(&self) -> bool {
        !matches!(self.rcode.as_str(), "NOERROR" | "NXDOMAIN")
    }
}

/// An extended DNS error (RFC 8914).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtendedError {
    /// Its number.
    pub code: u16,
    /// The beginning of the server's own words; often none.
    pub text: String,
}
