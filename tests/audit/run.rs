//! The run over a plan: several at a time, in the plan's order, and ended early.

use std::{
    collections::BTreeSet,
    mem,
    net::{IpAddr, Ipv4Addr, TcpListener},
    num::NonZeroUsize,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use hubreach::{
    Settings, StopToken,
    audit::{self, Defaults, Event, Plan},
    hub::{HubKind, Protocol, Requirement, TargetOptions},
    probe::Pem,
    responder::{CertificateAuthority, Responder, ResponderConfig, Validity},
};

fn jobs(number: usize) -> NonZeroUsize {
    NonZeroUsize::new(number).expect("some")
}

/// A plan of `names`, all of them served by one responder on loopback.
async fn served(names: &[String]) -> (Plan, Responder) {
    let authority = CertificateAuthority::new().expect("an authority");
    let identity = authority.issue(names, Validity::default()).expect("a certificate");
    let responder = Responder::start(ResponderConfig::loopback(identity)).await.expect("a hub");
    let mut settings = Settings::default();
    settings.addresses = vec![IpAddr::from(Ipv4Addr::LOCALHOST)];
    settings.ca = Some(Pem::Text(authority.pem()));
    settings.requirement = Requirement::All;
    let defaults = Defaults {
        options: TargetOptions {
            kind: Some(HubKind::AzureIotHub),
            protocols: vec![Protocol::Mqtt, Protocol::Https],
            ports: [(Protocol::Mqtt, responder.mqtt()), (Protocol::Https, responder.web())]
                .map(|(protocol, address)| (protocol, address.expect("served").port()))
                .into(),
            ..TargetOptions::default()
        },
        settings,
        ..Defaults::default()
    };
    let hubs = (1..).zip(names.iter().map(String::as_str));
    (Plan::from_hubs(hubs, &defaults).expect("a plan"), responder)
}

fn names(number: usize) -> Vec<String> {
    (0..number).map(|at| format!("hub-{at:03}.test")).collect()
}

#[tokio::test]
async fn reports_come_in_the_plan_s_order_and_no_more_run_than_may() {
    let names = names(20);
    let (plan, _responder) = served(&names).await;
    let running = Mutex::new(BTreeSet::new());
    let (most, finished) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let happened = |event: &Event<'_>| match event {
        Event::Began(place) => {
            let mut running = running.lock().expect("nobody panicked");
            running.insert(*place);
            most.fetch_max(running.len(), Relaxed);
        }
        Event::Finished(place, report) => {
            running.lock().expect("nobody panicked").remove(place);
            finished.fetch_add(1, Relaxed);
            assert_eq!(report.observations.hub.host, names[*place]);
        }
        other => panic!("{other:?}"),
    };
    let audited = audit::run(&plan, jobs(4), &StopToken::new(), &happened).await;
    assert!(audited.failures.is_empty());
    let hosts: Vec<&String> = audited.reports.iter().map(|report| &report.observations.hub.host).collect();
    assert_eq!(hosts, names.iter().collect::<Vec<_>>());
    assert!(audited.reports.iter().all(|report| report.diagnosis.requirement_met && !report.observations.partial));
    assert_eq!((most.into_inner(), finished.into_inner()), (4, 20));
}

#[tokio::test]
async fn who_stops_it_gets_what_was_seen_by_then() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("loopback");
    let names = names(6);
    let (mut plan, _responder) = served(&names).await;
    // The first is answered, all others wait for a peer that says nothing.
    for planned in &mut plan.targets[1..] {
        for check in &mut planned.target.checks {
            check.endpoint.port = silent.local_addr().expect("bound").port();
        }
    }
    let finished = tokio::sync::Notify::new();
    let happened = |event: &Event<'_>| {
        if let Event::Finished(0, _) = event {
            finished.notify_one();
        }
    };
    let stop = StopToken::new();
    let stopping = async {
        finished.notified().await;
        // The next one has begun by then.
        tokio::time::sleep(Duration::from_millis(300)).await;
        stop.stop();
    };
    let (audited, ()) = tokio::join!(audit::run(&plan, jobs(3), &stop, &happened), stopping);
    let partial: Vec<bool> = audited.reports.iter().map(|report| report.observations.partial).collect();
    assert_eq!(partial, [false, true, true, true], "three at a time: one was done, and one more begun");
    assert!(audited.failures.is_empty());
}

