//! Path tracing: packets whose TTL is too small for the whole path, and the answer to each. The router at which a TTL
//! expires answers with ICMP Time Exceeded, unless it is silent or rate-limits ICMP.

mod datagram;
mod distance;
mod syn;

use std::{
    collections::BTreeSet,
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

use futures_util::{StreamExt, stream::FuturesUnordered};

use datagram::{UDP_PORT, datagram};
use distance::answer_ttl;
pub(crate) use distance::highest_ttl;
use syn::{Limit, syn};

use crate::observation::{PacketKind, PathProbe, ProbeAnswer, Trace, millis};

/// No longer path is known on the internet.
pub(crate) const MAX_HOPS: u8 = 30;
/// Between a probe and the control probe that it is compared with: long enough to fix their order at every router, short
/// enough that nothing else on the path changes.
pub(crate) const CONTROL_DELAY: Duration = Duration::from_millis(20);
/// Further than any path.
const UNLIMITED_TTL: u8 = 64;
/// Used if no round trip was measured.
const ASSUMED_ROUND_TRIP: Duration = Duration::from_millis(200);
/// This many hops after the last one that answered are probed at once. If all are silent, the path is taken to end
/// there.
const SILENT_HOPS: u8 = 5;
/// This many hops are probed at once towards a port that is known to answer.
const HOPS_AT_ONCE: u8 = 10;
/// Added to the wait for an answer, as this machine may be busy.
const SCHEDULING_SLACK: Duration = Duration::from_millis(100);
/// This many hops with too few answers are probed once more.
const MAX_REPEATED_HOPS: usize = 10;

/// How far a path is traced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Until {
    /// Until the port answers, or [`SILENT_HOPS`] hops in a row are silent.
    Silence {
        /// Probe at least this many hops.
        at_least: u8,
    },
    /// Until the port, which is known to answer, does.
    Answer,
}

/// A path being measured. Results so far remain if a round is cancelled.
#[derive(Debug)]
pub(crate) struct PathTracer {
    packets: PacketKind,
    peer: SocketAddr,
    /// How long an answer is waited for.
    patience: Duration,
    began: Instant,
    probes: Vec<PathProbe>,
    answer_ttl: Option<u8>,
}

impl PathTracer {
    /// By SYNs. Times are counted from `began`.
    pub(crate) fn new(peer: SocketAddr, patience: Duration, began: Instant) -> Self {
        Self { packets: PacketKind::Tcp, peer, patience, began, probes: Vec::new(), answer_ttl: None }
    }

    /// By packets that need no port to answer.
    pub(crate) fn with_packets(packets: PacketKind, address: IpAddr, patience: Duration, began: Instant) -> Self {
        let port = match packets {
            PacketKind::Udp => UDP_PORT,
            PacketKind::Tcp | PacketKind::IcmpEcho => 0,
        };
        Self { packets, ..Self::new(SocketAddr::new(address, port), patience, began) }
    }

    /// Sends one SYN with an unlimited TTL, and waits at most `most` for its answer. Its round trip then limits the
    /// wait for others.
    pub(crate) async fn probe_port(peer: SocketAddr, most: Duration, began: Instant) -> (ProbeAnswer, Self) {
        let sent = Instant::now();
        let answer = syn(peer, Limit::Hops(UNLIMITED_TTL), most).await;
        let took = sent.elapsed();
        let round_trip = if answer == ProbeAnswer::Silent { None } else { Some(took) };
        (answer, Self::new(peer, patience(round_trip), began))
    }

    /// Traces the path, several hops at a time.
    pub(crate) async fn explore(&mut self, flow: u8, until: Until) {
        let mut at_least = match until {
            Until::Silence { at_least } => at_least,
            Until::Answer => HOPS_AT_ONCE,
        };
        let mut under_way = FuturesUnordered::new();
        let (mut waiting, mut next) = (BTreeSet::new(), 1);
        loop {
            let ahead = self.last_router().saturating_add(SILENT_HOPS).max(at_least).min(MAX_HOPS);
            let furthest = self.arrival().unwrap_or(ahead);
            while next <= furthest {
                under_way.push(self.probe(next, flow));
                waiting.insert(next);
                next += 1;
            }
            // Probes beyond the port's first answer are not worth waiting for.
            if waiting.iter().all(|ttl| *ttl > furthest) {
                let goes_on = until == Until::Answer && self.arrival().is_none() && furthest < MAX_HOPS;
                match goes_on {
                    true => at_least = furthest.saturating_add(HOPS_AT_ONCE),
                    false => return,
                }
            } else if let Some(probe) = under_way.next().await {
                waiting.remove(&probe.ttl);
                self.probes.push(probe);
            }
        }
    }

