//! Our own DNS messages to each name server separately: `getaddrinfo` merges their answers.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::{Facts, Measured};
use crate::observation::Rejection;

/// Queries and their results.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Dns {
    /// One for each name, record type, form, server and transport, in the order in which they ended.
    pub queries: Vec<DnsQuery>,
}

impl Facts for Dns {
    /// One query of a name serves all checks.
    fn measured(&self) -> Vec<Measured<'_>> {
        vec![Measured::Run]
    }
}

/// One question to one server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DnsQuery {
    /// The server.
    pub server: SocketAddr,
    /// The transport.
    pub transport: DnsTransport,
    /// The queried name.
    pub name: String,
    /// The queried record type.
    pub record: DnsRecord,
    /// Whether the query carried EDNS (RFC 6891), which offers datagrams of 1232 bytes and extended errors.
    #[serde(default)]
    pub edns: bool,
    /// Whether the server was asked not to validate (the CD bit; RFC 4035, section 3.2.2).
    #[serde(default)]
    pub checking_disabled: bool,
    /// How long it took, in milliseconds.
    pub duration_ms: f64,
    /// The result.
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

/// How a query is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DnsTransport {
    /// By UDP, several times.
    Udp,
    /// By TCP (RFC 7766), if the UDP answer was truncated or did not come.
    Tcp,
}

/// The queried record types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum DnsRecord {
    /// IPv4 addresses.
    A,
    /// IPv6 addresses (RFC 3596).
    #[serde(rename = "AAAA")]
    Aaaa,
}

/// The result of a query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum DnsAnswer {
    /// An answer.
    Answered(DnsReply),
    /// No answer in time.
    Silent,
    /// No answer in time from the server, but one from another address, which resolvers ignore.
    Elsewhere {
        /// That address.
        from: IpAddr,
    },
    /// Refused or unreachable at once, in the system's words.
    Unreachable {
        /// Those words.
        message: String,
        /// The ICMP error that caused it, if the system tells.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        icmp: Option<Rejection>,
    },
    /// Bytes that do not answer the query.
    Malformed,
    /// The run's deadline or the user ended it.
    Cancelled,
}

/// A server's answer. Over UDP, any device on the path can forge one.
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
    /// The CNAME chain in order, also of a denial.
    pub cname: Vec<String>,
    /// The addresses at their end.
    pub addresses: Vec<IpAddr>,
    /// The shortest time to live of those records, in seconds.
    pub ttl_s: Option<u32>,
    /// The zone of a negative answer, from its SOA record (RFC 2308).
    pub zone: Option<String>,
}

impl DnsReply {
    /// Whether the server reports a failure, or refuses.
    pub fn is_refusal(&self) -> bool {
        !matches!(self.rcode.as_str(), "NOERROR" | "NXDOMAIN")
    }
}

/// An extended DNS error (RFC 8914).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtendedError {
    /// Its number.
    pub code: u16,
    /// The start of the server's own text; often empty.
    pub text: String,
}