#[tokio::test]
async fn a_target_that_cannot_be_tested_does_not_end_the_others() {
    let (mut plan, _responder) = served(&names(3)).await;
    plan.targets[1].settings.ca = Some(Pem::File("/nonexistent/ca.pem".into()));
    let audited = audit::run(&plan, jobs(1), &StopToken::new(), &|_| ()).await;
    assert_eq!(audited.reports.len(), 2);
    assert_eq!(audited.failures.iter().map(|(place, _)| *place).collect::<Vec<_>>(), [1]);
}

/// What one of several targets alone meets is looked at once more alone, told once, and stands where it is the same.
#[tokio::test]
async fn what_fails_beside_others_is_tested_again_alone_and_told_once() {
    let (mut plan, _responder) = served(&names(5)).await;
    // A port where nothing listens any more: the others' are taken.
    let closed = TcpListener::bind("127.0.0.1:0").expect("loopback").local_addr().expect("bound").port();
    let mqtt = plan.targets[2].target.checks.iter_mut().find(|check| check.endpoint.protocol == Protocol::Mqtt);
    mqtt.expect("a check").endpoint.port = closed;
    let told = Mutex::new(Vec::new());
    let tell = |what| told.lock().expect("nobody panicked").push(what);
    let happened = |event: &Event<'_>| match event {
        Event::Began(2) => tell("began"),
        Event::SetAside(2) => tell("set aside"),
        Event::Finished(2, _) => tell("finished"),
        Event::SetAside(_) | Event::Paced(_) => panic!("{event:?}"),
        _ => {}
    };
    let audited = audit::run(&plan, jobs(5), &StopToken::new(), &happened).await;
    assert_eq!(mem::take(&mut *told.lock().expect("nobody panicked")), ["began", "set aside", "began", "finished"]);
    let met: Vec<bool> = audited.reports.iter().map(|report| report.diagnosis.requirement_met).collect();
    assert_eq!(met, [true, true, false, true, true]);
    let pace = audited.pace;
    assert_eq!((pace.failed_beside_others, pace.tested_alone, pace.better_alone), (1, 1, 0));
    assert_eq!((pace.jobs, pace.limit, pace.bears), (5, None, None));

    // Ctrl-C comes while it is looked at alone: what was seen before stands.
    let stop = StopToken::new();
    let happened = |event: &Event<'_>| {
        if let Event::SetAside(2) = event {
            stop.stop();
        }
    };
    let audited = audit::run(&plan, jobs(5), &stop, &happened).await;
    assert_eq!(audited.reports.len(), 5);
    assert!(!audited.reports[2].diagnosis.requirement_met && !audited.reports[2].observations.partial);
    assert_eq!(audited.pace.better_alone, 0);
}

/// One at a time nothing is beside it.
#[tokio::test]
async fn one_at_a_time_nothing_is_tested_twice() {
    let (mut plan, _responder) = served(&names(3)).await;
    let closed = TcpListener::bind("127.0.0.1:0").expect("loopback").local_addr().expect("bound").port();
    plan.targets[1].target.checks[0].endpoint.port = closed;
    let happened = |event: &Event<'_>| assert!(!matches!(event, Event::SetAside(_)));
    let audited = audit::run(&plan, jobs(1), &StopToken::new(), &happened).await;
    assert_eq!((audited.reports.len(), audited.pace.tested_alone), (3, 0));
}

#[test]
fn jobs_are_never_more_than_was_asked_for() {
    assert_eq!(audit::jobs(jobs(1)), jobs(1));
    // Windows limits no process's sockets.
    assert_eq!(audit::jobs(jobs(1_000_000)) < jobs(1_000_000), cfg!(unix));
}
