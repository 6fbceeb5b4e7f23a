//! Where on the path SYNs end: each is given fewer hops than it needs, and the router at which it runs out says so.

use std::{collections::BTreeSet, net::IpAddr};

use serde::{Deserialize, Serialize};

use super::{Facts, Measured};

/// The path to a port that fails, and to one that works, measured side by side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Path {
    /// Whether the failing port's address is on a link of this machine, so that no router stands in between; `None`
    /// where the system does not tell.
    pub on_link: Option<bool>,
    /// To the port that fails.
    pub failing: Trace,
    /// To a port that works, of the same address if there is one, else of another; `None` where nothing answers.
    pub reference: Option<Trace>,
}

impl Facts for Path {
    fn measured(&self) -> Vec<Measured<'_>> {
        vec![Measured::Port(self.failing.address, self.failing.port)]
    }
}

/// The path to one port, or to an address by other packets than SYNs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// What was sent.
    #[serde(default)]
    pub packets: PacketKind,
    /// The address.
    pub address: IpAddr,
    /// The port; 0 of echo requests, which have none.
    pub port: u16,
    /// One for each packet, as they ended.
    pub probes: Vec<PathProbe>,
    /// The TTL (IPv6: hop limit) with which the port's own answers arrive here; `None` where it was not measured.
    pub answer_ttl: Option<u8>,
}

/// How many hops a packet took that arrives with this TTL (IPv6: hop limit): whoever sends it begins with 64, 128 or 255, and two
/// programs behind one address need not begin with the same.
pub fn hops_taken(ttl: u8) -> u8 {
    let began = [64, 128, u8::MAX].into_iter().find(|began| *began >= ttl).unwrap_or(u8::MAX);
    began - ttl
}

impl Trace {
    /// Whether SYNs of two rounds were reset, and none was taken.
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
    /// UDP datagrams to a port on which nobody listens.
    Udp,
    /// ICMP echo requests.
    IcmpEcho,
}

/// One packet with a limited TTL (IPv6: hop limit).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PathProbe {
    /// How many hops it may take.
    pub ttl: u8,
    /// In which round it was sent: each has source ports of its own, so that load balancers may send it another way.
    pub flow: u8,
    /// When, in milliseconds since the experiment began.
    pub sent_ms: f64,
    /// From the packet to its answer in milliseconds; `None` where none came.
    pub round_trip_ms: Option<f64>,
    /// What came of it.
    pub answer: ProbeAnswer,
}

/// What a packet with a limited TTL gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum ProbeAnswer {
    /// Its hops ran out at a router that says so (RFC 792, RFC 4443: time exceeded).
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
        /// Who sent it.
        from: Option<IpAddr>,
    },
    /// The TCP handshake was completed.
    SynAck,
    /// A RST.
    Reset,
    /// An echo reply, or a datagram.
    Reply,
    /// Nothing in time.
    Silent,
    /// The system would not send it, in its words.
    NotSent {
        /// Those words.
        message: String,
    },
}
