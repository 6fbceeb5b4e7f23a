//! What a TCP handshake showed.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

/// An established connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectEvidence {
    /// Our end.
    pub local: Option<SocketAddr>,
    /// Retransmitted SYNs on the connection that won; `None` if the system does not tell.
    pub retransmits: Option<u32>,
    /// Whether a later connection won, started after about 2 s of silence at this stage or a later one.
    pub hedged: bool,
}

impl ConnectEvidence {
    /// Whether the first SYN was not answered.
    pub fn was_sent_again(&self) -> bool {
        self.hedged || self.retransmits.is_some_and(|again| again > 0)
    }

    /// Whether the same connection was answered in the end, not another in its place.
    pub fn was_let_in_later(&self) -> bool {
        !self.hedged && self.retransmits.is_some_and(|again| again > 0)
    }
}

/// How a TCP handshake fails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ConnectFailure {
    /// No answer to the SYNs within the stage's time (two connections, the second after about 2 s).
    TimedOut {
        /// Retransmitted SYNs on the first connection; `None` if the system does not tell.
        retransmits: Option<u32>,
    },
    /// A RST answered the SYN; `ECONNREFUSED` without an ICMP error, or if the system does not distinguish them.
    Refused {
        /// Whether the error queue was readable, so that an ICMP error is ruled out.
        icmp_ruled_out: bool,
    },
    /// An ICMP error answered the SYN.
    Icmp {
        /// ICMP or ICMPv6 type.
        #[serde(rename = "type")]
        icmp_type: u8,
        /// ICMP or ICMPv6 code.
        code: u8,
        /// The sender.
        offender: Option<IpAddr>,
        /// Whether that is this machine itself.
        from_this_machine: bool,
    },
    /// This machine has no route to the address's family or network: it refused at once and sent nothing.
    NoRoute,
    /// The network or host was reported unreachable only after a packet was sent: by an ICMP error that the system did
    /// not pass on, or by this machine itself because a neighbour does not answer.
    Unreachable,
    /// This machine's own policy refused at once (`EACCES`, `EPERM`, `EINVAL`) and sent nothing.
    Local {
        /// The system's name or number of the error.
        errno: String,
    },
    /// No local port was left for a connection to this address and port: nothing was sent.
    NoPort {
        /// The range of local ports for outgoing connections, both ends included; `None` if the system does not tell.
        range: Option<(u16, u16)>,
        /// This machine's connections to the same address and port, including those that have just ended; `None` if the
        /// system does not tell.
        taken: Option<u64>,
    },
    /// This machine lacked a resource, such as file descriptors.
    NoResources {
        /// The system's words.
        message: String,
    },
    /// Anything else, in the system's words.
    Other {
        /// The system's words.
        message: String,
    },
}

impl ConnectFailure {
    /// Whether it is silence or a reset, neither of which shows the sender.
    pub fn is_without_a_word(&self) -> bool {
        matches!(self, Self::TimedOut { .. } | Self::Refused { icmp_ruled_out: true })
    }
}
