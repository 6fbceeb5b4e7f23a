//! One attempt to one address, stage by stage, as far as each allows the next.

use std::{
    future::pending,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use tokio::{
    net::TcpStream,
    sync::watch,
    time::{Instant, timeout_at},
};
use tokio_rustls::client::TlsStream;

use super::{exchange, first_message, upgrade};
use crate::{
    context::{
        event::Event,
        run_context::{OnEvent, RunContext},
        run_state::{AttemptIndex, RunState},
    },
    hub::{Check, Depth, HubHost},
    net::{
        connect,
        connection::Connection,
        recording_stream::RecordingStream,
        roots::Roots,
        run_control::RunControl,
        tls::{self, Patience, Versions},
        transport::Transport,
        verify::Tolerance,
    },
    observation::{
        Attempt, ConnectEvidence, ConnectFailure, ExchangeEvidence, ExchangeFailure, Stage, StageResult, TlsEvidence,
        TlsFailure, UpgradeFailure,
    },
};

/// How long a stage after the TCP handshake may stand still before a second attempt starts in parallel. A healthy
/// network is done by then. With packet loss, the next TCP retransmission may be seconds away, and a new connection is
/// faster.
const SECOND_ATTEMPT_DELAY: Duration = Duration::from_secs(2);

/// Where the progress of an attempt is recorded. If a stage fails, nothing follows; who made the attempt records that.
pub(super) struct Record<'a> {
    pub(super) state: &'a RunState,
    /// Told that a stage has ended.
    pub(super) stage_done: Option<&'a watch::Sender<()>>,
    /// `None` for an attempt that is made for comparison.
    pub(super) index: Option<AttemptIndex>,
}

impl Record<'_> {
    pub(super) fn on_to(&self, attempt: &Attempt, next: Stage) {
        if let Some(stage_done) = self.stage_done {
            stage_done.send_replace(());
        }
        if let Some(index) = self.index {
            self.state.update(index, attempt, Some(next));
        }
    }
}

/// An attempt of which no stage has ended.
pub(super) fn begun(check: &Check, address: IpAddr) -> Attempt {
    let upgrade = check.endpoint.protocol.subprotocol().map(|_| StageResult::NotReached);
    Attempt { upgrade, ..Attempt::new(address) }
}

type Handshake = (StageResult<TlsEvidence, TlsFailure>, Option<TlsStream<RecordingStream>>);

/// What every attempt of a run shares.
#[derive(Clone, Copy)]
pub(crate) struct StageRunner<'a> {
    pub(crate) control: &'a RunControl,
    pub(crate) host: &'a HubHost,
    /// The form of the MQTT user name, as the kind has it.
    pub(crate) mqtt_user: Option<&'static str>,
    pub(crate) roots: &'a Roots,
    pub(crate) depth: Depth,
    pub(crate) state: &'a RunState,
    pub(crate) progress: OnEvent<'a>,
    /// Limits the TCP handshake of an attempt that is made alone: without a hedge, which would be a second connection.
    pub(crate) alone: Option<Duration>,
}

impl<'a> StageRunner<'a> {
    pub(crate) fn new(context: &RunContext<'a>, roots: &'a Roots) -> Self {
        let RunContext { control, state, target, settings, progress, .. } = *context;
        let mqtt_user = target.kind.facts().mqtt_user;
        Self { control, host: &target.host, mqtt_user, roots, depth: settings.depth, state, progress, alone: None }
    }

    /// Makes an attempt once, without events: for comparison with an earlier attempt.
    pub(crate) async fn attempt_again(&self, check: &Check, address: IpAddr) -> Attempt {
        let unheard = Self { progress: &|_| (), ..*self };
        let (stage_done, _) = watch::channel(());
        // On the heap: many attempts run in one task, and a thread's stack has room for few.
        Box::pin(unheard.attempt_once(check, address, &stage_done, None)).await
    }

    /// Makes an attempt once, without events, on one connection. Waits at most `patience` for its TCP handshake.
    pub(crate) async fn attempt_alone(&self, check: &Check, address: IpAddr, patience: Duration) -> Attempt {
        Self { alone: Some(patience), ..*self }.attempt_again(check, address).await
    }

