//! A peer that drips, floods or says nothing, at every stage: each check ends by its deadline, with a finding, in
//! bounded memory.

use std::{process::Command, time::Duration};

use hubreach::{
    Report,
    diagnosis::{Severity, Verdict},
    responder::{Answer, Behaviour, PortMode, Upgrade},
};

use super::fixture::{Fixture, HOST};

/// Far beyond what the stages' own deadlines add up to: only a stage that has none reaches it.
const TIMEOUT: Duration = Duration::from_secs(60);

fn hostile() -> Vec<(&'static str, Behaviour)> {
    let doors =
        [("silent door", PortMode::Silent), ("dripping door", PortMode::Drip), ("flooding door", PortMode::Flood)];
    let upgrades = [
        ("silent upgrade", Upgrade::Silent),
        ("dripping upgrade", Upgrade::Drip),
        ("flooding upgrade", Upgrade::FloodHeaders),
    ];
    let answers =
        [("silent answer", Answer::Silent), ("dripping answer", Answer::Drip), ("flooding answer", Answer::Flood)];
    let doors = doors.map(|(name, door)| (name, Behaviour::of_ports(door.into())));
    let upgrades = upgrades.map(|(name, upgrade)| (name, Behaviour::of_upgrades(upgrade)));
    let answers = answers.map(|(name, answer)| (name, Behaviour::of_answers(answer)));
    doors.into_iter().chain(upgrades).chain(answers).collect()
}

/// Every check that is not allowed has an error that says why.
#[track_caller]
fn explained(name: &str, report: &Report) {
    let stopped: Vec<_> = report.checks().filter(|check| check.verdict != Verdict::Allowed).collect();
    assert!(!stopped.is_empty(), "{name} stopped nothing");
    for check in stopped {
        let mut errors = report.diagnosis.findings.iter().filter(|finding| finding.severity == Severity::Error);
        assert!(
            errors.any(|finding| finding.affects.contains(&check.observations.id)),
            "{name}: {}",
            check.observations.id
        );
        assert_ne!(check.verdict, Verdict::Unknown, "{name}: {}: {}", check.observations.id, check.summary);
    }
    assert!(!report.observations.deadline_reached, "{name} held the run until its deadline");
}

#[tokio::test]
async fn every_stage_ends_by_its_deadline_with_a_finding() {
    let checks = hostile().into_iter().map(|(name, behaviour)| async move {
        let mut fixture = Fixture::behaving(behaviour).await;
        fixture.settings.timeout = TIMEOUT;
        explained(name, &fixture.check().await);
    });
    futures_util::future::join_all(checks).await;
}

#[tokio::test]
async fn a_short_deadline_is_kept() {
    let mut fixture = Fixture::behaving(Behaviour::of_answers(Answer::Drip)).await;
    fixture.settings.timeout = Duration::from_millis(700);
    let report = fixture.check().await;
    assert!(report.observations.deadline_reached);
    assert!(report.checks().any(|check| check.verdict == Verdict::Unknown));
    assert!(report.observations.duration_ms < 1500.0, "{} ms", report.observations.duration_ms);
}

/// The program itself, as a process of its own, while three floods run at once.
#[tokio::test]
async fn a_flood_does_not_fill_the_memory() {
    for (name, behaviour) in hostile().into_iter().filter(|(name, _)| name.starts_with("flooding")) {
        let fixture = Fixture::behaving(behaviour).await;
        let ca = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(ca.path(), fixture.responder.ca_pem().expect("an authority")).expect("written");
        let ports: Vec<String> = fixture.options.ports.iter().map(|(name, port)| format!("{name}={port}")).collect();
        let mut command = Command::new(env!("CARGO_BIN_EXE_hubreach"));
        command.args(["check", HOST, "--address", "127.0.0.1", "--format", "json", "-q", "--port", &ports.join(",")]);
        command.arg("--ca").arg(ca.path()).arg("--hub-ca").arg(ca.path());
        let output = tokio::task::spawn_blocking(move || command.output().expect("runs")).await.expect("ends");
        let report = Report::from_json(&String::from_utf8_lossy(&output.stdout)).expect("a report");
        explained(name, &report);
    }
    #[cfg(target_os = "linux")]
    {
        const MOST_KIB: i64 = 48 * 1024; // of a debug build; the peer sends as much as it can for seconds
        use nix::sys::resource::{UsageWho, getrusage};
        let peak = getrusage(UsageWho::RUSAGE_CHILDREN).expect("told").max_rss();
        assert!((1..MOST_KIB).contains(&peak), "peak memory of {peak} KiB");
    }
}
