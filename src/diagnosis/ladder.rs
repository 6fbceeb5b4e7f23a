//! Where an attempt ended on its way up, and what it comes to where no cause has more to say.

use super::{
    attempt_context::AttemptContext,
    causes,
    connack::{Connack, Meaning},
    crowd,
    phrases::tls_version,
    text::spoken,
    verdict::AttemptVerdict,
};
use crate::{
    observation::{
        ConnectFailure, ExchangeEvidence, ExchangeFailure, Identity, Rung, TlsFailure, UpgradeEvidence, UpgradeFailure,
    },
    target::Depth,
};

/// The end of an attempt.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ended<'a> {
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
    pub(super) fn ended(&self) -> Ended<'a> {
        match &self.attempt.connect {
            Rung::Failed { failure, .. } => Ended::Connect(failure),
            Rung::Cancelled { duration_ms } => Ended::CutShort("the TCP handshake", *duration_ms),
            Rung::NotReached => Ended::NotTried("not tried"),
            Rung::Ok { .. } if self.seen.depth == Depth::Connect => Ended::DeepEnough,
            Rung::Ok { .. } => self.over_tcp(),
        }
    }

    fn over_tcp(&self) -> Ended<'a> {
        match &self.attempt.tls {
            Rung::Failed { failure: TlsFailure::NotAccepted, .. } => Ended::NotAccepted,
            Rung::Failed { failure, .. } => Ended::Tls(failure),
            Rung::Cancelled { duration_ms } => Ended::CutShort("the TLS handshake", *duration_ms),
            Rung::NotReached => Ended::NotTried("not tried beyond the TCP handshake"),
            // A probe goes no further with such a peer; a file may say that it did.
            Rung::Ok { .. } if !self.identity().is_some_and(Identity::goes_on) => Ended::NotAccepted,
            Rung::Ok { .. } if self.seen.depth == Depth::Tls => Ended::DeepEnough,
            Rung::Ok { .. } => self.inside_tls(),
        }
    }

    fn inside_tls(&self) -> Ended<'a> {
        match &self.attempt.upgrade {
            Some(Rung::Failed { failure, evidence, .. }) => return Ended::Upgrade(failure, evidence.as_ref()),
            Some(Rung::Cancelled { duration_ms }) => {
                return Ended::CutShort("the answer to the WebSocket upgrade", *duration_ms);
            }
            Some(Rung::NotReached) => return Ended::NotTried("not tried beyond the TLS handshake"),
            Some(Rung::Ok { .. }) | None => {}
        }
        match &self.attempt.exchange {
            Rung::Ok { evidence, .. } => Ended::Answered(evidence),
            Rung::Failed { failure, .. } => Ended::Exchange(failure),
            Rung::Cancelled { duration_ms } => Ended::CutShort("the hub's answer", *duration_ms),
            Rung::NotReached => Ended::NotTried("not tried beyond the TLS handshake"),
        }
    }

    /// How long the stage took at which the attempt ended, in milliseconds.
    pub(super) fn took_ms(&self) -> f64 {
        let attempt = self.attempt;
        let took = match self.ended() {
            Ended::Connect(_) => attempt.connect.duration_ms(),
            Ended::NotAccepted | Ended::Tls(_) => attempt.tls.duration_ms(),
            Ended::Upgrade(..) => attempt.upgrade.as_ref().and_then(Rung::duration_ms),
            Ended::Exchange(_) | Ended::Answered(_) => attempt.exchange.duration_ms(),
            Ended::CutShort(_, waited_ms) => Some(waited_ms),
            Ended::DeepEnough | Ended::NotTried(_) => None,
        };
        took.unwrap_or_default()
    }
}

/// What an attempt comes to, unless the crowd hides it: by the first cause that explains how it ended, amended by all of them.
pub(super) fn judge(attempt: AttemptContext<'_>) -> AttemptVerdict {
    let verdict = crowd::without_a_verdict(attempt).or_else(|| causes::of_attempt(attempt));
    let verdict = verdict.unwrap_or_else(|| unexplained(attempt));
    causes::amend(attempt, verdict)
}

/// Failures that no cause explains say nothing of the network.
fn unexplained(attempt: AttemptContext<'_>) -> AttemptVerdict {
    match attempt.ended() {
        Ended::Connect(ConnectFailure::NoResources { message }) => {
            AttemptVerdict::unknown(format!("this machine lacks a resource: {message}"))
        }
        Ended::Connect(ConnectFailure::Other { message }) => {
            AttemptVerdict::unknown(format!("connecting failed: {message}"))
        }
        Ended::Connect(_) => AttemptVerdict::unknown("connecting failed"),
        Ended::NotAccepted => AttemptVerdict::unknown("the peer's certificate was refused"),
        Ended::Tls(_) => AttemptVerdict::unknown("TLS could not be tried"),
        Ended::Upgrade(..) => AttemptVerdict::unknown("the upgrade to WebSocket failed"),
        Ended::Exchange(_) => AttemptVerdict::unknown("the protocol was not answered"),
        Ended::Answered(evidence) => answered(attempt, evidence),
        Ended::DeepEnough if attempt.seen.depth == Depth::Connect => {
            AttemptVerdict::allowed("the TCP handshake succeeded")
        }
        Ended::DeepEnough => AttemptVerdict::allowed(tls_version(attempt)),
        Ended::CutShort(waiting_for, waited_ms) => {
            AttemptVerdict::unknown(format!("cut short after waiting {} for {waiting_for}", spoken(waited_ms)))
        }
        Ended::NotTried(words) => AttemptVerdict::unknown(words),
    }
}

fn answered(attempt: AttemptContext<'_>, evidence: &ExchangeEvidence) -> AttemptVerdict {
    let version = tls_version(attempt);
    AttemptVerdict::allowed(match evidence {
        ExchangeEvidence::Mqtt { return_code, .. } => match Connack(*return_code) {
            connack if matches!(connack.meaning(), Meaning::Accepted | Meaning::Login) => {
                format!("{version}, hub answered CONNACK")
            }
            connack => format!("{version}, hub answered {connack}"),
        },
        ExchangeEvidence::Amqp { mechanisms } if mechanisms.is_empty() => {
            format!("{version}, hub offered SASL without any mechanism")
        }
        ExchangeEvidence::Amqp { .. } => format!("{version}, hub offered SASL"),
        ExchangeEvidence::Https { response } => format!("{version}, hub answered {}", response.status),
    })
}
