//! The verdict of one attempt, by all causes, or by how it ended if none explains more.

use super::{
    attempt_context::{AttemptContext, tls_version},
    attempt_end::AttemptEnd,
    attempt_verdict::AttemptVerdict,
    causes, concurrency,
    connack::{Connack, Meaning},
    text::duration_in_sentence,
};
use crate::{
    hub::Depth,
    observation::{ConnectFailure, ExchangeEvidence},
};

/// The verdict of an attempt, unless concurrency hides it. The first cause that explains the end decides; then every
/// cause may amend.
pub(super) fn judge(attempt: AttemptContext<'_>) -> AttemptVerdict {
    let verdict = concurrency::verdict_under_concurrency(attempt).or_else(|| causes::of_attempt(attempt));
    let verdict = verdict.unwrap_or_else(|| unexplained(attempt));
    causes::amend(attempt, verdict)
}

/// A failure that no cause explains says nothing about the network.
fn unexplained(attempt: AttemptContext<'_>) -> AttemptVerdict {
    match attempt.ended() {
        AttemptEnd::Connect(ConnectFailure::NoResources { message }) => {
            AttemptVerdict::unknown(format!("this machine lacks a resource: {message}"))
        }
        AttemptEnd::Connect(ConnectFailure::Other { message }) => {
            AttemptVerdict::unknown(format!("connecting failed: {message}"))
        }
        AttemptEnd::Connect(_) => AttemptVerdict::unknown("connecting failed"),
        AttemptEnd::Proxy => AttemptVerdict::unknown("the proxy did not connect to the hub"),
        AttemptEnd::NotAccepted => AttemptVerdict::unknown("the peer's certificate was refused"),
        AttemptEnd::Tls(_) => AttemptVerdict::unknown("TLS could not be tried"),
        AttemptEnd::Upgrade(..) => AttemptVerdict::unknown("the upgrade to WebSocket failed"),
        AttemptEnd::Exchange(_) => AttemptVerdict::unknown("the protocol was not answered"),
        AttemptEnd::Answered(evidence) => answered(attempt, evidence),
        AttemptEnd::DepthReached if attempt.observations.depth == Depth::Connect => {
            AttemptVerdict::allowed(match &attempt.attempt.proxy {
                Some(_) => "the proxy connects",
                None => "the TCP handshake succeeded",
            })
        }
        AttemptEnd::DepthReached => AttemptVerdict::allowed(tls_version(attempt)),
        AttemptEnd::CutShort(waiting_for, waited_ms) => AttemptVerdict::unknown(format!(
            "cut short after waiting {} for {waiting_for}",
            duration_in_sentence(waited_ms)
        )),
        AttemptEnd::NotTried(words) => AttemptVerdict::unknown(words),
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
