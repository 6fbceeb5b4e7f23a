//! SYNs that nobody answered, as evidence.

use std::{fmt, net::IpAddr};

use super::{attempt_context::AttemptContext, evidence::Statement, text::spoken};

/// SYNs that nobody answered.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Unanswered {
    retransmits: Option<u32>,
    address: IpAddr,
    port: u16,
    pub(super) took_ms: f64,
}

impl Unanswered {
    pub(super) fn of(context: AttemptContext<'_>, retransmits: Option<u32>) -> Self {
        let took_ms = context.took_ms();
        Self { retransmits, address: context.address(), port: context.port(), took_ms }
    }

    pub(super) fn syns(&self) -> Option<u64> {
        self.retransmits.map(|again| u64::from(again) + 1)
    }
}

impl Statement for Unanswered {}

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (syns, Self { address, port, .. }) = (spoken_syns(self.syns()), self);
        write!(f, "{syns} to {address} port {port} unanswered in {}, on two connections", spoken(self.took_ms))
    }
}

fn spoken_syns(syns: Option<u64>) -> String {
    match syns {
        Some(1) => "1 SYN".to_owned(),
        Some(syns) => format!("{syns} SYNs"),
        None => "SYNs".to_owned(),
    }
}
