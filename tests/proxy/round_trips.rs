//! What a check through a proxy costs: its round trips, one connection, and nothing more where all is well.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use hubreach::{
    Checker, Event,
    hub::{Protocol, Route},
    observation::Stage,
};

use super::{
    fixture::{Fixture, assert_well},
    proxy::{Behaviour, Proxy},
};

#[tokio::test]
async fn each_protocol_has_its_round_trips_on_one_connection() {
    let mut fixture = Fixture::new().await;
    fixture.protocols = vec![Protocol::Mqtt, Protocol::Amqp, Protocol::Https, Protocol::MqttWs, Protocol::AmqpWs];
    let (open, login) = (fixture.rules(), fixture.rules().with_login("user", "password"));
    for (behaviour, user_info, round_trips) in [
        (Behaviour::http().with_rules(open.clone()), "", 1),
        (Behaviour::http().with_rules(login.clone()), "user:password@", 1),
        (Behaviour::socks().with_rules(open.clone()), "", 2),
        (Behaviour::socks().with_rules(open), "user:password@", 2),
        (Behaviour::socks().with_rules(login), "user:password@", 3),
    ] {
        let proxy = Proxy::start(behaviour).await;
        let url = proxy.url().replace("//", &format!("//{user_info}"));
        let report = fixture.check(&[Route::Proxy], &url).await;
        assert_well(&report, &url);
        let connections = proxy.connections();
        assert_eq!(connections.len(), fixture.protocols.len(), "one connection for each check");
        for connection in connections {
            assert_eq!((connection.round_trips, connection.asked.len()), (round_trips, 1), "{connection:?}");
        }
    }
}

/// The proxy is reached before the direct checks are done, and those are done before it answers.
#[tokio::test]
async fn both_routes_run_at_once() {
    let fixture = Fixture::new().await;
    let behaviour = Behaviour { delay: Duration::from_millis(500), ..Behaviour::http() };
    let proxy = Proxy::start(behaviour.with_rules(fixture.rules())).await;
    let events = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&events);
    let both = fixture.checker(&[Route::Direct, Route::Proxy], &proxy.url());
    let checker = Checker::builder(both.target().clone())
        .settings(both.settings().clone())
        .on_event(move |event| heard.lock().expect("nobody panicked").push(event.clone()))
        .build()
        .expect("they go together");
    let report = checker.run().await.expect("the check runs");
    assert_well(&report, "both routes");
    let events = events.lock().expect("nobody panicked");
    let at = |wanted: &dyn Fn(&Event) -> bool| events.iter().position(wanted).expect("it happened");
    let ended = |ended: Stage| {
        at(&move |event| match event {
            Event::Stage { check, stage, .. } => *stage == ended && check.as_str().ends_with("@proxy"),
            _ => false,
        })
    };
    let is_done =
        |event: &Event| matches!(event, Event::CheckDone { check, .. } if check.as_str().ends_with("@direct"));
    let (reached, direct, granted) = (ended(Stage::Connect), at(&is_done), ended(Stage::Proxy));
    assert!(reached < direct && direct < granted, "{events:#?}");
    assert_eq!(proxy.connections().len(), 2);
}