    /// Sends one SYN for each of `ttls`, all at once.
    pub(crate) async fn repeat(&mut self, flow: u8, ttls: impl IntoIterator<Item = u8>) {
        let ttls = ttls.into_iter();
        let mut under_way: FuturesUnordered<_> = ttls.map(|ttl| self.probe(ttl, flow)).collect();
        while let Some(probe) = under_way.next().await {
            self.probes.push(probe);
        }
    }

    /// The lowest TTL that the port itself answered, or the router that rejects in its place.
    pub(crate) fn arrival(&self) -> Option<u8> {
        let answers = self.probes.iter().filter(|probe| {
            use ProbeAnswer::{Icmp, Reply, Reset, SynAck};
            matches!(probe.answer, SynAck | Reset | Reply | Icmp { .. })
        });
        answers.map(|probe| probe.ttl).min()
    }

    /// The furthest router that answered; 0 where none did.
    pub(crate) fn last_router(&self) -> u8 {
        self.routers().max().unwrap_or_default()
    }

    /// Hops up to `furthest` of which fewer than `enough` answers came.
    pub(crate) fn gaps(&self, furthest: u8, enough: usize) -> Vec<u8> {
        let answers = |ttl| {
            self.probes.iter().filter(|probe| probe.ttl == ttl && !matches!(probe.answer, ProbeAnswer::Silent)).count()
        };
        (1..=furthest.min(MAX_HOPS)).filter(|ttl| answers(*ttl) < enough).take(MAX_REPEATED_HOPS).collect()
    }

    /// Measures from how far away the port's answers come.
    pub(crate) async fn measure_answers(&mut self) {
        let answers =
            self.probes.iter().filter(|probe| matches!(probe.answer, ProbeAnswer::SynAck | ProbeAnswer::Reset));
        let slowest = answers.filter_map(|probe| probe.round_trip_ms).fold(0.0, f64::max);
        // What a port answers of itself is never late.
        let patience = Duration::try_from_secs_f64(slowest * 2.0 / 1000.0).unwrap_or_default() + SCHEDULING_SLACK;
        self.answer_ttl = answer_ttl(self.peer, patience.min(self.patience)).await;
    }

    /// From how far away the port's answers come, where that was measured.
    pub(crate) fn answer_ttl(&self) -> Option<u8> {
        self.answer_ttl
    }

    /// Whether an ICMP error other than Time Exceeded came.
    pub(crate) fn is_rejected(&self) -> bool {
        self.probes.iter().any(|probe| matches!(probe.answer, ProbeAnswer::Icmp { .. }))
    }

    /// Whether such an answer came.
    pub(crate) fn has_answer(&self, answer: &ProbeAnswer) -> bool {
        self.probes.iter().any(|probe| probe.answer == *answer)
    }

    /// The trace.
    pub(crate) fn into_trace(self) -> Trace {
        let Self { packets, peer, probes, answer_ttl, .. } = self;
        Trace { packets, address: peer.ip(), port: peer.port(), probes, answer_ttl }
    }

    /// One probe. It borrows nothing, so that the tracer can change meanwhile.
    fn probe(&self, ttl: u8, flow: u8) -> impl Future<Output = PathProbe> + use<> {
        let Self { packets, peer, patience, began, .. } = *self;
        async move {
            let sent = Instant::now();
            let sent_ms = millis(sent.saturating_duration_since(began));
            let answer = match packets {
                PacketKind::Tcp => syn(peer, Limit::Hops(ttl), patience).await,
                PacketKind::Udp | PacketKind::IcmpEcho => datagram(packets, peer, ttl, patience).await,
            };
            let answered = !matches!(answer, ProbeAnswer::Silent | ProbeAnswer::NotSent { .. });
            PathProbe { ttl, flow, sent_ms, round_trip_ms: answered.then(|| millis(sent.elapsed())), answer }
        }
    }

    fn routers(&self) -> impl Iterator<Item = u8> {
        let exceeded = self.probes.iter().filter(|probe| matches!(probe.answer, ProbeAnswer::TimeExceeded { .. }));
        exceeded.map(|probe| probe.ttl)
    }
}

/// Routers generate ICMP errors on the slow path: later than a round trip to the hub would explain.
pub(crate) fn patience(round_trip: Option<Duration>) -> Duration {
    let patience = round_trip.unwrap_or(ASSUMED_ROUND_TRIP) * 2 + Duration::from_millis(200);
    patience.clamp(Duration::from_millis(500), Duration::from_millis(1200))
}

/// What an ICMP error says of a path.
#[cfg(fuzzing)]
pub(crate) fn read_icmp(error: super::os::IcmpError, peer: std::net::IpAddr) -> ProbeAnswer {
    syn::icmp_answer(error, peer)
}
