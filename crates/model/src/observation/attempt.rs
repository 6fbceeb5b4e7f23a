//! The observations of one attempt to one address.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{
    ConnectEvidence, ConnectFailure, ExchangeEvidence, ExchangeFailure, Identity, ProxyEvidence, ProxyFailure, Stage,
    StageResult, TlsEvidence, TlsFailure, UpgradeEvidence, UpgradeFailure,
};
use crate::hub::Depth;

/// Neither a hub's answer after the TCP handshake nor the longest path takes this long.
const LATE_ANSWER_MS: f64 = 2000.0;

/// One attempt to one address, stage by stage. In JSON the stages are a list, each with its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Wire", into = "Wire")]
pub struct Attempt {
    /// The address connected to: the hub's, or the proxy's where the route leads through it.
    pub address: IpAddr,
    /// The TCP handshake with that address.
    pub connect: StageResult<ConnectEvidence, ConnectFailure>,
    /// The request to the proxy to connect to the hub; `None` on the direct route.
    pub proxy: Option<StageResult<ProxyEvidence, ProxyFailure>>,
    /// The TLS handshake with the hub.
    pub tls: StageResult<TlsEvidence, TlsFailure>,
    /// The WebSocket upgrade; `None` for protocols without one.
    pub upgrade: Option<StageResult<UpgradeEvidence, UpgradeFailure>>,
    /// The first exchange in the protocol itself.
    pub exchange: StageResult<ExchangeEvidence, ExchangeFailure>,
}

impl Attempt {
    /// One that has not begun.
    pub fn new(address: IpAddr) -> Self {
        Self {
            address,
            connect: StageResult::NotReached,
            proxy: None,
            tls: StageResult::NotReached,
            upgrade: None,
            exchange: StageResult::NotReached,
        }
    }

    /// Whether the way to the hub is open for TLS: TCP is connected, and the proxy, if there is one, has let it through.
    pub fn is_connected(&self) -> bool {
        self.connect.is_ok() && self.proxy.as_ref().is_none_or(StageResult::is_ok)
    }

    /// Whether it got as far as `depth` asks.
    pub fn has_arrived(&self, depth: Depth) -> bool {
        match depth {
            Depth::Connect => self.is_connected(),
            Depth::Tls => self.tls.is_ok(),
            Depth::Exchange => self.exchange.is_ok(),
        }
    }

    /// The stage after the TCP handshake whose answer timed out.
    pub fn silent_at(&self) -> Option<Stage> {
        if matches!(self.tls.failure(), Some(TlsFailure::TimedOut { .. })) {
            return Some(Stage::Tls);
        }
        if matches!(self.upgrade.as_ref().and_then(StageResult::failure), Some(UpgradeFailure::TimedOut { .. })) {
            return Some(Stage::Upgrade);
        }
        matches!(self.exchange.failure(), Some(ExchangeFailure::TimedOut { .. })).then_some(Stage::Exchange)
    }

    /// Whether an ICMP error reported the peer unreachable before the TLS handshake timed out.
    pub fn was_called_unreachable(&self) -> bool {
        matches!(self.tls.failure(), Some(TlsFailure::TimedOut { unreachable: true, .. }))
    }

    /// Whether an answer came only after a SYN retransmission or after seconds: packets are lost, or queued.
    pub fn was_answered_late(&self) -> bool {
        let upgrade = self.upgrade.as_ref().filter(|upgrade| upgrade.is_ok()).and_then(StageResult::duration_ms);
        let tls = self.tls.duration_ms().filter(|_| self.tls.is_ok());
        let exchange = self.exchange.duration_ms().filter(|_| self.exchange.is_ok());
        self.connect.success().is_some_and(ConnectEvidence::was_sent_again)
            || [tls, upgrade, exchange].into_iter().flatten().any(|took_ms| took_ms > LATE_ANSWER_MS)
    }

    /// The time of all its stages together, in milliseconds.
    pub fn took_ms(&self) -> f64 {
        let upgrade = self.upgrade.as_ref().and_then(StageResult::duration_ms);
        let proxy = self.proxy.as_ref().and_then(StageResult::duration_ms);
        let stages = [self.connect.duration_ms(), proxy, self.tls.duration_ms(), upgrade, self.exchange.duration_ms()];
        stages.into_iter().flatten().sum()
    }

    /// Whether a TLS handshake showed that the hub is at this address, as far as its certificate can be judged.
    pub fn shows_the_hub(&self) -> bool {
        let trust = self.tls.evidence().and_then(|tls| tls.trust.as_ref());
        let is_the_hub = |identity| matches!(identity, Identity::Proven | Identity::Trusted | Identity::UntrustedHere);
        self.tls.is_ok() && trust.is_some_and(|trust| is_the_hub(trust.identity))
    }
}

#[derive(Serialize, Deserialize)]
struct Wire {
    address: IpAddr,
    stages: Vec<StageWire>,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "kebab-case")]
enum StageWire {
    Connect(StageResult<ConnectEvidence, ConnectFailure>),
    Proxy(Box<StageResult<ProxyEvidence, ProxyFailure>>),
    Tls(Box<StageResult<TlsEvidence, TlsFailure>>),
    Upgrade(Box<StageResult<UpgradeEvidence, UpgradeFailure>>),
    Exchange(Box<StageResult<ExchangeEvidence, ExchangeFailure>>),
}

impl From<Attempt> for Wire {
    fn from(attempt: Attempt) -> Self {
        let mut stages = vec![StageWire::Connect(attempt.connect)];
        stages.extend(attempt.proxy.map(|proxy| StageWire::Proxy(Box::new(proxy))));
        stages.push(StageWire::Tls(Box::new(attempt.tls)));
        stages.extend(attempt.upgrade.map(|upgrade| StageWire::Upgrade(Box::new(upgrade))));
        stages.push(StageWire::Exchange(Box::new(attempt.exchange)));
        Self { address: attempt.address, stages }
    }
}

/// A stage that a file does not mention was not reached.
impl From<Wire> for Attempt {
    fn from(wire: Wire) -> Self {
        let mut attempt = Self::new(wire.address);
        for stage in wire.stages {
            match stage {
                StageWire::Connect(stage_result) => attempt.connect = stage_result,
                StageWire::Proxy(stage_result) => attempt.proxy = Some(*stage_result),
                StageWire::Tls(stage_result) => attempt.tls = *stage_result,
                StageWire::Upgrade(stage_result) => attempt.upgrade = Some(*stage_result),
                StageWire::Exchange(stage_result) => attempt.exchange = *stage_result,
            }
        }
        attempt
    }
}
