//! The first message of a check, made long, in segments of several sizes: if the one that fills a packet is not
//! answered and small ones are, the path to the hub carries only small packets, and no router reports it.

use std::{
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

use futures_util::future::join_all;

use super::{Experiment, segment_size::SIZES, snapshot_view::SnapshotView, tls_session::open_tls};
use crate::{
    attempt::first_message,
    context::run_context::RunContext,
    hub::{Check, CheckId, Protocol},
    net::{
        connect, os, random,
        roots::Roots,
        run_control::Timeout,
        transport::{ETHERNET_MSS, Transport},
        verify::Tolerance,
    },
    observation::{
        Attempt, ExchangeFailure, Stage, StageResult, TrackedAttempt, UpgradeFailure, Upstream, UpstreamAnswer,
        UpstreamTrial, millis,
    },
    wire::websocket,
};

/// Limits a connection, its handshake and the answer together.
const EXPERIMENT_TIMEOUT: Duration = Duration::from_millis(3500);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan {
    check: CheckId,
    address: IpAddr,
}

impl Experiment for Plan {
    type Facts = Upstream;

    fn wanted(view: SnapshotView<'_>) -> impl Iterator<Item = Self> {
        let lost =
            view.snapshot.attempts.iter().filter(move |tracked| os::CLAMPS_SEGMENTS && may_be_lost(view, tracked));
        lost.map(|tracked| Self { check: tracked.check.id.clone(), address: tracked.attempt.address })
    }

    async fn perform(&self, context: &RunContext<'_>) -> Option<Upstream> {
        let roots = context.state.roots()?;
        let check = context.target.checks.iter().find(|known| known.id == self.check)?;
        let trials = join_all(SIZES.map(|mss| send(context, &roots, check, self.address, mss))).await;
        Some(Upstream { check: check.id.clone(), address: self.address, trials })
    }
}

/// Whether the message that fills a segment is not answered.
fn may_be_lost(view: SnapshotView<'_>, tracked: &TrackedAttempt) -> bool {
    let acknowledged = match &tracked.attempt {
        Attempt {
            upgrade: Some(StageResult::Failed { failure: UpgradeFailure::TimedOut { acknowledged, .. }, .. }),
            ..
        }
        | Attempt {
            upgrade: None,
            exchange: StageResult::Failed { failure: ExchangeFailure::TimedOut { acknowledged, .. }, .. },
            ..
        } => *acknowledged,
        _ => Some(true),
    };
    // Past TLS a WebSocket begins with its upgrade.
    let first = if tracked.attempt.upgrade.is_some() { Stage::Upgrade } else { Stage::Exchange };
    tracked.fills_a_segment && (acknowledged != Some(true) || view.waits_long(tracked, first))
}

async fn send(
    context: &RunContext<'_>,
    roots: &Roots,
    check: &Check,
    address: IpAddr,
    mss: Option<u16>,
) -> UpstreamTrial {
    let began = Instant::now();
    // Kept outside, so that after a timeout the socket can still be asked.
    let (mut opened, mut bytes) = (None, 0);
    let exchange = context.control.within(EXPERIMENT_TIMEOUT, async {
        let transport = opened.insert(open(context, roots, check, address, mss).await?);
        // As long as a packet may be where the system chooses; where it does not, no shorter.
        let fill = if mss.is_none() { transport.room()? } else { ETHERNET_MSS };
        let message = message(context, check, fill);
        bytes = message.len();
        transport.send(&message).await;
        // An end is an answer too.
        let _ = transport.receive(&mut Vec::new()).await;
        Some(())
    });
    let exchange = exchange.await;
    let answer = match (exchange, &opened) {
        (Ok(Some(())), _) => UpstreamAnswer::Answered,
        (Err(Timeout::Run), _) => UpstreamAnswer::Cancelled,
        (Err(Timeout::Stage), Some(transport)) => {
            let state = transport.tcp_state();
            UpstreamAnswer::Silent {
                acknowledged: state.map(|state| state.unacknowledged == 0),
                retransmits: state.map(|state| state.retransmits),
            }
        }
        (Ok(None), _) | (Err(Timeout::Stage), None) => UpstreamAnswer::NotOpened,
    };
    if let Some(transport) = opened {
        transport.close().await;
    }
    UpstreamTrial { mss, bytes, duration_ms: millis(began.elapsed()), answer }
}

async fn open(
    context: &RunContext<'_>,
    roots: &Roots,
    check: &Check,
    address: IpAddr,
    mss: Option<u16>,
) -> Option<Transport> {
    let peer = SocketAddr::new(address, check.endpoint.port);
    let tcp = connect::dial(peer, mss).await.ok()?;
    open_tls(context, roots, (tcp, peer), check.endpoint.alpn, Tolerance::Identity).await
}

/// The check's first message, of `fill` bytes.
fn message(context: &RunContext<'_>, check: &Check, fill: usize) -> Vec<u8> {
    let (host, endpoint, fill) = (&context.target.host, &check.endpoint, Some(fill));
    match (endpoint.protocol.subprotocol(), endpoint.protocol) {
        (Some(subprotocol), _) => {
            first_message::upgrade(host, endpoint, subprotocol, &websocket::key(random::bytes()), fill)
        }
        (None, Protocol::Https) => first_message::get(host, endpoint, fill),
        (None, _) => first_message::connect(host, context.target.kind.facts().mqtt_user, fill),
    }
}
