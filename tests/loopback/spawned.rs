//! Checks inside another program: as tasks on a runtime with several threads, told of by events, and ended by a token.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use hubreach::{
    Checker, Event, SettingsError, StopToken,
    diagnosis::Verdict,
    hub::Protocol,
    observation::Traces,
    responder::{Behaviour, PortBehaviour, PortMode},
};
use tokio::{sync::mpsc, time::timeout};

use super::fixture::{Fixture, verdicts};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn checks_run_as_tasks_on_several_threads() {
    let fixture = Fixture::behaving(Behaviour { mqtt_port: PortMode::Closed.into(), ..Behaviour::default() }).await;
    let checker = fixture.checker();
    let checks: Vec<_> = (0..3).map(|_| tokio::spawn(checker.run())).collect();
    drop(checker);
    for check in checks {
        let report = check.await.expect("no task panics").expect("the check runs");
        let verdicts = verdicts(&report);
        assert_eq!((verdicts[&Protocol::Mqtt], verdicts[&Protocol::Https]), (Verdict::Blocked, Verdict::Allowed));
        assert!(!report.observations.experiments.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_decision_an_observation_and_a_trace_can_be_spawned() {
    let checker = Fixture::behaving(Behaviour::default()).await;
    let checker = (checker.checker(), checker);
    let (decision, observation) = (tokio::spawn(checker.0.decide()), tokio::spawn(checker.0.observe()));
    let trace: tokio::task::JoinHandle<Result<Traces, _>> = tokio::spawn(checker.0.trace());
    assert!(decision.await.expect("no panic").expect("a report").diagnosis.requirement_met);
    assert_eq!(observation.await.expect("no panic").expect("observations").checks.len(), 5);
    assert_eq!(trace.await.expect("no panic").is_ok(), cfg!(target_os = "linux"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_come_over_a_channel_as_they_happen() {
    let fixture = Fixture::behaving(Behaviour::default()).await;
    let (sender, mut events) = mpsc::unbounded_channel();
    let builder = Checker::builder(fixture.checker().target().clone()).settings(fixture.settings.clone());
    let checker = builder.on_event(move |event| drop(sender.send(event.clone()))).build().expect("they go together");
    let report = tokio::spawn(checker.run());
    drop(checker);
    let mut done = 0;
    // It ends: the future drops the sender with the rest of what it owns.
    while let Some(event) = events.recv().await {
        done += usize::from(matches!(event, Event::CheckDone { completed: true, .. }));
    }
    assert_eq!(done, report.await.expect("no panic").expect("a report").checks().count());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_ends_every_run_that_has_it_and_those_to_come() {
    let silent = PortBehaviour::from(PortMode::Silent);
    let mut fixture = Fixture::behaving(Behaviour { amqp_port: silent, ..Behaviour::default() }).await;
    fixture.only(&[Protocol::Mqtt, Protocol::Amqp]);
    let (stop, connected) = (StopToken::new(), Arc::new(Mutex::new(0)));
    let (other, counted) = (stop.clone(), Arc::clone(&connected));
    let count = move |event: &Event| {
        if let Event::Stage { .. } = event {
            *counted.lock().expect("nobody panicked") += 1;
            other.stop();
        }
    };
    let builder = Checker::builder(fixture.checker().target().clone()).settings(fixture.settings.clone());
    let checker = builder.stop(stop.clone()).on_event(count).build().expect("they go together");
    let soon = Duration::from_secs(2);
    let report = timeout(soon, tokio::spawn(checker.run())).await.expect("in time").expect("no panic");
    assert!(report.expect("what was seen by then").observations.partial && stop.is_stopped());
    assert!(*connected.lock().expect("nobody panicked") > 0);
    let report = timeout(soon, checker.run()).await.expect("in time");
    assert!(report.is_ok_and(|report| report.observations.partial));
}

#[tokio::test]
async fn settings_that_do_not_go_together_make_no_checker() {
    let fixture = Fixture::behaving(Behaviour::default()).await;
    let builder = || Checker::builder(fixture.checker().target().clone()).settings(fixture.settings.clone());
    let error = builder().resolvers(vec![([127, 0, 0, 1], 53).into()]).build().expect_err("no name is looked up");
    assert_eq!(error, SettingsError::AddressesAndResolvers);
    let error = builder().families(hubreach::probe::Families::V6).build().expect_err("none is left");
    assert_eq!(error, SettingsError::NoAddressOfFamily);
    assert!(!error.to_string().contains("-4"), "{error}");
}
