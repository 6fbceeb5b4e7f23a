//! The run's data for comparison, indexed once: a file costs no more than its length, however many attempts it has.

use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
};

use super::{
    connect_answer::{AddressUnreachable, was_answered_remotely},
    connection_order,
    dns::{ControlQueries, NameFacts},
    hubs_own::looks_like_hub_response,
    peer::Peer,
};
use crate::{
    hub::Protocol,
    observation::{
        Alone, Attempt, CheckObservations, ConnectEvidence, ConnectFailure, Crowd, ExchangeEvidence, Experiment,
        ExperimentKind, ExperimentResult, HelloDistance, Identity, Measured, Observations, Outcome, Path, Subject,
        hops_taken, kind,
    },
};

/// No run makes as many experiments of one kind for one target; bounds the cost of a file.
const MAX_PER_TARGET: usize = 64;

/// A kernel retransmits a SYN after 1 s, and again 2 s later. An attempt that takes no longer than this ends before a
/// concurrent SYN is sent for the third time.
const BEFORE_THIRD_SYN_MS: f64 = 2000.0;

/// The data that every attempt is compared with.
pub(super) struct Comparisons<'a> {
    /// What is known of the hub's name.
    pub(super) name_facts: Option<NameFacts<'a>>,
    /// The queries for names that cannot exist, and for a name whose addresses are known.
    pub(super) controls: ControlQueries<'a>,
    by_kind: HashMap<&'static str, ResultsByTarget<'a>>,
    paths: HashMap<IpAddr, Vec<&'a Path>>,
    connected: HashMap<IpAddr, TwoPorts>,
    not_connected: HashMap<IpAddr, TwoPorts>,
    unreachable: HashMap<IpAddr, AddressUnreachable>,
    connected_ports: HashSet<(IpAddr, u16)>,
    peers: HashMap<(IpAddr, u16), Peer>,
    interface_got_answer: HashSet<&'a str>,
    foreign_certificates_at: HashSet<IpAddr>,
    concurrency_signs: HashMap<IpAddr, ConcurrencySigns>,
    limits_shown: HashMap<IpAddr, &'a Crowd>,
    silence_ended_alone: bool,
    hello_terminators: HashMap<u16, HelloTerminator>,
    quickest_ms: f64,
    hub_answered: HashSet<Protocol>,
    exchange_finished: HashSet<Protocol>,
}

/// What the other ports of an address say about a port that does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reference {
    /// This port completed the TCP handshake.
    Answers(u16),
    /// Other ports were tried to the end; none connected.
    NoneAnswered,
    /// No other port was tried.
    NoneTried,
}

/// How an address behaves with many connections at once.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ConcurrencySigns {
    /// Some SYN was answered late.
    pub(super) answered_late: bool,
    /// A connection was established after a retransmitted SYN.
    pub(super) connected_after_retransmit: bool,
    /// Of several attempts made alone, some failed: one of several machines at the address may be dead, or a device
    /// limits the rate.
    pub(super) mixed_outcomes: bool,
    /// How many attempts met silence after the TCP handshake, with others open and alone.
    pub(super) silent_concurrently: usize,
    pub(super) silent_alone: usize,
    /// One failed although a later concurrent one connected at once.
    pub(super) failed_before_later_success: bool,
    /// A connection was established and closed early: it no longer counted against a limit.
    pub(super) finished_early: bool,
    /// One that works when repeated failed although a later concurrent one connected at once. A connection limit would
    /// admit the first ones.
    pub(super) failed_out_of_order: bool,
}

/// Who ends connections at the TLS hello. If addresses differ, the later variant counts: one hub has one kind of
/// listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum HelloTerminator {
    /// It also ends connections before a hello is sent.
    Unprompted,
    /// It is as far away as the device that completed the TCP handshake.
    AtPeerDistance,
    /// It is nearer.
    Nearer,
}

impl HelloTerminator {
    fn of(distance: &HelloDistance) -> Option<Self> {
        let handshake = distance.path.answer_ttl;
        match distance.end_ttl {
            Some(_) if distance.ends_as_far_away_as_it_began() => Some(Self::AtPeerDistance),
            // A connection that ends unprompted may end before the distance can be measured.
            _ if distance.unprompted => Some(Self::Unprompted),
            Some(end) if handshake.is_some_and(|handshake| hops_taken(end) < hops_taken(handshake)) => {
                Some(Self::Nearer)
            }
            _ => None,
        }
    }
}

