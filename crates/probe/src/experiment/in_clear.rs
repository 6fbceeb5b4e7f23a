//! The port's own protocol without TLS, where the first message of TLS comes to nothing: a service that was never given a
//! certificate answers. Nothing is asked that a stranger may not ask, and nothing is told but the hub's name.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    time::{Duration, Instant},
};

use futures_util::future::join_all;

use super::{
    Experiment,
    http_get::get,
    snapshot_view::{SnapshotView, endpoint},
};
use crate::{
    context::run_context::RunContext,
    hub::{HubHost, Protocol},
    net::{connect, random, response::NoResponse, run_control::Timeout, transport::Transport},
    observation::{
        ClearProtocol, ClearQuestion, ClearReply, Ending, FirstBytes, InClear, Stage, TlsFailure, TrackedAttempt,
        millis,
    },
    wire::{Parsed, amqp, mqtt},
};

/// Limits a connection and its answer: two SYNs, then the answer to one retransmission.
const ANSWER_TIMEOUT: Duration = Duration::from_millis(2500);
/// More bytes than any answer needs to be known by.
const ENOUGH: usize = 8;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan {
    peer: SocketAddr,
}

impl Experiment for Plan {
    type Facts = InClear;

    fn wanted(view: SnapshotView<'_>) -> impl Iterator<Item = Self> {
        let cut = view.snapshot.attempts.iter().filter(move |tracked| is_cut_at_the_first_message(view, tracked));
        cut.map(|tracked| Self { peer: endpoint(tracked) })
    }

    async fn perform(&self, context: &RunContext<'_>) -> Option<InClear> {
        let here = context.target.checks.iter().filter(|check| check.endpoint.port == self.peer.port());
        let own = here.map(|check| match check.endpoint.protocol {
            Protocol::Mqtt => ClearProtocol::Mqtt,
            Protocol::Amqp => ClearProtocol::Amqp,
            Protocol::Https | Protocol::MqttWs | Protocol::AmqpWs => ClearProtocol::Http,
        });
        // Brokers alone do not say what they speak when they are spoken to in another tongue.
        let mut protocols: BTreeSet<ClearProtocol> = own.chain([ClearProtocol::Mqtt]).collect();
        let snapshot = context.state.snapshot();
        let mut attempts = snapshot.attempts.iter().filter(|tracked| endpoint(tracked) == self.peer);
        if attempts.any(|tracked| matches!(tracked.attempt.tls.failure(), Some(TlsFailure::NotTls { .. }))) {
            protocols.insert(ClearProtocol::Http);
        }
        let mut questions = join_all(protocols.iter().map(|protocol| ask(context, self.peer, *protocol))).await;
        // An answer in HTTP to a question in another protocol.
        if !protocols.contains(&ClearProtocol::Http) && questions.iter().any(is_answered_in_http) {
            questions.push(ask(context, self.peer, ClearProtocol::Http).await);
        }
        Some(InClear { address: self.peer.ip(), port: self.peer.port(), questions })
    }
}

/// Whether the peer ended TLS, or kept silent, before it said a word, or speaks HTTP in clear. What else speaks first has
/// said what it is.
fn is_cut_at_the_first_message(view: SnapshotView<'_>, tracked: &TrackedAttempt) -> bool {
    match tracked.attempt.tls.failure() {
        Some(TlsFailure::Closed { bytes_received: 0 } | TlsFailure::Reset { bytes_received: 0 }) => true,
        Some(TlsFailure::TimedOut { bytes_received: 0, acknowledged, .. }) => *acknowledged != Some(false),
        Some(TlsFailure::NotTls { first_bytes }) => first_bytes.look_like_http(),
        Some(_) => false,
        None => view.waits_long(tracked, Stage::Tls),
    }
}

fn is_answered_in_http(question: &ClearQuestion) -> bool {
    matches!(&question.reply, ClearReply::Bytes { first_bytes } if first_bytes.look_like_http())
}

async fn ask(context: &RunContext<'_>, peer: SocketAddr, protocol: ClearProtocol) -> ClearQuestion {
    let began = Instant::now();
    let exchange = context.control.within(ANSWER_TIMEOUT, async {
        let Ok(tcp) = connect::dial(peer, None).await else { return ClearReply::NotConnected };
        let mut transport = Transport::clear(tcp);
        let reply = reply(&mut transport, &context.target.host, peer.port(), protocol).await;
        transport.close().await;
        reply
    });
    let reply = match exchange.await {
        Ok(reply) => reply,
        Err(Timeout::Stage) => ClearReply::Silent,
        Err(Timeout::Run) => ClearReply::Cancelled,
    };
    ClearQuestion { protocol, duration_ms: millis(began.elapsed()), reply }
}

async fn reply(transport: &mut Transport, host: &HubHost, port: u16, protocol: ClearProtocol) -> ClearReply {
    let mut received = Vec::new();
    match protocol {
        ClearProtocol::Http => {
            return match get(transport, host, port).await {
                Ok(response) => ClearReply::Http { response },
                Err(NoResponse::NotHttp(first_bytes) | NoResponse::TooLarge(first_bytes)) => {
                    ClearReply::Bytes { first_bytes }
                }
                Err(NoResponse::Ended(ending)) => ended(&ending),
            };
        }
        ClearProtocol::Mqtt => transport.send(&mqtt::connect(&random::name(), None)).await,
        ClearProtocol::Amqp => transport.send(&amqp::SASL_HEADER).await,
    }
    let mut end = None;
    while received.len() < ENOUGH && end.is_none() && !is_refused_login(&received) {
        end = transport.receive(&mut received).await.err();
    }
    match end {
        Some(ending) if received.is_empty() => ended(&ending),
        _ => ClearReply::Bytes { first_bytes: FirstBytes::of(&received) },
    }
}

/// Whether a CONNACK came: nothing follows it.
fn is_refused_login(received: &[u8]) -> bool {
    matches!(mqtt::connack(received), Parsed::Done(_))
}

fn ended(ending: &Ending) -> ClearReply {
    match ending {
        Ending::Reset => ClearReply::Reset,
        _ => ClearReply::Closed,
    }
}
