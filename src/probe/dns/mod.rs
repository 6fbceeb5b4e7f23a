//! DNS questions of our own, to each name server apart. They explain what `getaddrinfo` merges, and stand in for it where
//! it is too slow to be waited for.

mod exchange;
mod message;
mod server;

use std::{
    cell::RefCell,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

pub(crate) use message::{Form, Question};
pub(crate) use server::ask_all;
use tokio::{sync::watch, time::timeout};

use super::{Settings, board::Board, os, run::Run};
use crate::{
    hub::HubHost,
    observation::{Dns, DnsRecord, Experiment, ExperimentRecord, ExperimentResult, millis},
};

/// As many name servers as a system's resolver asks (resolv.conf(5), `MAXNS`).
const MOST_SERVERS: usize = 3;
/// The port of DNS.
const PORT: u16 = 53;
/// How long the other record type is waited for once one has brought addresses: a server that never answers for one of
/// them must not hold up the run.
const GRACE: Duration = Duration::from_millis(300);

/// The name servers to ask: those that the user named, else the system's; none where those are not known.
pub(crate) fn servers(settings: &Settings) -> Vec<SocketAddr> {
    if !settings.resolvers.is_empty() {
        return settings.resolvers.clone();
    }
    settings.shared.machine().resolvers.map(|configured| of_system(&configured)).unwrap_or_default()
}

/// The servers that a system asks which has these `configured`.
fn of_system(configured: &[String]) -> Vec<SocketAddr> {
    // What a system without any configuration asks (resolv.conf(5)).
    if configured.is_empty() { vec![SocketAddr::from(([127, 0, 0, 1], PORT))] } else { addresses_of(configured) }
}

/// Of the name servers `configured`, in their order, those that a system's resolver asks, and those that it does not. What is
/// no address does not count.
pub(super) fn asked(configured: Vec<String>) -> (Vec<String>, Vec<String>) {
    let mut servers = configured;
    let is_first = |at: &usize| servers[..=*at].iter().filter(|server| is_address(server)).count() <= MOST_SERVERS;
    let asked = (0..servers.len()).take_while(is_first).count();
    let unused = servers.split_off(asked);
    (servers, unused)
}

fn is_address(server: &str) -> bool {
    os::server_address(server, PORT).is_some()
}

/// Where the first name servers of a list of written addresses listen.
pub(crate) fn addresses_of(servers: &[String]) -> Vec<SocketAddr> {
    servers.iter().filter_map(|server| os::server_address(server, PORT)).take(MOST_SERVERS).collect()
}

/// What `bytes` say, whichever question they answer.
#[cfg(fuzzing)]
pub(crate) fn read(bytes: &[u8], record: DnsRecord) -> Option<crate::observation::DnsAnswer> {
    let question = Question { name: "hub.test".to_owned(), record, form: Form::Edns };
    let id = bytes.first_chunk().copied().map_or(0, u16::from_be_bytes);
    question.answer(id, bytes)
}

/// The questions for the hub's own name: asked once wanted, and answered while others already work with a part of it.
pub(crate) struct OwnQueries {
    servers: Vec<SocketAddr>,
    seen: RefCell<Dns>,
    state: watch::Sender<State>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    NotWantedYet,
    Wanted,
    Over,
}

impl OwnQueries {
    pub(super) fn new(settings: &Settings) -> Self {
        Self { servers: servers(settings), seen: RefCell::default(), state: watch::Sender::new(State::NotWantedYet) }
    }

    /// Lets them begin, if they have not.
    pub(super) fn start(&self) {
        self.decide(State::Wanted);
    }

    /// They will not be wanted any more; those that have begun go on.
    pub(super) fn cancel(&self) {
        self.decide(State::Over);
    }

    fn decide(&self, to: State) {
        self.state.send_if_modified(|state| {
            let undecided = *state == State::NotWantedYet;
            if undecided {
                *state = to;
            }
            undecided
        });
    }

    /// Asks as soon as wanted; what is seen becomes an experiment.
    pub(super) async fn ask(&self, run: &Run, board: &Board, host: &HubHost) {
        let mut state = self.state.subscribe();
        let wanted =
            state.wait_for(|state| *state != State::NotWantedYet).await.is_ok_and(|state| *state == State::Wanted);
        // Nothing was asked of nobody: silence would be their word.
        let Some(name) = host.name().filter(|_| wanted && !self.servers.is_empty()) else {
            return self.set(State::Over);
        };
        let began = board.now();
        board.set_asking(true);
        let questions = self.servers.iter().flat_map(|server| {
            [DnsRecord::A, DnsRecord::Aaaa]
                .map(|record| (*server, Question { name: name.to_owned(), record, form: Form::Edns }))
        });
        ask_all(run, questions, |query| {
            self.seen.borrow_mut().queries.push(query);
            self.state.send_modify(|_| ());
        })
        .await;
        let record = ExperimentRecord::Known(ExperimentResult::Dns(self.seen.borrow().clone()));
        let duration_ms = millis(board.now().saturating_sub(began));
        board.add(Experiment { started_after_ms: millis(began), duration_ms, record });
        board.set_asking(false);
        self.set(State::Over);
    }

    /// The addresses found, as soon as there are some and no more are to be expected soon; none where all came to nothing.
    pub(super) async fn addresses(&self) -> Vec<IpAddr> {
        let mut state = self.state.subscribe();
        loop {
            let over = *state.borrow_and_update() == State::Over;
            let seen = self.seen.borrow().clone();
            if over || both_types_answered(&seen) {
                return addresses(&seen);
            }
            if addresses(&seen).is_empty() {
                let _ = state.changed().await;
            } else if timeout(GRACE, state.changed()).await.is_err() {
                return addresses(&self.seen.borrow());
            }
        }
    }

    /// What has been seen so far.
    pub(super) fn seen(&self) -> Dns {
        self.seen.borrow().clone()
    }

    fn set(&self, to: State) {
        self.state.send_replace(to);
    }
}

fn both_types_answered(seen: &Dns) -> bool {
    let answered = |record| {
        let mut replies = seen.queries.iter().filter(|query| query.record == record).filter_map(|query| query.reply());
        replies.any(|reply| reply.rcode == "NOERROR")
    };
    answered(DnsRecord::A) && answered(DnsRecord::Aaaa) && !addresses(seen).is_empty()
}

fn addresses(seen: &Dns) -> Vec<IpAddr> {
    let mut found = Vec::new();
    for address in seen.queries.iter().flat_map(|query| query.addresses()) {
        if !found.contains(address) {
            found.push(*address);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_asked_is_what_the_system_would_ask() {
        let asked = |configured: &[&str]| {
            let configured: Vec<String> = configured.iter().map(|server| (*server).to_owned()).collect();
            of_system(&configured).iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(asked(&[]), "127.0.0.1:53");
        assert_eq!(asked(&["10.0.0.1", "fe80::1"]), "10.0.0.1:53 [fe80::1]:53");
        assert_eq!(asked(&["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"]), "10.0.0.1:53 10.0.0.2:53 10.0.0.3:53");
        // Not this machine, where the system asks somebody else.
        assert_eq!(asked(&["fe80::1%no-such"]), "");
    }

    #[test]
    fn a_fourth_server_is_never_asked() {
        let configured = ["10.0.0.1", "dns.example", "10.0.0.2", "fe80::1%1", "10.0.0.4", "10.0.0.5"];
        let (asked, unused) = super::asked(configured.map(str::to_owned).into());
        assert_eq!(
            (asked.join(" ").as_str(), unused.join(" ").as_str()),
            ("10.0.0.1 dns.example 10.0.0.2 fe80::1%1", "10.0.0.4 10.0.0.5")
        );
        assert_eq!(super::asked(Vec::new()), (Vec::new(), Vec::new()));
    }

    #[tokio::test]
    async fn where_no_server_is_known_nobody_is_asked_and_nothing_seen() {
        let own = OwnQueries { servers: Vec::new(), ..OwnQueries::new(&Settings::default()) };
        let (run, board) = (Run::new(Duration::from_secs(5), None), Board::new(crate::hub::Depth::Exchange));
        let host = HubHost::parse("hub.test").expect("a name");
        own.start();
        let (addresses, ()) = tokio::join!(own.addresses(), own.ask(&run, &board, &host));
        assert!(addresses.is_empty() && board.situation().experiments.is_empty());
    }
}
