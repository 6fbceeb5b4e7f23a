//! What each attempt is compared with, put in order once for the whole run: what somebody wrote into a file costs no more
//! than its length, however many attempts it has.

use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
};

use super::{
    connect_answer::{OfTheAddress, is_answered},
    hubs_own::is_the_hubs,
    names::{Controls, Names},
    peer::Peer,
    turns,
};
use crate::{
    hub::Protocol,
    observation::{
        Alone, Attempt, CheckObservations, ConnectEvidence, ConnectFailure, Crowd, ExchangeEvidence, Experiment,
        ExperimentKind, ExperimentResult, HelloDistance, Identity, Measured, Observations, Outcome, Path, Subject,
        hops_taken, kind,
    },
};

/// The most experiments of one kind on the same thing that are looked at: no run makes as many.
const MOST: usize = 64;

/// An attempt that takes no longer than this has ended before a SYN beside it is sent for the third time.
const SOON_MS: f64 = 2000.0;

/// All that an attempt is compared with.
pub(super) struct Comparisons<'a> {
    /// What is known of the hub's name.
    pub(super) names: Option<Names<'a>>,
    /// What was asked about names that nobody has.
    pub(super) controls: Controls<'a>,
    shown: HashMap<&'static str, OfKind<'a>>,
    paths: HashMap<IpAddr, Vec<&'a Path>>,
    connected: HashMap<IpAddr, TwoPorts>,
    not_connected: HashMap<IpAddr, TwoPorts>,
    unreachable: HashMap<IpAddr, OfTheAddress>,
    taken: HashSet<(IpAddr, u16)>,
    peers: HashMap<(IpAddr, u16), Peer>,
    answers_by: HashSet<&'a str>,
    strangers: HashSet<IpAddr>,
    strain: HashMap<IpAddr, Strain>,
    borne_out: HashMap<IpAddr, &'a Crowd>,
    silent_then_let_in: bool,
    hello_ends: HashMap<u16, HelloEnd>,
    quickest_ms: f64,
    answered: HashSet<Protocol>,
    tried: HashSet<Protocol>,
}

/// What the other ports of an address say about a port that does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reference {
    /// This one completed the TCP handshake.
    Answers(u16),
    /// Others were tried to the end, and none did.
    NoneAnswers,
    /// No other was tried.
    NoneTried,
}

/// How an address fares with so many connections at once.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Strain {
    /// Something was answered late there.
    pub(super) late: bool,
    /// A connection was answered after a SYN of its own that was not.
    pub(super) let_in_later: bool,
    /// Of several tries or looks alone at a port there, some failed: one of several machines behind the address may be dead, or
    /// something counts by the second.
    pub(super) mixed: bool,
    /// So many attempts met silence past the TCP handshake beside others, and so many alone.
    pub(super) silent_beside: usize,
    pub(super) silent_alone: usize,
    /// One failed beside others, of which a later one was taken at once.
    pub(super) before_one_taken: bool,
    /// A connection arrived soon, and was ended: it counted no longer.
    pub(super) arrived_soon: bool,
    /// One that works when it is made again failed beside others, of which a later one was taken at once: what counts connections
    /// lets in the first of them.
    pub(super) out_of_turn: bool,
}

/// What is known of whoever ends a TLS hello. Of two addresses the later in this list counts: one hub has one kind of listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum HelloEnd {
    /// It ends connections before a hello is sent, too.
    Unprompted,
    /// It stands as far away as whoever made the TCP handshake.
    Afar,
    /// It stands nearer.
    Nearer,
}

impl HelloEnd {
    fn of(distance: &HelloDistance) -> Option<Self> {
        let handshake = distance.path.answer_ttl;
        match distance.end_ttl {
            Some(_) if distance.ends_as_far_away_as_it_began() => Some(Self::Afar),
            // What ends them before it is asked can come before it can be measured.
            _ if distance.unprompted => Some(Self::Unprompted),
            Some(end) if handshake.is_some_and(|handshake| hops_taken(end) < hops_taken(handshake)) => {
                Some(Self::Nearer)
            }
            _ => None,
        }
    }
}

