//! The observations of a run before its end, taken from its state.

use super::observations::check_observations;
use crate::{
    context::run_context::RunContext,
    hub::{Check, CheckId, Depth},
    observation::{Attempt, CheckObservations, Observations, Resolution, Stage, StageResult, TrackedAttempt, millis},
};

/// A run halfway.
pub(crate) struct PartialObservations {
    /// Every check, with those of its attempts that have ended.
    pub(crate) observations: Observations,
    /// The checks of which more is to come.
    pub(crate) pending: Vec<CheckId>,
}

impl RunContext<'_> {
    /// The observations of a run that did not end in time; `None` if not even the roots were read.
    pub(crate) fn cut_short(&self) -> Option<Observations> {
        let snapshot = self.state.snapshot();
        let roots = self.state.roots()?;
        let check = |check: &Check| -> CheckObservations {
            let attempts = snapshot.all_attempts().filter(|tracked| tracked.check.id == check.id);
            check_observations(
                check,
                millis(self.state.now()),
                attempts.map(|tracked| self.given_up(tracked)).collect(),
            )
        };
        let checks = self.target.checks.iter().map(check).collect();
        Some(self.observations(&roots, snapshot.resolution.clone().unwrap_or_else(Resolution::cancelled), checks))
    }

    /// An attempt whose stage under way, if there is one, was cancelled.
    fn given_up(&self, tracked: &TrackedAttempt) -> Attempt {
        let mut attempt = tracked.attempt.clone();
        let Some(waits) = tracked.waits else { return attempt };
        let duration_ms = millis(self.state.now().saturating_sub(waits.since));
        // What follows a stage that failed is not reached, also where a second attempt is still under way.
        let secure = attempt.tls.is_ok() && self.settings.depth > Depth::Tls;
        match waits.stage {
            Stage::Connect => attempt.connect = StageResult::Cancelled { duration_ms },
            Stage::Proxy if attempt.connect.is_ok() => {
                attempt.proxy = Some(StageResult::Cancelled { duration_ms });
            }
            Stage::Tls if attempt.is_connected() => attempt.tls = StageResult::Cancelled { duration_ms },
            Stage::Upgrade if secure => attempt.upgrade = Some(StageResult::Cancelled { duration_ms }),
            Stage::Exchange if secure && attempt.upgrade.as_ref().is_none_or(StageResult::is_ok) => {
                attempt.exchange = StageResult::Cancelled { duration_ms };
            }
            _ => {}
        }
        attempt
    }

    /// What is known for good by now, of which nothing will change any more: only attempts that have ended; nothing before the
    /// first has begun.
    pub(crate) fn partial_observations(&self) -> Option<PartialObservations> {
        let snapshot = self.state.snapshot();
        let (roots, resolution) =
            (self.state.roots()?, snapshot.resolution.clone().unwrap_or_else(Resolution::cancelled));
        let mut pending = Vec::new();
        let checks = self.target.checks.iter().map(|check| {
            let attempts: Vec<&TrackedAttempt> =
                snapshot.all_attempts().filter(|tracked| tracked.check.id == check.id).collect();
            if attempts.is_empty() || !attempts.iter().all(|tracked| tracked.has_ended()) {
                pending.push(check.id.clone());
            }
            let ended = attempts.into_iter().filter(|tracked| tracked.has_ended());
            let attempts: Vec<Attempt> = ended.map(|tracked| tracked.attempt.clone()).collect();
            check_observations(check, millis(self.state.now()), attempts)
        });
        let checks = checks.collect();
        Some(PartialObservations { observations: self.observations(&roots, resolution, checks), pending })
    }
}

#[cfg(test)]
mod tests {
    use std::{future::pending, net::TcpListener, time::Duration};

    use super::*;
    use crate::{
        Settings,
        context::run_state::RunState,
        hub::{HubHost, HubKind, Protocol, Target, TargetOptions},
        net::run_control::RunControl,
        observation::{Observations, Outcome},
        run::{
            goal::Goal,
            observe::{finish, work},
        },
    };

    /// A check of `port` of this machine, in parallel with work that never waits and never ends.
    async fn beside_endless_work(port: u16) -> Observations {
        let host = HubHost::parse("hub.test").expect("a name");
        let options = TargetOptions {
            kind: Some(HubKind::MqttBroker),
            protocols: vec![Protocol::Mqtt],
            ports: [(Protocol::Mqtt, port)].into(),
            ..TargetOptions::default()
        };
        let target = Target::new(host, &options).expect("a target");
        let addresses = vec!["127.0.0.1".parse().expect("an address")];
        let settings = Settings { timeout: Duration::from_millis(500), addresses, ..Settings::default() };
        let (control, state) = (RunControl::new(settings.timeout, None), RunState::new(settings.depth));
        let (target, settings) = (&target, &settings);
        let context =
            RunContext { control: &control, state: &state, target, settings, progress: &|_| (), started_at: "" };
        let work = async { tokio::join!(work(&context, Goal::Everything), endless()).0 };
        let results = control.drive(work, pending()).await;
        finish(&context, results).await.expect("something was seen")
    }

    async fn endless() {
        loop {
            tokio::task::consume_budget().await;
        }
    }

    #[tokio::test]
    async fn what_was_seen_survives_a_run_that_does_not_end() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
        let port = listener.local_addr().expect("bound").port();
        // No program accepts; the system completes the TCP handshake, and TLS waits.
        let observations = beside_endless_work(port).await;
        let attempt = &observations.checks[0].attempts[0];
        assert!(observations.deadline_reached && attempt.connect.is_ok(), "{attempt:?}");
        assert!(matches!(attempt.tls, StageResult::Cancelled { duration_ms } if duration_ms > 100.0), "{attempt:?}");
        drop(listener);
        let observations = beside_endless_work(port).await;
        let attempt = &observations.checks[0].attempts[0];
        assert_eq!((attempt.connect.outcome(), attempt.tls.outcome()), (Outcome::Failed, Outcome::NotReached));
    }
}
