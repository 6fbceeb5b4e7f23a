//! At which stage an attempt ended.

use super::attempt_context::AttemptContext;
use crate::{
    hub::Depth,
    observation::{
        ConnectFailure, ExchangeEvidence, ExchangeFailure, Identity, StageResult, TlsFailure, UpgradeEvidence,
        UpgradeFailure,
    },
};

/// How an attempt ended.
#[derive(Debug, Clone, Copy)]
pub(super) enum AttemptEnd<'a> {
    /// TCP did not connect.
    Connect(&'a ConnectFailure),
    /// The proxy did not let the connection through.
    Proxy,
    /// The probe ended the TLS handshake because it does not accept the peer.
    NotAccepted,
    /// The TLS handshake failed for another reason.
    Tls(&'a TlsFailure),
    /// Inside TLS, the upgrade to WebSocket failed.
    Upgrade(&'a UpgradeFailure, Option<&'a UpgradeEvidence>),
    /// Inside TLS (and WebSocket, if the protocol uses it), the protocol got no answer.
    Exchange(&'a ExchangeFailure),
    /// The protocol got its answer.
    Answered(&'a ExchangeEvidence),
    /// It reached the stage that the depth asks for.
    DepthReached,
    /// It was cut short: what it waited for, and how long.
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
            StageResult::Ok { .. } => self.at_the_proxy(),
        }
    }

    fn at_the_proxy(&self) -> AttemptEnd<'a> {
        match &self.attempt.proxy {
            Some(StageResult::Failed { .. }) => AttemptEnd::Proxy,
            Some(StageResult::Cancelled { duration_ms }) => AttemptEnd::CutShort("the proxy's answer", *duration_ms),
            Some(StageResult::NotReached) => AttemptEnd::NotTried("not tried beyond the TCP handshake"),
            Some(StageResult::Ok { .. }) | None if self.observations.depth == Depth::Connect => {
                AttemptEnd::DepthReached
            }
            Some(StageResult::Ok { .. }) | None => self.over_tcp(),
        }
    }

    fn over_tcp(&self) -> AttemptEnd<'a> {
        match &self.attempt.tls {
            StageResult::Failed { failure: TlsFailure::NotAccepted, .. } => AttemptEnd::NotAccepted,
            StageResult::Failed { failure, .. } => AttemptEnd::Tls(failure),
            StageResult::Cancelled { duration_ms } => AttemptEnd::CutShort("the TLS handshake", *duration_ms),
            StageResult::NotReached => AttemptEnd::NotTried("not tried beyond the TCP handshake"),
            // The probe stops at such a peer; an edited file may claim more.
            StageResult::Ok { .. } if !self.identity().is_some_and(Identity::goes_on) => AttemptEnd::NotAccepted,
            StageResult::Ok { .. } if self.observations.depth == Depth::Tls => AttemptEnd::DepthReached,
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

    /// How long the last stage of the attempt took, in milliseconds.
    pub(super) fn took_ms(&self) -> f64 {
        let attempt = self.attempt;
        let took = match self.ended() {
            AttemptEnd::Connect(_) => attempt.connect.duration_ms(),
            AttemptEnd::Proxy => attempt.proxy.as_ref().and_then(StageResult::duration_ms),
            AttemptEnd::NotAccepted | AttemptEnd::Tls(_) => attempt.tls.duration_ms(),
            AttemptEnd::Upgrade(..) => attempt.upgrade.as_ref().and_then(StageResult::duration_ms),
            AttemptEnd::Exchange(_) | AttemptEnd::Answered(_) => attempt.exchange.duration_ms(),
            AttemptEnd::CutShort(_, waited_ms) => Some(waited_ms),
            AttemptEnd::DepthReached | AttemptEnd::NotTried(_) => None,
        };
        took.unwrap_or_default()
    }
}