/// What the experiments of one kind showed of each thing, and which experiment of the run it was.
type OfKind<'a> = HashMap<Measured<'a>, Vec<(usize, &'a ExperimentResult)>>;

impl<'a> Comparisons<'a> {
    pub(super) fn of(run: &'a Observations) -> Self {
        let mut comparisons = Self {
            names: Names::of(run),
            controls: Controls::of(run),
            shown: HashMap::new(),
            paths: HashMap::new(),
            connected: HashMap::new(),
            not_connected: HashMap::new(),
            unreachable: HashMap::new(),
            taken: HashSet::new(),
            peers: HashMap::new(),
            answers_by: HashSet::new(),
            strangers: HashSet::new(),
            strain: HashMap::new(),
            borne_out: turns::borne_out(run),
            silent_then_let_in: false,
            hello_ends: HashMap::new(),
            quickest_ms: f64::INFINITY,
            answered: HashSet::new(),
            tried: HashSet::new(),
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
        comparisons.add_later_attempts(run);
        for (address, works_later) in turns::out_of_turn(run) {
            let strain = comparisons.strain.entry(address).or_default();
            (strain.before_one_taken, strain.out_of_turn) = (true, works_later);
        }
        comparisons
    }

    /// What the experiments of this kind showed of `subject`, in the order of the run.
    pub(super) fn shown<K: ExperimentKind>(&self, subject: Subject<'a>) -> Vec<&'a K::Facts> {
        self.results(K::WORD, subject).into_iter().filter_map(|(_, result)| K::facts(result)).collect()
    }

    /// Apart from [`Self::shown`], which the program holds once for each kind.
    fn results(&self, kind: &str, subject: Subject<'a>) -> Vec<(usize, &'a ExperimentResult)> {
        let Some(of_kind) = self.shown.get(kind) else { return Vec::new() };
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

    /// How `address` fares on other ports than `port`.
    pub(super) fn reference(&self, address: IpAddr, port: u16) -> Reference {
        let other = |ports: &HashMap<IpAddr, TwoPorts>| ports.get(&address).and_then(|ports| ports.other_than(port));
        match (other(&self.connected), other(&self.not_connected)) {
            (Some(port), _) => Reference::Answers(port),
            (None, Some(_)) => Reference::NoneAnswers,
            (None, None) => Reference::NoneTried,
        }
    }

    /// What a router said first of an address as a whole.
    pub(super) fn unreachable(&self, address: IpAddr) -> Option<OfTheAddress> {
        self.unreachable.get(&address).copied()
    }

    /// Whether `port` of `address` took any connection of the run.
    pub(super) fn is_taken(&self, address: IpAddr, port: u16) -> bool {
        self.taken.contains(&(address, port))
    }

    /// Whether somebody answered an attempt to connect whose packets leave by this interface.
    pub(super) fn answers_by(&self, interface: &str) -> bool {
        self.answers_by.contains(interface)
    }

    /// Whether any port of `address` took a connection of the run.
    pub(super) fn connects(&self, address: IpAddr) -> bool {
        self.connected.contains_key(&address)
    }

    /// Whether a certificate that is not the hub's, as far as is known, was shown at `address`, on whichever port.
    pub(super) fn has_strangers_certificate(&self, address: IpAddr) -> bool {
        self.strangers.contains(&address)
    }

    /// How the address fares with so many connections at once.
    pub(super) fn strain(&self, address: IpAddr) -> Strain {
        self.strain.get(&address).copied().unwrap_or_default()
    }

    /// What connections at once to an address showed, where the run's own bear it out.
    pub(super) fn borne_out(&self, address: IpAddr) -> Option<&'a Crowd> {
        self.borne_out.get(&address).copied()
    }

    /// Whether something that was silent beside others was let in alone, and something else after SYNs that were not answered.
    pub(super) fn lets_in_alone_later(&self) -> bool {
        self.silent_then_let_in && self.strain.values().any(|strain| strain.let_in_later)
    }

    /// What is known of whoever ends hellos to `port`, at whichever address.
    pub(super) fn hello_end(&self, port: u16) -> Option<HelloEnd> {
        self.hello_ends.get(&port).copied()
    }

    /// How long the quickest check took, in milliseconds.
    pub(super) fn quickest_ms(&self) -> f64 {
        self.quickest_ms
    }

    /// Whether any address took a connection of the run, but where somebody else than the hub is known to have done so.
    pub(super) fn has_connected(&self) -> bool {
        self.taken.iter().any(|(address, port)| self.peer(*address, *port) != Some(Peer::Stranger))
    }

    /// Who answers at a port, where it showed anything of itself.
    pub(super) fn peer(&self, address: IpAddr, port: u16) -> Option<Peer> {
        self.peers.get(&(address, port)).copied()
    }

    /// Whether the hub shows itself on any port of `address`.
    pub(super) fn is_the_hubs(&self, address: IpAddr) -> bool {
        self.peers.iter().any(|((at, _), peer)| *at == address && *peer == Peer::Hub)
    }

    /// Whether the hub answered in `protocol`, wherever.
    pub(super) fn answered(&self, protocol: Protocol) -> bool {
        self.answered.contains(&protocol)
    }

    /// Whether `protocol` was tried to the end, wherever.
    pub(super) fn tried(&self, protocol: Protocol) -> bool {
        self.tried.contains(&protocol)
    }

    fn add_result(&mut self, at: usize, result: &'a ExperimentResult) {
        let of_kind = self.shown.entry(result.kind()).or_default();
        for measured in result.measured() {
            let known = of_kind.entry(measured).or_default();
            if known.len() < MOST && known.last().is_none_or(|(last, _)| *last != at) {
                known.push((at, result));
            }
        }
        if let ExperimentResult::HelloDistance(distance) = result
            && let Some(end) = HelloEnd::of(distance)
        {
            let known = self.hello_ends.entry(distance.path.port).or_insert(end);
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
                if known.len() < MOST {
                    known.push(path);
                }
            }
        }
    }

    /// What was tried once more, alone or not.
    fn add_later_attempts(&mut self, run: &Observations) {
        let was_silent = |alone: &Alone| {
            let of_it = |check: &&CheckObservations| check.id == alone.check;
            let mut attempts = run.checks.iter().filter(of_it).flat_map(|check| &check.attempts);
            attempts.any(|attempt| {
                attempt.address == alone.attempt.address
                    && matches!(attempt.connect.failure(), Some(ConnectFailure::TimedOut { .. }))
            })
        };
        let mut let_in = run.facts::<kind::Alone>().filter(|alone| alone.attempt.connect.is_ok()).take(MOST);
        self.silent_then_let_in = let_in.any(was_silent);
        let ports: HashMap<_, _> = run.checks.iter().map(|check| (&check.id, check.port)).collect();
        for tries in run.facts::<kind::Tries>() {
            self.strain.entry(tries.address).or_default().mixed |= tries.are_mixed();
        }
        let mut looks: HashMap<_, bool> = HashMap::new();
        for alone in run.facts::<kind::Alone>() {
            let strain = self.strain.entry(alone.attempt.address).or_default();
            let connects = alone.attempt.connect.is_ok();
            let before = looks.insert((&alone.check, alone.attempt.address), connects);
            strain.mixed |= before.is_some_and(|before| before != connects);
            strain.late |= alone.attempt.was_answered_late();
            strain.silent_alone += usize::from(alone.attempt.silent_at().is_some());
        }
        let alone = run.facts::<kind::Alone>().map(|alone| (&alone.check, &*alone.attempt));
        let again = run.facts::<kind::Repeat>().map(|again| (&again.check, &*again.attempt));
        for (check, attempt) in alone.chain(again).filter(|(_, attempt)| attempt.connect.is_ok()) {
            self.taken.extend(ports.get(check).map(|port| (attempt.address, *port)));
        }
    }

    fn add_attempt(&mut self, run: &'a Observations, (protocol, port): (Protocol, u16), attempt: &Attempt) {
        let address = attempt.address;
        let strain = self.strain.entry(address).or_default();
        strain.late |= attempt.was_answered_late();
        strain.let_in_later |= attempt.connect.success().is_some_and(ConnectEvidence::was_let_in_later);
        strain.silent_beside += usize::from(attempt.silent_at().is_some());
        strain.arrived_soon |= attempt.has_arrived(run.depth) && attempt.took_ms() < SOON_MS;
        match attempt.connect.outcome() {
            Outcome::Ok => {
                self.taken.insert((address, port));
                self.connected.entry(address).or_default().add(port);
            }
            Outcome::Failed => self.not_connected.entry(address).or_default().add(port),
            Outcome::NotReached | Outcome::Cancelled => {}
        }
        // What is a stranger's once is no longer known to be the hub's.
        if let Some(peer) = Peer::of(attempt, &run.hub.host)
            && self.peers.get(&(address, port)) != Some(&Peer::Stranger)
        {
            self.peers.insert((address, port), peer);
        }
        let trust = attempt.tls.evidence().and_then(|tls| tls.trust.as_ref());
        if trust.is_some_and(|trust| !trust.identity.is_the_hub() && trust.identity != Identity::Trusted) {
            self.strangers.insert(address);
        }
        if is_answered(attempt)
            && let Some(interface) = run.vantage.network.as_ref().and_then(|own| own.leaves_by(address))
        {
            self.answers_by.insert(&interface.name);
        }
        if let Some(said) = OfTheAddress::heard(attempt) {
            self.unreachable.entry(address).or_insert(said);
        }
        if matches!(attempt.exchange.outcome(), Outcome::Ok | Outcome::Failed) {
            self.tried.insert(protocol);
        }
        let is_answered = match attempt.exchange.success() {
            Some(ExchangeEvidence::Https { response }) => is_the_hubs(run.hub.kind, response),
            Some(_) => true,
            None => false,
        };
        if is_answered {
            self.answered.insert(protocol);
        }
    }
}

/// The first port of several, and the first that is another: with any port, one of them can be compared.
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
