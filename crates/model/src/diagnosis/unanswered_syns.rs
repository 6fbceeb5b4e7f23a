//! Unanswered SYNs, as evidence.

use std::{fmt, net::IpAddr};

use super::{attempt_context::AttemptContext, evidence::Statement, text::duration_in_sentence};

#[derive(Debug, Clone, PartialEq)]
pub(super) struct UnansweredSyns {
    retransmits: Option<u32>,
    address: IpAddr,
    port: u16,
    pub(super) took_ms: f64,
}

impl UnansweredSyns {
    pub(super) fn of(context: AttemptContext<'_>, retransmits: Option<u32>) -> Self {
        let took_ms = context.took_ms();
        Self { retransmits, address: context.address(), port: context.port(), took_ms }
    }

    pub(super) fn syns(&self) -> Option<u64> {
        self.retransmits.map(|again| u64::from(again) + 1)
    }
}

impl Statement for UnansweredSyns {}

impl fmt::Display for UnansweredSyns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (syns, Self { address, port, .. }) = (syns_text(self.syns()), self);
        write!(
            f,
            "{syns} to {address} port {port} unanswered in {}, on two connections",
            duration_in_sentence(self.took_ms)
        )
    }
}

fn syns_text(syns: Option<u64>) -> String {
    match syns {
        Some(1) => "1 SYN".to_owned(),
        Some(syns) => format!("{syns} SYNs"),
        None => "SYNs".to_owned(),
    }
}
