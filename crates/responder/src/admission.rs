//! Which connections a listener serves: a bounded number at once, of which each peer gets at most its share, so that
//! one client cannot block a port for the others. Further connections wait for their turn, and the peer with the fewest
//! comes first. While one waits, connections that have been idle for too long must go.

use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::{
    sync::{oneshot, watch},
    time::sleep,
};

/// How often a waiting connection looks for one that must go.
const POLL_INTERVAL: Duration = Duration::from_millis(250);

/// How many, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Shares {
    /// Connections served at once.
    pub most: usize,
    /// Those of one peer.
    pub each: usize,
    /// Connections that wait for their turn.
    pub waiting: usize,
    /// How long a connection may be idle while others wait.
    pub idle: Duration,
}

/// The connections of one listener, or of several that share them. Clones are the same.
#[derive(Debug, Clone)]
pub struct Admission {
    shares: Shares,
    state: Arc<Mutex<State>>,
    /// How many connections there are, those that wait too.
    count: watch::Sender<usize>,
}

/// One IPv4 address, or one IPv6 network: whatever one client may control.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Peer(u64, bool);

impl From<IpAddr> for Peer {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self(v4.to_bits().into(), false),
            // A host has at least 64 bits of addresses to choose from.
            IpAddr::V6(v6) => Self((v6.to_bits() >> 64) as u64, true),
        }
    }
}

#[derive(Debug, Default)]
struct State {
    last_id: u64,
    peers: HashMap<Peer, Connections>,
    served: usize,
    waiting: usize,
    /// Served, and told to go.
    going: usize,
}

/// Those of one peer.
#[derive(Debug, Default)]
struct Connections {
    served: Vec<Served>,
    /// In the order in which they came.
    waiting: VecDeque<Waiting>,
}

#[derive(Debug)]
struct Served {
    id: u64,
    /// Since when it has been idle; `None` if it is busy.
    idle_since: Option<Instant>,
    /// `None` once it has been told to go.
    go: Option<oneshot::Sender<()>>,
}

#[derive(Debug)]
struct Waiting {
    id: u64,
    come: oneshot::Sender<()>,
    go: oneshot::Sender<()>,
}

impl Admission {
    /// An admission without connections.
    pub fn new(shares: Shares) -> Self {
        Self { shares, state: Arc::default(), count: watch::Sender::new(0) }
    }

    /// The slot of a new connection; `None` if it must be closed because too many wait.
    pub fn arrive(&self, peer: IpAddr) -> Option<Slot> {
        let peer = Peer::from(peer);
        let mut state = self.lock();
        if !state.has_room(peer, &self.shares) && !state.may_wait(peer, &self.shares) {
            state.forget_if_empty(peer);
            return None;
        }
        state.last_id += 1;
        let id = state.last_id;
        let ((come, called), (go, sent_away)) = (oneshot::channel(), oneshot::channel());
        state.peers.entry(peer).or_default().waiting.push_back(Waiting { id, come, go });
        state.waiting += 1;
        state.serve_next(&self.shares);
        self.count.send_modify(|count| *count += 1);
        Some(Slot { id, peer, called, sent_away, admission: self.clone() })
    }

