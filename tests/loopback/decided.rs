//! A check that ends once the requirement is decided. Doors that stay silent stand for ports that would take seconds: were
//! they waited for, their checks would come to a verdict.

use hubreach::{
    Report,
    diagnosis::Verdict,
    hub::Protocol,
    responder::{Behaviour, PortBehaviour, PortMode},
};

use super::fixture::{Fixture, verdicts};

async fn decided(fixture: &Fixture) -> Report {
    let report = fixture.checker().decide().await.expect("the check runs");
    assert!(!report.observations.partial, "nobody interrupted it");
    assert!(!report.observations.deadline_reached);
    report
}

/// A hub whose AMQP is a connection without a word, and whose MQTT is `door`.
async fn hub(door: PortMode, requirement: &str) -> Fixture {
    let silent = PortBehaviour::from(PortMode::Silent);
    let behaviour = Behaviour { mqtt_port: door.into(), amqp_port: silent, ..Behaviour::default() };
    let mut fixture = Fixture::behaving(behaviour).await;
    fixture.only(&[Protocol::Mqtt, Protocol::Amqp]);
    fixture.settings.requirement = requirement.parse().expect("a requirement");
    fixture.settings.experiments = false;
    fixture
}

#[tokio::test]
async fn the_first_that_is_allowed_ends_it_where_any_will_do() {
    let report = decided(&hub(PortMode::Open, "any").await).await;
    assert!(report.diagnosis.requirement_met);
    let verdicts = verdicts(&report);
    assert_eq!((verdicts[&Protocol::Mqtt], verdicts[&Protocol::Amqp]), (Verdict::Allowed, Verdict::Unknown));
}

#[tokio::test]
async fn the_first_that_is_lost_ends_it_where_all_are_needed() {
    let report = decided(&hub(PortMode::Closed, "all").await).await;
    assert!(!report.diagnosis.requirement_met);
    let verdicts = verdicts(&report);
    assert_eq!((verdicts[&Protocol::Mqtt], verdicts[&Protocol::Amqp]), (Verdict::Blocked, Verdict::Unknown));
}

#[tokio::test]
async fn what_is_not_needed_is_not_waited_for() {
    let report = decided(&hub(PortMode::Closed, "mqtt").await).await;
    assert_eq!(verdicts(&report)[&Protocol::Amqp], Verdict::Unknown);
}

#[tokio::test]
async fn one_that_could_still_be_allowed_is_waited_for() {
    for requirement in ["any", "amqp"] {
        let report = decided(&hub(PortMode::Closed, requirement).await).await;
        assert_eq!(verdicts(&report)[&Protocol::Amqp], Verdict::Blocked, "{requirement}");
    }
}

#[tokio::test]
async fn experiments_may_explain_what_is_lost() {
    let mut fixture = hub(PortMode::Closed, "all").await;
    fixture.settings.experiments = true;
    let report = decided(&fixture).await;
    assert_eq!(verdicts(&report)[&Protocol::Amqp], Verdict::Blocked);
    assert!(!report.observations.experiments.is_empty());
}