    /// Makes an attempt, and records each stage in the state of the run.
    pub(crate) async fn attempt(&self, check: &Check, address: IpAddr) -> Attempt {
        let index = self.state.begin(check, address);
        let mut attempt = self.attempt_with_a_second(check, address, index).await;
        if self.state.fills(index) && is_refused_past_tls(&attempt) {
            // Perhaps because of its length alone, so the verdict needs a message of normal length.
            attempt = self.attempt_again(check, address).await;
        }
        self.state.update(index, &attempt, None);
        attempt
    }

    /// Makes an attempt, and a second one in parallel once the first stands still. The second counts only if it
    /// arrives.
    async fn attempt_with_a_second(&self, check: &Check, address: IpAddr, index: AttemptIndex) -> Attempt {
        let (stage_done, stage_changes) = watch::channel(());
        let mut first = Box::pin(self.attempt_once(check, address, &stage_done, Some(index)));
        tokio::select! {
            biased;
            attempt = &mut first => return attempt,
            () = stands_still(self.control, stage_changes) => {}
        }
        tracing::debug!(check = %check.id, %address, "a second attempt begins");
        let mut second = Box::pin(self.attempt_again(check, address));
        let arrived = |mut attempt: Attempt| {
            if let StageResult::Ok { evidence, .. } = &mut attempt.connect {
                evidence.hedged = true;
            }
            Some(attempt).filter(|attempt| self.arrived(attempt))
        };
        let attempt = tokio::select! {
            biased;
            attempt = &mut first => attempt,
            attempt = &mut second => return match arrived(attempt) {
                Some(attempt) => attempt,
                None => first.await,
            },
        };
        match timed_out(&attempt) {
            true => arrived(second.await).unwrap_or(attempt),
            false => attempt,
        }
    }

    /// Whether an attempt got as far as was asked.
    pub(crate) fn arrived(&self, attempt: &Attempt) -> bool {
        attempt.has_arrived(self.depth)
    }

    async fn attempt_once(
        &self,
        check: &Check,
        address: IpAddr,
        stage_done: &watch::Sender<()>,
        index: Option<AttemptIndex>,
    ) -> Attempt {
        let record = Record { state: self.state, stage_done: Some(stage_done), index };
        let endpoint = &check.endpoint;
        let mut attempt = begun(check, address);
        let tcp;
        let peer = SocketAddr::new(address, endpoint.port);
        (attempt.connect, tcp) = self.connect(peer).await;
        self.tell(check, address, Stage::Connect, &attempt.connect);
        record.on_to(&attempt, Stage::Tls);
        let Some(tcp) = tcp.filter(|_| self.depth > Depth::Connect) else {
            return attempt;
        };

        let mut stream;
        // An attempt for comparison must not wait longer than the attempt it is compared with.
        let answers_others = || self.state.answers_a_hello(peer);
        let late = Patience::Late { answers_others: &answers_others };
        let patience = if index.is_some() { late } else { Patience::Stage };
        (attempt.tls, stream) = self.shake_hands(tcp.into(), endpoint.alpn, Versions::Both, patience).await;
        if matches!(attempt.tls.failure(), Some(TlsFailure::Downgraded))
            && let Some((stage_result, tls)) = self.without_tls_13(peer, endpoint.alpn).await
        {
            (attempt.tls, stream) = (stage_result, tls);
        }
        let may_fill = || index.is_some_and(|index| self.state.may_fill(index));
        self.inside_tls(check, attempt, stream, may_fill, &record).await
    }

    /// What follows the TLS handshake, which the attempt has the result of.
    pub(super) async fn inside_tls(
        &self,
        check: &Check,
        mut attempt: Attempt,
        stream: Option<TlsStream<RecordingStream>>,
        may_fill: impl Fn() -> bool,
        record: &Record<'_>,
    ) -> Attempt {
        let (address, endpoint) = (attempt.address, &check.endpoint);
        let subprotocol = endpoint.protocol.subprotocol();
        self.tell(check, address, Stage::Tls, &attempt.tls);
        record.on_to(&attempt, if subprotocol.is_some() { Stage::Upgrade } else { Stage::Exchange });
        let Some(stream) = stream.filter(|_| self.depth > Depth::Tls) else {
            return attempt;
        };

        let mut transport = Transport::tls(stream);
        let mut fill = transport.room().filter(|_| first_message::can_fill(endpoint.protocol) && may_fill());
        if let Some(subprotocol) = subprotocol {
            let (stage_result, upgraded) =
                upgrade::upgrade(self.control, transport, self.host, endpoint, subprotocol, fill.take()).await;
            self.tell(check, address, Stage::Upgrade, &stage_result);
            attempt.upgrade = Some(stage_result);
            record.on_to(&attempt, Stage::Exchange);
            match upgraded {
                Some(upgraded) => transport = upgraded,
                None => return attempt,
            }
        }

        attempt.exchange = exchange::exchange(self.control, transport, self.host, endpoint, self.mqtt_user, fill).await;
        self.tell(check, address, Stage::Exchange, &attempt.exchange);
        attempt
    }