    /// Waits until no connection is left.
    pub async fn empty(&self) {
        // It cannot fail: `self` has the sender.
        let _ = self.count.subscribe().wait_for(|count| *count == 0).await;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection's slot, from its arrival on. Dropping it frees the slot.
#[derive(Debug)]
pub struct Slot {
    id: u64,
    peer: Peer,
    called: oneshot::Receiver<()>,
    sent_away: oneshot::Receiver<()>,
    admission: Admission,
}

impl Slot {
    /// Waits to be served; false if the connection must be closed instead because too many wait.
    pub async fn turn(&mut self) -> bool {
        loop {
            self.admission.lock().make_room(self.peer, &self.admission.shares);
            tokio::select! {
                biased;
                called = &mut self.called => return called.is_ok(),
                () = sleep(POLL_INTERVAL) => {}
            }
        }
    }

    /// Ready when the connection must go because others wait.
    pub async fn must_go(&mut self) {
        let _ = (&mut self.sent_away).await;
    }

    /// A handle that records whether the connection is busy or idle.
    pub fn activity(&self) -> Activity {
        Activity { id: self.id, peer: self.peer, admission: self.admission.clone() }
    }
}

/// Records whether a connection is busy. Without a call it counts as idle from its turn on.
#[derive(Debug)]
pub struct Activity {
    id: u64,
    peer: Peer,
    admission: Admission,
}

impl Activity {
    /// The peer waits for an answer: the connection is busy.
    pub fn begin(&self) {
        self.set_idle_since(None);
    }

    /// The answer is sent: the connection goes before those that still wait for one.
    pub fn end(&self) {
        let now = Instant::now();
        let long_ago = self.admission.shares.idle.saturating_sub(POLL_INTERVAL);
        self.set_idle_since(Some(now.checked_sub(long_ago).unwrap_or(now)));
    }

    fn set_idle_since(&self, since: Option<Instant>) {
        let mut state = self.admission.lock();
        let served = state.peers.get_mut(&self.peer).into_iter().flat_map(|connections| &mut connections.served);
        served.filter(|served| served.id == self.id).for_each(|served| served.idle_since = since);
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut state = self.admission.lock();
        state.leave(self.peer, self.id);
        state.serve_next(&self.admission.shares);
        self.admission.count.send_modify(|count| *count = count.saturating_sub(1));
    }
}

impl State {
    fn served_of(&self, peer: Peer) -> usize {
        self.peers.get(&peer).map_or(0, |connections| connections.served.len())
    }

    fn has_room(&self, peer: Peer, shares: &Shares) -> bool {
        self.served < shares.most && self.served_of(peer) < shares.each
    }

    /// If all waiting slots are taken, the last one of the peer with the most makes way for a peer with fewer.
    fn may_wait(&mut self, peer: Peer, shares: &Shares) -> bool {
        if self.waiting < shares.waiting {
            return true;
        }
        let own = self.peers.get(&peer).map_or(0, |connections| connections.waiting.len());
        let greediest = self.peers.values_mut().max_by_key(|connections| connections.waiting.len());
        let Some(greediest) = greediest.filter(|other| other.waiting.len() > own + 1) else { return false };
        // Its slot notices that its sender is gone.
        self.waiting -= usize::from(greediest.waiting.pop_back().is_some());
        true
    }

    /// Calls the connections that may be served now.
    fn serve_next(&mut self, shares: &Shares) {
        while self.served < shares.most {
            let first = |connections: &Connections| connections.waiting.front().map(|waiting| waiting.id);
            let next = self.peers.values_mut().filter(|connections| connections.served.len() < shares.each);
            let next =
                next.filter_map(|connections| Some((connections.served.len(), first(connections)?, connections)));
            let Some((.., connections)) = next.min_by_key(|(served, id, _)| (*served, *id)) else { return };
            let Some(Waiting { id, come, go }) = connections.waiting.pop_front() else { return };
            self.waiting -= 1;
            connections.served.push(Served { id, idle_since: Some(Instant::now()), go: Some(go) });
            self.served += 1;
            // Whoever does not listen any more is about to leave.
            let _ = come.send(());
        }
    }

    /// Sends an idle connection away for one that waits: one of the same peer, if that has its share, else one of the
    /// peer with the most.
    fn make_room(&mut self, peer: Peer, shares: &Shares) {
        if self.going >= self.waiting {
            return;
        }
        let own = self.served_of(peer);
        let who = if own >= shares.each {
            self.peers.get_mut(&peer)
        } else {
            let greediest = self.peers.values_mut().max_by_key(|connections| connections.served.len());
            greediest.filter(|other| self.served >= shares.most && other.served.len() > own)
        };
        let served = who.into_iter().flat_map(|connections| &mut connections.served);
        let mut idle: Vec<_> = served
            .filter(|served| served.go.is_some())
            .filter_map(|served| Some((served.idle_since.filter(|since| since.elapsed() >= shares.idle)?, served)))
            .collect();
        idle.sort_by_key(|(since, _)| *since);
        if let Some(go) = idle.into_iter().next().and_then(|(_, served)| served.go.take()) {
            self.going += 1;
            // Whoever does not listen any more is about to leave.
            let _ = go.send(());
        }
    }

    fn leave(&mut self, peer: Peer, id: u64) {
        let Some(connections) = self.peers.get_mut(&peer) else { return };
        if let Some(at) = connections.served.iter().position(|served| served.id == id) {
            let told_to_go = connections.served.swap_remove(at).go.is_none();
            self.served -= 1;
            self.going -= usize::from(told_to_go);
        } else if let Some(at) = connections.waiting.iter().position(|waiting| waiting.id == id) {
            connections.waiting.remove(at);
            self.waiting -= 1;
        }
        self.forget_if_empty(peer);
    }

    fn forget_if_empty(&mut self, peer: Peer) {
        if self.peers.get(&peer).is_some_and(|own| own.served.is_empty() && own.waiting.is_empty()) {
            self.peers.remove(&peer);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    const SHARES: Shares = Shares { most: 4, each: 3, waiting: 4, idle: Duration::from_millis(600) };

    fn peer(number: u8) -> IpAddr {
        IpAddr::from([10, 0, 0, number])
    }

    fn is_served(slot: &mut Slot) -> bool {
        slot.turn().now_or_never() == Some(true)
    }

    #[tokio::test]
    async fn the_peer_that_has_least_comes_first() {
        let admission = Admission::new(SHARES);
        let arrive = |number| admission.arrive(peer(number)).expect("room to wait");
        let mut greedy: Vec<Slot> = (0..4).map(|_| arrive(1)).collect();
        assert_eq!(greedy.iter_mut().map(is_served).collect::<Vec<_>>(), [true, true, true, false]);
        // One place is for others, whoever waits already.
        assert!(is_served(&mut arrive(2)));
        let mut modest = arrive(2);
        assert!(is_served(&mut modest));
        let (mut second, mut other) = (arrive(2), arrive(3));
        assert!(!is_served(&mut second) && !is_served(&mut other));
        drop(greedy.remove(0));
        assert!(is_served(&mut other) && !is_served(&mut second) && !is_served(&mut greedy[2]));
        drop((modest, other, second, greedy));
        admission.empty().now_or_never().expect("nobody is left");
        assert!(admission.lock().peers.is_empty());
    }

    #[tokio::test]
    async fn who_has_had_its_time_must_go_where_somebody_waits() {
        let admission = Admission::new(SHARES);
        let arrive = |number| admission.arrive(peer(number)).expect("room to wait");
        let mut old: Vec<Slot> = (0..3).map(|_| arrive(1)).collect();
        old[0].activity().begin();
        old[2].activity().end();
        sleep(POLL_INTERVAL).await;
        let mut other = arrive(2);
        assert!(is_served(&mut other));
        assert!(old[2].must_go().now_or_never().is_none(), "nobody waits");
        let mut newcomer = arrive(1);
        assert!(!is_served(&mut newcomer));
        assert!(old[2].must_go().now_or_never().is_some(), "it is done");
        assert!(!is_served(&mut newcomer), "it has not gone yet");
        drop(old.pop());
        assert!(is_served(&mut newcomer));

        sleep(SHARES.idle).await;
        let mut third = arrive(3);
        assert!(!is_served(&mut third));
        assert!(old[1].must_go().now_or_never().is_some(), "the oldest that is not busy, of the peer that has most");
        assert!(old[0].must_go().now_or_never().is_none() && other.must_go().now_or_never().is_none());
        drop(old);
        assert!(third.turn().await);
    }

    #[tokio::test]
    async fn those_who_wait_are_bounded_too_and_fewer_of_one_peer_than_of_all() {
        let admission = Admission::new(SHARES);
        let mut greedy: Vec<Slot> = (0..7).map(|_| admission.arrive(peer(1)).expect("room to wait")).collect();
        assert!(admission.arrive(peer(1)).is_none());
        let last = admission.arrive(peer(2)).expect("the last place");
        let mut other = admission.arrive(peer(2)).expect("room is made");
        assert!(!is_served(&mut other));
        assert_eq!(greedy[6].turn().now_or_never(), Some(false), "it is sent away");
        drop((last, greedy));
        assert!(is_served(&mut other));
    }

    #[test]
    fn a_peer_is_an_address_or_a_network() {
        let peer = |text: &str| Peer::from(text.parse::<IpAddr>().expect(text));
        assert_eq!(peer("::ffff:10.0.0.1"), peer("10.0.0.1"));
        assert_ne!(peer("10.0.0.1"), peer("10.0.0.2"));
        assert_eq!(peer("2001:db8::1"), peer("2001:db8::ffff:1"));
        assert_ne!(peer("2001:db8::1"), peer("2001:db8:0:1::1"));
    }
}
