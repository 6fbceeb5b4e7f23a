//! What passes inside an open WebSocket: where the protocol's first answer did not come, a ping, a small and a large frame
//! tell a mute server from a gateway that swallows frames, all or the large ones.

use std::{
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

use futures_util::future::join_all;

use super::{Experiment, snapshot_view::SnapshotView, tls_session::open_tls};
use crate::{
    attempt::upgrade::upgrade,
    context::run_context::RunContext,
    hub::{Check, CheckId, Protocol},
    net::{connect, random, roots::Roots, transport::Transport, verify::Tolerance},
    observation::{ExchangeFailure, Frame, FrameOutcome, FrameTrial, Frames, Stage, StageResult, millis},
    wire::{amqp, mqtt},
};

/// Limits opening a WebSocket and one answer in it.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(3);
/// More than fits into one TCP segment of an Ethernet.
const LARGE_PAYLOAD: usize = 2000;
/// What a ping carries.
const PING: &[u8] = b"hubreach";

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan {
    check: CheckId,
    address: IpAddr,
}

impl Experiment for Plan {
    type Facts = Frames;

    fn wanted(view: SnapshotView<'_>) -> impl Iterator<Item = Self> {
        let mute = view.snapshot.attempts.iter().filter(move |tracked| {
            let timed_out = matches!(tracked.attempt.exchange.failure(), Some(ExchangeFailure::TimedOut { .. }));
            let opened = tracked.attempt.upgrade.as_ref().is_some_and(StageResult::is_ok);
            opened && (timed_out || view.waits_long(tracked, Stage::Exchange))
        });
        mute.map(|tracked| Self { check: tracked.check.id.clone(), address: tracked.attempt.address })
    }

    async fn perform(&self, context: &RunContext<'_>) -> Option<Frames> {
        let roots = context.state.roots()?;
        let check = context.target.checks.iter().find(|known| known.id == self.check)?;
        let frames = [Frame::Ping, Frame::Small, Frame::Large];
        // On the heap: three at once exceed a small stack.
        let sent = frames.map(|frame| Box::pin(send(context, &roots, check, self.address, frame)));
        let trials = join_all(sent).await;
        Some(Frames { check: check.id.clone(), address: self.address, trials })
    }
}

async fn send(context: &RunContext<'_>, roots: &Roots, check: &Check, address: IpAddr, frame: Frame) -> FrameTrial {
    let began = Instant::now();
    let payload = payload(check.endpoint.protocol, frame);
    let tried = context.control.within(ANSWER_TIMEOUT, async {
        let Some(mut transport) = Box::pin(open(context, roots, check, address)).await else {
            return FrameOutcome::NotOpened;
        };
        let answered = match frame {
            Frame::Ping => transport.ping(PING).await,
            Frame::Small | Frame::Large => {
                transport.send(&payload).await;
                transport.receive(&mut Vec::new()).await
            }
        };
        transport.close().await;
        if answered.is_ok() { FrameOutcome::Answered } else { FrameOutcome::Ended }
    });
    let outcome = match tried.await {
        Ok(outcome) => outcome,
        Err(crate::net::run_control::Timeout::Stage) => FrameOutcome::Silent,
        Err(crate::net::run_control::Timeout::Run) => FrameOutcome::Cancelled,
    };
    FrameTrial { frame, bytes: payload.len(), duration_ms: millis(began.elapsed()), outcome }
}

async fn open(context: &RunContext<'_>, roots: &Roots, check: &Check, address: IpAddr) -> Option<Transport> {
    let (host, endpoint) = (&context.target.host, &check.endpoint);
    let peer = SocketAddr::new(address, endpoint.port);
    let (_, tcp) = connect::connect(context.control, peer).await;
    let transport = open_tls(context, roots, (tcp?, peer), endpoint.alpn, Tolerance::Identity).await?;
    let subprotocol = endpoint.protocol.subprotocol()?;
    upgrade(context.control, transport, host, endpoint, subprotocol, None).await.1
}

/// The protocol's hello, to which a server answers whatever follows it in the same frame.
fn payload(protocol: Protocol, frame: Frame) -> Vec<u8> {
    let is_mqtt = protocol == Protocol::MqttWs;
    match frame {
        Frame::Ping => PING.to_vec(),
        Frame::Small if is_mqtt => mqtt::connect(&random::name(), None),
        Frame::Small => amqp::SASL_HEADER.to_vec(),
        Frame::Large if is_mqtt => {
            // A client may go on without waiting for the CONNACK (MQTT 3.1.1, section 3.1.4).
            let pings = mqtt::PING.iter().copied().cycle().take(LARGE_PAYLOAD);
            mqtt::connect(&random::name(), None).into_iter().chain(pings).collect()
        }
        Frame::Large => amqp::SASL_HEADER.into_iter().chain(amqp::unknown_mechanism(LARGE_PAYLOAD)).collect(),
    }
}
