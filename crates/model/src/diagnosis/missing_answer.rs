//! TLS is established, but no complete answer comes in time.

use std::fmt;

use super::{
    attempt_context::AttemptContext, attempt_end::AttemptEnd, evidence::Statement, text::duration_in_sentence,
};
use crate::{
    hub::Protocol,
    observation::{ExchangeFailure, Stage, UpgradeFailure},
};

/// No complete answer in time, to the upgrade or to the protocol's first message.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Silence {
    pub(super) stage: Stage,
    protocol: Protocol,
    port: u16,
    bytes: u64,
    pub(super) acknowledged: Option<bool>,
    pub(super) took_ms: f64,
}

impl Silence {
    pub(super) fn of(context: AttemptContext<'_>) -> Option<Self> {
        let (stage, bytes, acknowledged) = match context.ended() {
            AttemptEnd::Upgrade(UpgradeFailure::TimedOut { bytes_received, acknowledged }, _) => {
                (Stage::Upgrade, *bytes_received, *acknowledged)
            }
            AttemptEnd::Exchange(ExchangeFailure::TimedOut { bytes_received, acknowledged }) => {
                (Stage::Exchange, *bytes_received, *acknowledged)
            }
            _ => return None,
        };
        let (protocol, port, took_ms) = (context.check.protocol, context.port(), context.took_ms());
        Some(Self { stage, protocol, port, bytes, acknowledged, took_ms })
    }

    pub(super) fn summary_in_websocket(&self) -> String {
        format!("WebSocket opens, but {} inside in {}", self.received(), duration_in_sentence(self.took_ms))
    }

    pub(super) fn received(&self) -> String {
        match self.bytes {
            0 => "nothing came back".to_owned(),
            some => format!("only {some} bytes of an answer came"),
        }
    }
}

impl Statement for Silence {}

impl fmt::Display for Silence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let to = match self.stage {
            Stage::Upgrade => "the WebSocket upgrade",
            _ => self.protocol.label(),
        };
        let arrived = match self.acknowledged {
            Some(true) => "; what we sent was acknowledged",
            Some(false) => "; what we sent was never acknowledged",
            None => "",
        };
        write!(
            f,
            "{} to {to} on port {} in {}{arrived}",
            self.received(),
            self.port,
            duration_in_sentence(self.took_ms)
        )
    }
}
