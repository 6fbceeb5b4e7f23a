//! The questions for the hub's own name, to each name server apart.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::watch, time::timeout};

use crate::{
    context::{run_state::RunState, settings::Settings},
    hub::HubHost,
    net::dns::{Form, Question, ask_all, configured::of_system},
    net::run_control::RunControl,
    observation::{Dns, DnsRecord, Experiment, ExperimentRecord, ExperimentResult, millis},
};

/// Limits the wait for the other record type once one has brought addresses: a server that never answers for one type
/// must not hold up the run.
const SECOND_TYPE_TIMEOUT: Duration = Duration::from_millis(300);

/// The name servers to ask: those that the user named, else the system's; none where those are not known.
pub(crate) fn servers(settings: &Settings) -> Vec<SocketAddr> {
    if !settings.resolvers.is_empty() {
        return settings.resolvers.clone();
    }
    settings.shared.machine().resolvers.map(|configured| of_system(&configured)).unwrap_or_default()
}

/// The questions for the hub's own name: asked once wanted, and answered while others already work with a part of it.
pub(crate) struct OwnQueries {
    servers: Vec<SocketAddr>,
    answers: Mutex<Dns>,
    state: watch::Sender<State>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    NotWantedYet,
    Wanted,
    Over,
}

impl OwnQueries {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self { servers: servers(settings), answers: Mutex::default(), state: watch::Sender::new(State::NotWantedYet) }
    }

    /// Lets them begin, if they have not.
    pub(crate) fn start(&self) {
        self.decide(State::Wanted);
    }

    /// They will not be wanted any more; those that have begun go on.
    pub(crate) fn cancel(&self) {
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
    pub(crate) async fn ask(&self, control: &RunControl, run_state: &RunState, host: &HubHost) {
        let mut state = self.state.subscribe();
        let wanted =
            state.wait_for(|state| *state != State::NotWantedYet).await.is_ok_and(|state| *state == State::Wanted);
        // Without servers there is no query, and so no silence to report.
        let Some(name) = host.name().filter(|_| wanted && !self.servers.is_empty()) else {
            return self.set(State::Over);
        };
        let began = run_state.now();
        run_state.set_asking(true);
        let questions = self.servers.iter().flat_map(|server| {
            [DnsRecord::A, DnsRecord::Aaaa]
                .map(|record| (*server, Question { name: name.to_owned(), record, form: Form::Edns }))
        });
        ask_all(control, questions, |query| {
            self.lock().queries.push(query);
            self.state.send_modify(|_| ());
        })
        .await;
        let record = ExperimentRecord::Known(ExperimentResult::Dns(self.lock().clone()));
        let duration_ms = millis(run_state.now().saturating_sub(began));
        run_state.add(Experiment { started_after_ms: millis(began), duration_ms, record });
        run_state.set_asking(false);
        self.set(State::Over);
    }

    /// The addresses found, as soon as there are some and no more are to be expected soon; none where all came to nothing.
    pub(crate) async fn addresses(&self) -> Vec<IpAddr> {
        let mut state = self.state.subscribe();
        loop {
            let over = *state.borrow_and_update() == State::Over;
            let answers = self.lock().clone();
            if over || both_types_answered(&answers) {
                return addresses(&answers);
            }
            if addresses(&answers).is_empty() {
                let _ = state.changed().await;
            } else if timeout(SECOND_TYPE_TIMEOUT, state.changed()).await.is_err() {
                return addresses(&self.lock());
            }
        }
    }

    /// What has been seen so far.
    pub(crate) fn answers(&self) -> Dns {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Dns> {
        // An answer is there whole or not at all.
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, to: State) {
        self.state.send_replace(to);
    }
}

fn both_types_answered(answers: &Dns) -> bool {
    let answered = |record| {
        let mut replies =
            answers.queries.iter().filter(|query| query.record == record).filter_map(|query| query.reply());
        replies.any(|reply| reply.rcode == "NOERROR")
    };
    answered(DnsRecord::A) && answered(DnsRecord::Aaaa) && !addresses(answers).is_empty()
}

fn addresses(answers: &Dns) -> Vec<IpAddr> {
    let mut found = Vec::new();
    for address in answers.queries.iter().flat_map(|query| query.addresses()) {
        if !found.contains(address) {
            found.push(*address);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn where_no_server_is_known_nobody_is_asked_and_nothing_seen() {
        let own = OwnQueries { servers: Vec::new(), ..OwnQueries::new(&Settings::default()) };
        let (control, run_state) =
            (RunControl::new(Duration::from_secs(5), None), RunState::new(crate::hub::Depth::Exchange));
        let host = HubHost::parse("hub.test").expect("a name");
        own.start();
        let (addresses, ()) = tokio::join!(own.addresses(), own.ask(&control, &run_state, &host));
        assert!(addresses.is_empty() && run_state.snapshot().experiments.is_empty());
    }
}