/// The results of one kind by target, each with its position in the run.
type ResultsByTarget<'a> = HashMap<Measured<'a>, Vec<(usize, &'a ExperimentResult)>>;

impl<'a> Comparisons<'a> {
    pub(super) fn of(run: &'a Observations) -> Self {
        let mut comparisons = Self {
            name_facts: NameFacts::of(run),
            controls: ControlQueries::of(run),
            by_kind: HashMap::new(),
            paths: HashMap::new(),
            connected: HashMap::new(),
            not_connected: HashMap::new(),
            unreachable: HashMap::new(),
            connected_ports: HashSet::new(),
            peers: HashMap::new(),
            interface_got_answer: HashSet::new(),
            foreign_certificates_at: HashSet::new(),
            concurrency_signs: HashMap::new(),
            limits_shown: connection_order::limits_shown(run),
            silence_ended_alone: false,
            hello_terminators: HashMap::new(),
            quickest_ms: f64::INFINITY,
            hub_answered: HashSet::new(),
            exchange_finished: HashSet::new(),
        };
        for (at, result) in run.experiments.iter().filter_map(Experiment::known).enumerate() {
            comparisons.add_result(at, result);
        }
        for check in &run.checks {
            comparisons.quickest_ms = comparisons.quickest_ms.min(check.duration_ms);
            for attempt in &check.attempts {
                comparisons.add_attempt(run, (check.protocol, check.port), attempt);
            }
        }
        comparisons.add_repeated_attempts(run);
        for (address, works_later) in connection_order::failed_out_of_order(run) {
            let signs = comparisons.concurrency_signs.entry(address).or_default();
            (signs.failed_before_later_success, signs.failed_out_of_order) = (true, works_later);
        }
        comparisons
    }

    /// The results of this kind for `subject`, in the order of the run.
    pub(super) fn results_of<K: ExperimentKind>(&self, subject: Subject<'a>) -> Vec<&'a K::Facts> {
        self.results_of_kind(K::WORD, subject).into_iter().filter_map(|(_, result)| K::facts(result)).collect()
    }

    /// Not generic: [`Self::results_of`] is compiled once for each kind.
    fn results_of_kind(&self, kind: &str, subject: Subject<'a>) -> Vec<(usize, &'a ExperimentResult)> {
        let Some(of_kind) = self.by_kind.get(kind) else { return Vec::new() };
        let mut found: Vec<_> =
            subject.part_of().iter().filter_map(|measured| of_kind.get(measured)).flatten().copied().collect();
        found.sort_by_key(|(at, _)| *at);
        found.dedup_by_key(|(at, _)| *at);
        found
    }

    /// The paths that were traced to an address.
    pub(super) fn paths_to(&self, address: IpAddr) -> &[&'a Path] {
        self.paths.get(&address).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether another port of `address` than `port` connects.
    pub(super) fn reference(&self, address: IpAddr, port: u16) -> Reference {
        let other = |ports: &HashMap<IpAddr, TwoPorts>| ports.get(&address).and_then(|ports| ports.other_than(port));
        match (other(&self.connected), other(&self.not_connected)) {
            (Some(port), _) => Reference::Answers(port),
            (None, Some(_)) => Reference::NoneAnswered,
            (None, None) => Reference::NoneTried,
        }
    }

    /// The first ICMP error of a router that concerns the whole address.
    pub(super) fn unreachable(&self, address: IpAddr) -> Option<AddressUnreachable> {
        self.unreachable.get(&address).copied()
    }

    /// Whether any attempt of the run connected to `port` of `address`.
    pub(super) fn has_connected(&self, address: IpAddr, port: u16) -> bool {
        self.connected_ports.contains(&(address, port))
    }

    /// Whether anyone answered a connection attempt that left by this interface.
    pub(super) fn interface_got_answer(&self, interface: &str) -> bool {
        self.interface_got_answer.contains(interface)
    }

    /// Whether any port of `address` connected in this run.
    pub(super) fn address_connects(&self, address: IpAddr) -> bool {
        self.connected.contains_key(&address)
    }

    /// Whether any port of `address` showed a certificate that is not known to be the hub's.
    pub(super) fn showed_foreign_certificate(&self, address: IpAddr) -> bool {
        self.foreign_certificates_at.contains(&address)
    }

    /// How the address behaves with many connections at once.
    pub(super) fn concurrency_signs(&self, address: IpAddr) -> ConcurrencySigns {
        self.concurrency_signs.get(&address).copied().unwrap_or_default()
    }

    /// The rounds of concurrent connections to the address, if the run's own connections confirm them.
    pub(super) fn limit_shown(&self, address: IpAddr) -> Option<&'a Crowd> {
        self.limits_shown.get(&address).copied()
    }

    /// Whether a check that was silent among others connected alone, and another connected after a retransmitted SYN.
    pub(super) fn connects_alone_later(&self) -> bool {
        self.silence_ended_alone && self.concurrency_signs.values().any(|signs| signs.connected_after_retransmit)
    }

    /// Who ends hellos to `port`, at any address.
    pub(super) fn hello_terminator(&self, port: u16) -> Option<HelloTerminator> {
        self.hello_terminators.get(&port).copied()
    }

    /// How long the quickest check took, in milliseconds.
    pub(super) fn quickest_ms(&self) -> f64 {
        self.quickest_ms
    }

    /// Whether any address connected, except where someone other than the hub is known to answer.
    pub(super) fn any_connected(&self) -> bool {
        self.connected_ports.iter().any(|(address, port)| self.peer(*address, *port) != Some(Peer::Stranger))
    }

    /// Who answers at a port, if it showed anything of itself.
    pub(super) fn peer(&self, address: IpAddr, port: u16) -> Option<Peer> {
        self.peers.get(&(address, port)).copied()
    }

    /// Whether the hub proves itself on any port of `address`.
    pub(super) fn hub_answers_at(&self, address: IpAddr) -> bool {
        self.peers.iter().any(|((at, _), peer)| *at == address && *peer == Peer::Hub)
    }

    /// Whether the hub answered in `protocol` at any address.
    pub(super) fn hub_answered(&self, protocol: Protocol) -> bool {
        self.hub_answered.contains(&protocol)
    }

    /// Whether any attempt took `protocol` to the end.
    pub(super) fn exchange_finished(&self, protocol: Protocol) -> bool {
        self.exchange_finished.contains(&protocol)
    }

    fn add_result(&mut self, at: usize, result: &'a ExperimentResult) {
        let of_kind = self.by_kind.entry(result.kind()).or_default();
        for measured in result.measured() {
            let known = of_kind.entry(measured).or_default();
            if known.len() < MAX_PER_TARGET && known.last().is_none_or(|(last, _)| *last != at) {
                known.push((at, result));
            }
        }
        if let ExperimentResult::HelloDistance(distance) = result
            && let Some(end) = HelloTerminator::of(distance)
        {
            let known = self.hello_terminators.entry(distance.path.port).or_insert(end);
            *known = (*known).max(end);
        }
        if let ExperimentResult::ReferencePort(observed) = result {
            let ports = if observed.taken == Some(true) { &mut self.connected } else { &mut self.not_connected };
            ports.entry(observed.address).or_default().add(observed.port);
        }
        if let ExperimentResult::Path(path) = result {
            let to = path.failing.address;
            let other = path.reference.as_ref().map(|trace| trace.address).filter(|other| *other != to);
            for address in std::iter::once(to).chain(other) {
                let known = self.paths.entry(address).or_default();
                if known.len() < MAX_PER_TARGET {
                    known.push(path);
                }
            }
        }
    }

    /// Attempts that were repeated, alone or not.
    fn add_repeated_attempts(&mut self, run: &Observations) {
        let was_silent = |alone: &Alone| {
            let of_it = |check: &&CheckObservations| check.id == alone.check;
            let mut attempts = run.checks.iter().filter(of_it).flat_map(|check| &check.attempts);
            attempts.any(|attempt| {
                attempt.address == alone.attempt.address
                    && matches!(attempt.connect.failure(), Some(ConnectFailure::TimedOut { .. }))
            })
        };
        let mut connected_alone =
            run.facts::<kind::Alone>().filter(|alone| alone.attempt.connect.is_ok()).take(MAX_PER_TARGET);
        self.silence_ended_alone = connected_alone.any(was_silent);
        let ports: HashMap<_, _> = run.checks.iter().map(|check| (&check.id, check.port)).collect();
        for tries in run.facts::<kind::Tries>() {
            self.concurrency_signs.entry(tries.address).or_default().mixed_outcomes |= tries.are_mixed();
        }
        let mut earlier: HashMap<_, bool> = HashMap::new();
        for alone in run.facts::<kind::Alone>() {
            let signs = self.concurrency_signs.entry(alone.attempt.address).or_default();
            let connects = alone.attempt.connect.is_ok();
            let before = earlier.insert((&alone.check, alone.attempt.address), connects);
            signs.mixed_outcomes |= before.is_some_and(|before| before != connects);
            signs.answered_late |= alone.attempt.was_answered_late();
            signs.silent_alone += usize::from(alone.attempt.silent_at().is_some());
        }
        let alone = run.facts::<kind::Alone>().map(|alone| (&alone.check, &*alone.attempt));
        let repeats = run.facts::<kind::Repeat>().map(|repeat| (&repeat.check, &*repeat.attempt));
        for (check, attempt) in alone.chain(repeats).filter(|(_, attempt)| attempt.connect.is_ok()) {
            self.connected_ports.extend(ports.get(check).map(|port| (attempt.address, *port)));
        }
    }

    fn add_attempt(&mut self, run: &'a Observations, (protocol, port): (Protocol, u16), attempt: &Attempt) {
        let signs = self.concurrency_signs.entry(attempt.address).or_default();
        signs.answered_late |= attempt.was_answered_late();
        signs.connected_after_retransmit |= attempt.connect.success().is_some_and(ConnectEvidence::was_let_in_later);
        signs.silent_concurrently += usize::from(attempt.silent_at().is_some());
        signs.finished_early |= attempt.has_arrived(run.depth) && attempt.took_ms() < BEFORE_THIRD_SYN_MS;
        self.add_connection(run, port, attempt);
        self.add_peer(run, port, attempt);
        self.add_exchange(run, protocol, attempt);
    }

    fn add_connection(&mut self, run: &'a Observations, port: u16, attempt: &Attempt) {
        let address = attempt.address;
        match attempt.connect.outcome() {
            Outcome::Ok => {
                self.connected_ports.insert((address, port));
                self.connected.entry(address).or_default().add(port);
            }
            Outcome::Failed => self.not_connected.entry(address).or_default().add(port),
            Outcome::NotReached | Outcome::Cancelled => {}
        }
        if was_answered_remotely(attempt)
            && let Some(interface) = run.vantage.network.as_ref().and_then(|own| own.leaves_by(address))
        {
            self.interface_got_answer.insert(&interface.name);
        }
        if let Some(error) = AddressUnreachable::from_attempt(attempt) {
            self.unreachable.entry(address).or_insert(error);
        }
    }

    fn add_peer(&mut self, run: &Observations, port: u16, attempt: &Attempt) {
        let address = attempt.address;
        // A port that was a stranger's once is no longer known to be the hub's.
        if let Some(peer) = Peer::of(attempt, &run.hub.host)
            && self.peers.get(&(address, port)) != Some(&Peer::Stranger)
        {
            self.peers.insert((address, port), peer);
        }
        let trust = attempt.tls.evidence().and_then(|tls| tls.trust.as_ref());
        if trust.is_some_and(|trust| !trust.identity.is_the_hub() && trust.identity != Identity::Trusted) {
            self.foreign_certificates_at.insert(address);
        }
    }

    fn add_exchange(&mut self, run: &Observations, protocol: Protocol, attempt: &Attempt) {
        if matches!(attempt.exchange.outcome(), Outcome::Ok | Outcome::Failed) {
            self.exchange_finished.insert(protocol);
        }
        let is_answered = match attempt.exchange.success() {
            Some(ExchangeEvidence::Https { response }) => looks_like_hub_response(run.hub.kind, response),
            Some(_) => true,
            None => false,
        };
        if is_answered {
            self.hub_answered.insert(protocol);
        }
    }
}

/// The first port, and the first different one: for any port, one of them is another port.
#[derive(Default)]
struct TwoPorts(Option<u16>, Option<u16>);

impl TwoPorts {
    fn add(&mut self, port: u16) {
        let first = *self.0.get_or_insert(port);
        if first != port {
            self.1.get_or_insert(port);
        }
    }

    fn other_than(&self, port: u16) -> Option<u16> {
        self.0.filter(|first| *first != port).or(self.1)
    }
}
