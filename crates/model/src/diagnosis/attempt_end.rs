//! At which stage an attempt ended.

use super::attempt_context::AttemptContext;
use crate::{
    hub::Depth,
    observation::{
        ConnectFailure, ExchangeEvidence, ExchangeFailure, Identity, StageResult, TlsFailure, UpgradeEvidence,
        UpgradeFailure,
    },
};

/// The end of an attempt.
#[derive(Debug, Clone, Copy)]
pub(super) enum AttemptEnd<'a> {
    /// TCP did not connect.
    Connect(&'a ConnectFailure),
    /// We ended the TLS handshake, for what the peer showed of itself.
    NotAccepted,
    /// The TLS handshake failed for another reason.
    Tls(&'a TlsFailure),
    /// Inside TLS, the upgrade to WebSocket failed.
    Upgrade(&'a UpgradeFailure, Option<&'a UpgradeEvidence>),
    /// Inside TLS, and WebSocket where that is asked for, the protocol was not answered.
    Exchange(&'a ExchangeFailure),
    /// It was.
    Answered(&'a ExchangeEvidence),
    /// It got as far as the depth asks.
    DeepEnough,
    /// It was cut short: what was waited for, and how long.
    CutShort(&'static str, f64),
    /// It was not tried.
    NotTried(&'static str),
}

impl<'a> AttemptContext<'a> {
    pub(super) fn ended(&self) -> AttemptEnd<'a> {
        match &self.attempt.connect {
            StageResult::Failed { failure, .. } => AttemptEnd::Connect(failure),
            StageResult::Cancelled { duration_ms } => AttemptEnd::CutShort("the TCP handshake", *duration_ms),
            StageResult::NotReached => AttemptEnd::NotTried("not tried"),
            StageResult::Ok { .. } if self.observations.depth == Depth::Connect => AttemptEnd::DeepEnough,
            StageResult::Ok { .. } => self.over_tcp(),
        }
    }

    fn over_tcp(&self) -> AttemptEnd<'a> {
        match &self.attempt.tls {
            StageResult::Failed { failure: TlsFailure::NotAccepted, .. } => AttemptEnd::NotAccepted,
            StageResult::Failed { failure, .. } => AttemptEnd::Tls(failure),
            StageResult::Cancelled { duration_ms } => AttemptEnd::CutShort("the TLS handshake", *duration_ms),
            StageResult::NotReached => AttemptEnd::NotTried("not tried beyond the TCP handshake"),
            // A probe goes no further with such a peer; a file may say that it did.
            StageResult::Ok { .. } if !self.identity().is_some_and(Identity::goes_on) => AttemptEnd::NotAccepted,
            StageResult::Ok { .. } if self.observations.depth == Depth::Tls => AttemptEnd::DeepEnough,
            StageResult::Ok { .. } => self.inside_tls(),
        }
    }

    fn inside_tls(&self) -> AttemptEnd<'a> {
        match &self.attempt.upgrade {
            Some(StageResult::Failed { failure, evidence, .. }) => {
                return AttemptEnd::Upgrade(failure, evidence.as_ref());
            }
            Some(StageResult::Cancelled { duration_ms }) => {
                return AttemptEnd::CutShort("the answer to the WebSocket upgrade", *duration_ms);
            }
            Some(StageResult::NotReached) => return AttemptEnd::NotTried("not tried beyond the TLS handshake"),
            Some(StageResult::Ok { .. }) | None => {}
        }
        match &self.attempt.exchange {
            StageResult::Ok { evidence, .. } => AttemptEnd::Answered(evidence),
            StageResult::Failed { failure, .. } => AttemptEnd::Exchange(failure),
            StageResult::Cancelled { duration_ms } => AttemptEnd::CutShort("the hub's answer", *duration_ms),
            StageResult::NotReached => AttemptEnd::NotTried("not tried beyond the TLS handshake"),
        }
    }

    /// How long the stage took at which the attempt ended, in milliseconds.
    pub(super) fn took_ms(&self) -> f64 {
        let attempt = self.attempt;
        let took = match self.ended() {
            AttemptEnd::Connect(_) => attempt.connect.duration_ms(),
            AttemptEnd::NotAccepted | AttemptEnd::Tls(_) => attempt.tls.duration_ms(),
            AttemptEnd::Upgrade(..) => attempt.upgrade.as_ref().and_then(StageResult::duration_ms),
            AttemptEnd::Exchange(_) | AttemptEnd::Answered(_) => attempt.exchange.duration_ms(),
            AttemptEnd::CutShort(_, waited_ms) => Some(waited_ms),
            AttemptEnd::DeepEnough | AttemptEnd::NotTried(_) => None,
        };
        took.unwrap_or_default()
    }
}