    async fn connect(&self, peer: SocketAddr) -> (StageResult<ConnectEvidence, ConnectFailure>, Option<TcpStream>) {
        match self.alone {
            None => connect::connect(self.control, peer).await,
            Some(patience) => connect::connect_once(self.control, peer, patience).await,
        }
    }

    pub(super) async fn shake_hands(
        &self,
        connection: Connection,
        alpn: Option<&'static str>,
        versions: Versions,
        patience: Patience<'_>,
    ) -> Handshake {
        let how = (Tolerance::Identity, versions, patience);
        tls::handshake(self.control, connection, self.host, alpn, self.roots, how).await
    }

    /// As a device that has TLS 1.2 alone, on a connection of its own; `None` where the peer does not show itself to such a
    /// device either.
    async fn without_tls_13(&self, peer: SocketAddr, alpn: Option<&'static str>) -> Option<Handshake> {
        let tcp = self.connect(peer).await.1?;
        let (mut stage_result, stream) = self.shake_hands(tcp.into(), alpn, Versions::Only12, Patience::Stage).await;
        if let StageResult::Ok { evidence, .. } | StageResult::Failed { evidence: Some(evidence), .. } =
            &mut stage_result
        {
            evidence.downgraded = true;
        }
        stage_result.evidence().is_some_and(|tls| tls.trust.is_some()).then_some((stage_result, stream))
    }

    pub(super) fn tell<E, F>(&self, check: &Check, address: IpAddr, stage: Stage, stage_result: &StageResult<E, F>) {
        let event = Event::Stage {
            check: check.id.clone(),
            address,
            stage,
            outcome: stage_result.outcome(),
            duration_ms: stage_result.duration_ms().unwrap_or_default(),
        };
        tracing::debug!(check = %check.id, %address, %stage, outcome = ?stage_result.outcome(), "stage ended");
        (self.progress)(&event);
    }
}

/// Ready once a stage past the TCP handshake, which has a hedge of its own, stands still, and nothing comes on any other
/// connection of the run either: on a slow link one waits for another, and a second attempt would be one more to wait for.
async fn stands_still(control: &RunControl, mut stage_changes: watch::Receiver<()>) {
    let mut moving = stage_changes.changed().await;
    while moving.is_ok() {
        let began = Instant::now();
        moving = loop {
            let since = began.max(control.transfer().last());
            match timeout_at(since + SECOND_ATTEMPT_DELAY, stage_changes.changed()).await {
                Ok(again) => break again,
                Err(_) if control.transfer().last() > since => {}
                Err(_) => return,
            }
        };
    }
    pending().await
}

/// Whether an answer past TLS ended an attempt, or was one that servers give to what is too long for them.
fn is_refused_past_tls(attempt: &Attempt) -> bool {
    let refused = |failed: bool| failed && !timed_out(attempt);
    let too_long = match attempt.exchange.success() {
        Some(ExchangeEvidence::Https { response }) => matches!(response.status, 400 | 413 | 431 | 494 | 500..),
        _ => false,
    };
    refused(attempt.upgrade.as_ref().and_then(StageResult::failure).is_some())
        || refused(attempt.exchange.failure().is_some())
        || too_long
}

/// Whether silence ended an attempt: an answer, even a reset, is the network's word and needs no second.
fn timed_out(attempt: &Attempt) -> bool {
    let upgrade = attempt.upgrade.as_ref().and_then(StageResult::failure);
    matches!(attempt.tls.failure(), Some(TlsFailure::TimedOut { .. }))
        || matches!(upgrade, Some(UpgradeFailure::TimedOut { .. }))
        || matches!(attempt.exchange.failure(), Some(ExchangeFailure::TimedOut { .. }))
}
