//! This machine has no port left to connect from.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use crate::{
    diagnosis::{
        Entry, Forgery, Location, Owner, Severity, attempt_context::AttemptContext, attempt_verdict::AttemptVerdict,
        cause_kind::CauseKind, evidence::Statement, occurrence::Occurrence, scope::Scope,
    },
    observation::{ConnectFailure, Stage},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct PortsExhausted {
    /// The ephemeral port range of the system, both ends included.
    #[serde(skip_serializing_if = "Option::is_none")]
    port_range: Option<(u16, u16)>,
    /// Connections of this machine to the same address and port.
    #[serde(skip_serializing_if = "Option::is_none")]
    taken: Option<u64>,
}

impl CauseKind for PortsExhausted {
    const ENTRY: Entry = Entry {
        stage: Stage::Connect,
        severity: Severity::Error,
        owner: Owner::Operator,
        forgery: Forgery::Nobody,
        explanation: "Every connection needs a port of this machine's own, of a limited range. All of them are taken: usually \
            a program here opens connections and never closes them. Nothing is known of the network, for nothing was sent.",
        proof: "The system says at once that no address is available (EADDRNOTAVAIL), although it has one to send from. The \
            range, and how many connections to the same address and port there are, are told beside it.",
    };

    fn title(&self, scope: &Scope) -> String {
        format!("This machine has no port left to connect to {} from", scope.tcp())
    }

    fn fix(&self, scope: &Scope) -> String {
        format!(
            "Find the program on this machine that keeps connections open (`ss -tanp` lists them), above all to {}, and end or \
             mend it. A wider net.ipv4.ip_local_port_range only gives it more time.",
            scope.tcp()
        )
    }

    fn is_same(&self, other: &Self) -> bool {
        self.port_range == other.port_range
    }

    fn merge(&mut self, other: &Self) {
        self.taken = self.taken.max(other.taken);
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let ConnectFailure::NoPort { range, taken } = context.attempt.connect.failure()? else { return None };
        let (address, port) = (context.address(), context.port());
        let occurrence = Occurrence::confirmed(Self { port_range: *range, taken: *taken })
            .evidence(NoPortLeft { address, port, range: *range, taken: *taken })
            .located(Some(Location::THIS_MACHINE));
        Some(AttemptVerdict::unknown("this machine has no port left to connect from").with(occurrence))
    }
}

#[derive(Debug, Clone, PartialEq)]
struct NoPortLeft {
    address: IpAddr,
    port: u16,
    range: Option<(u16, u16)>,
    taken: Option<u64>,
}

impl Statement for NoPortLeft {}

impl fmt::Display for NoPortLeft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { address, port, range, taken } = self;
        write!(f, "the system had no port left for a connection to {address} port {port}")?;
        if let Some((first, last)) = range {
            write!(f, ", of its range {first} to {last}")?;
        }
        match taken {
            Some(1) => write!(f, "; 1 connection there is open, or has just ended"),
            Some(taken) => write!(f, "; {taken} connections there are open, or have just ended"),
            None => Ok(()),
        }
    }
}
