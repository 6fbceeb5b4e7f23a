//! How far a TLS hello gets: connections that are made in full, and then may take only so many hops.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::Trace;

/// Hellos with the hub's name and with another, hop by hop, and the path that the port's SYNs take.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HelloPath {
    /// Where they went.
    pub address: IpAddr,
    /// The TCP port.
    pub port: u16,
    /// One for each connection.
    pub probes: Vec<HelloProbe>,
    /// Of SYNs to the same port, which names the routers.
    pub trace: Trace,
}

/// One hello with a limited TTL (IPv6: hop limit), on a connection of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HelloProbe {
    /// How many hops it may take.
    pub ttl: u8,
    /// In which round it was sent.
    pub flow: u8,
    /// The name in it (SNI).
    pub server_name: Option<String>,
    /// What came of it.
    pub answer: HopAnswer,
}

/// What a hello with a limited TTL gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HopAnswer {
    /// Its hops ran out at a router that says so; which one, the system does not tell of an established connection.
    TimeExceeded,
    /// A ServerHello.
    ServerHello,
    /// A TLS alert.
    Alert,
    /// A RST.
    Reset,
    /// A FIN.
    Closed,
    /// Nothing in time.
    Silent,
    /// It could not be sent.
    NotSent,
}
