//! Where on the path SYNs end: each has a limited TTL, and the router where it expires reports that.

use std::{collections::BTreeSet, net::IpAddr};

use serde::{Deserialize, Serialize};

use super::{Facts, Measured};

/// The path to a port that fails, and to one that works, measured in parallel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Path {
    /// Whether the failing port's address is on a link of this machine, without a router in between; `None` if the
    /// system does not tell.
    pub on_link: Option<bool>,
    /// To the port that fails.
    pub failing: Trace,
    /// To a port that works, preferably of the same address; `None` if nothing answers.
    pub reference: Option<Trace>,
}

impl Facts for Path {
    fn measured(&self) -> Vec<Measured<'_>> {
        vec![Measured::Port(self.failing.address, self.failing.port)]
    }
}

/// The path to one port, or to an address by packets other than SYNs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// What was sent.
    #[serde(default)]
    pub packets: PacketKind,
    /// The address.
    pub address: IpAddr,
    /// The port; 0 for echo requests, which have none.
    pub port: u16,
    /// One for each packet, in the order in which they ended.
    pub probes: Vec<PathProbe>,
    /// The TTL (IPv6: hop limit) with which the port's own answers arrive here; `None` if it was not measured.
    pub answer_ttl: Option<u8>,
}

/// The number of hops that a packet with this received TTL (IPv6: hop limit) took. Senders start with 64, 128 or 255;
/// two programs at one address may start differently.
pub fn hops_taken(ttl: u8) -> u8 {
    let began = [64, 128, u8::MAX].into_iter().find(|began| *began >= ttl).unwrap_or(u8::MAX);
    began - ttl
}

impl Trace {
    /// Whether SYNs of two rounds were reset, and none was accepted.
    pub fn is_reset_throughout(&self) -> bool {
        let reset = self.probes.iter().filter(|probe| probe.answer == ProbeAnswer::Reset);
        let rounds: BTreeSet<u8> = reset.map(|probe| probe.flow).collect();
        rounds.len() > 1 && !self.probes.iter().any(|probe| probe.answer == ProbeAnswer::SynAck)
    }
}

/// What is sent to find a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PacketKind {
    /// TCP SYNs.
    #[default]
    Tcp,
    /// UDP datagrams to a port without a listener.
    Udp,
    /// ICMP echo requests.
    IcmpEcho,
}

/// One packet with a limited TTL (IPv6: hop limit).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PathProbe {
    /// How many hops it may take.
    pub ttl: u8,
    /// Its round: each round has its own source ports, so load balancers may choose another path.
    pub flow: u8,
    /// When it was sent, in milliseconds since the experiment began.
    pub sent_ms: f64,
    /// From the packet to its answer in milliseconds; `None` if none came.
    pub round_trip_ms: Option<f64>,
    /// The result.
    pub answer: ProbeAnswer,
}

/// The result of a packet with a limited TTL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum ProbeAnswer {
    /// It expired at a router that answers with Time Exceeded (RFC 792, RFC 4443).
    TimeExceeded {
        /// The router's address.
        from: Option<IpAddr>,
    },
    /// Another ICMP error.
    Icmp {
        /// ICMP or ICMPv6 type.
        #[serde(rename = "type")]
        icmp_type: u8,
        /// ICMP or ICMPv6 code.
        code: u8,
        /// The sender.
        from: Option<IpAddr>,
    },
    /// The TCP handshake was completed.
    SynAck,
    /// A RST.
    Reset,
    /// An echo reply, or a datagram.
    Reply,
    /// No answer in time.
    Silent,
    /// The system refused to send it, in its words.
    NotSent {
        /// Those words.
        message: String,
    },
}
