//! The reports of an audit of a site: made-up observations, judged like any.

use std::net::IpAddr;

use hubreach::{
    hub::{CheckId, HubKind, Protocol, Requirement},
    observation::{
        Attempt, ChainVerdict, ConnectFailure, Experiment, ExperimentRecord, ExperimentResult, HttpResponse, Identity,
        PacketKind, Path, PathProbe, ProbeAnswer, StageResult, TlsEvidence, TlsFailure, Trace, UpgradeEvidence,
        UpgradeFailure,
    },
    report::{Audit, Bears, Pace, PaceLimit, PlanEntry, Report, Strain},
};

use super::samples::{Sample, completed, connected, handshake, ip, ok, strained, unfinished, unresolved, untried};

const HUB: &str = "40.83.12.4";
/// The hub's distance.
const HOPS: u8 = 9;

/// As the plan calls it; two of its targets were not tested.
pub fn audit() -> Audit {
    let reports = reports();
    let started_at = "2026-11-22T14:00:00.000Z".to_owned();
    let title = Some("Pump house north".to_owned());
    Audit::new(title, started_at, 61_234.5, reports.len() + 2, reports).paced(Some(pace()))
}

/// Too many at a time, and how many were not.
pub fn pace() -> Pace {
    let shows = vec![Strain::NotAnswered, Strain::Late];
    let limit = PaceLimit { shows, targets: 30, connections: 150, answered: 72, within_ms: 13_569.34 };
    let bears = Bears { targets: 2, connections_per_second: 10.1 };
    Pace {
        jobs: 64,
        limit: Some(limit),
        bears: Some(bears),
        failed_beside_others: 18,
        tested_alone: 18,
        better_alone: 17,
    }
}

/// 32 hubs before its firewall is told of them: some ready, some stopped in one way or another, or in two.
pub fn reports() -> Vec<Report> {
    let hub = |prefix: &str, number: usize| format!("{prefix}-{number:02}.azure-devices.net");
    let mut reports: Vec<Report> = (1..=9).map(|number| dropped(&hub("pump", number), 8883, NEXT)).collect();
    reports.extend((10..=12).map(|number| dropped_and_rejected(&hub("pump", number))));
    reports.extend((1..=3).map(|number| intercepted(&hub("valve", number))));
    reports.extend([unresolved(), unexplained(&hub("meter", 1))]);
    reports.extend((1..=12).map(|number| answering(&hub("boiler", number)).judged()));
    reports.extend([optional(&hub("camera", 1)), two_ports(), strained()]);
    // The plan has words for some of them.
    let words = |name: &str, contact: Option<&str>, note: Option<&str>| PlanEntry {
        name: Some(name.to_owned()),
        site: Some("Leeds".to_owned()),
        contact: contact.map(str::to_owned),
        note: note.map(str::to_owned),
        file: Some("site-plan.toml".to_owned()),
        line: Some(12),
    };
    reports[0].plan = Some(words("Pump 1", Some("Control room, 4711"), Some("behind the gate")));
    reports[1].plan = Some(words("Pump 2", Some("Control room, 4711"), None));
    reports[17].plan = Some(words("Boiler 1", None, None));
    reports
}

/// All that is asked of it is allowed.
fn answering(host: &str) -> Sample {
    let mut sample = Sample::new(host);
    sample.seen.requirement = Requirement::All;
    for (protocol, port) in [(Protocol::Amqp, 5671), (Protocol::Https, 443), (Protocol::MqttWs, 443)] {
        sample.allow(protocol, port, 90.0, "");
    }
    sample
}

/// The router behind the firewall.
pub const NEXT: &str = "10.9.0.7";

/// A firewall at a known place, with `next` behind it, drops what goes to MQTT's `port`.
pub fn dropped(host: &str, port: u16, next: &str) -> Report {
    dropping(host, port, next).judged()
}

fn dropping(host: &str, port: u16, next: &str) -> Sample {
    let mut sample = answering(host);
    // What is dropped for one is dropped for all.
    sample.seen.checks.retain(|check| check.port != port);
    sample.block(Protocol::Mqtt, port, 4003.0, ConnectFailure::TimedOut { retransmits: Some(3) }, "");
    sample.seen.experiments.push(path(port, next));
    sample
}

/// SYNs to the port end behind hop 2, those to 443 go on.
fn path(port: u16, next: &str) -> Experiment {
    let trace = |port, sent: &[f64], answer: &dyn Fn(u8) -> ProbeAnswer| {
        let rounds = (1..).zip(sent);
        let probes = rounds.flat_map(|(flow, sent_ms)| {
            (1..=HOPS).map(move |ttl| PathProbe {
                ttl,
                flow,
                sent_ms: *sent_ms,
                round_trip_ms: None,
                answer: answer(ttl),
            })
        });
        Trace { packets: PacketKind::Tcp, address: ip(HUB), port, probes: probes.collect(), answer_ttl: None }
    };
    let from = |router: &str| ProbeAnswer::TimeExceeded { from: Some(ip(router)) };
    let router = |ttl| match ttl {
        1 => from("10.20.0.254"),
        2 => from("10.20.0.1"),
        3 => from(next),
        ttl => from(&format!("192.0.2.{ttl}")),
    };
    let failing = trace(port, &[10.0, 520.0], &|ttl| if ttl <= 2 { router(ttl) } else { ProbeAnswer::Silent });
    let works = |ttl| if ttl < HOPS { router(ttl) } else { ProbeAnswer::SynAck };
    let reference = Some(trace(443, &[5.0, 500.0, 1000.0], &works));
    let result = ExperimentResult::Path(Path { on_link: Some(false), failing, reference });
    Experiment { started_after_ms: 1003.0, duration_ms: 1100.0, record: ExperimentRecord::Known(result) }
}

/// The same firewall rejects AMQP.
fn dropped_and_rejected(host: &str) -> Report {
    let mut sample = dropping(host, 8883, NEXT);
    let failure =
        ConnectFailure::Icmp { icmp_type: 3, code: 13, offender: Some(ip("10.20.0.1")), from_this_machine: false };
    sample.seen.checks.retain(|check| check.protocol != Protocol::Amqp);
    sample.block(Protocol::Amqp, 5671, 12.3, failure, "");
    sample.judged()
}

/// A gateway opens what goes to 443 and shows a page of its own.
fn intercepted(host: &str) -> Report {
    let mut sample = Sample::new(host);
    sample.seen.requirement = "https".parse().expect("a requirement");
    for protocol in [Protocol::Https, Protocol::MqttWs] {
        sample.allow(protocol, 443, 40.0, "");
    }
    for attempt in sample.seen.checks.iter_mut().flat_map(|check| &mut check.attempts) {
        attempt.tls = ok(opened());
        let refusal = UpgradeFailure::Refused { status: 403 };
        attempt.upgrade = attempt.upgrade.take().map(|upgrade| StageResult::Failed {
            duration_ms: 12.0,
            failure: refusal,
            evidence: upgrade.success().map(|offered| UpgradeEvidence { response: page(), ..offered.clone() }),
        });
        attempt.exchange = match attempt.upgrade {
            Some(_) => StageResult::NotReached,
            None => ok(hubreach::observation::ExchangeEvidence::Https { response: page() }),
        };
    }
    sample.judged()
}

fn page() -> HttpResponse {
    HttpResponse {
        minor_version: 1,
        status: 403,
        reason: "Forbidden".to_owned(),
        headers: vec![("via".to_owned(), "1.1 gateway".to_owned())],
        body_start: "<p>This site is not allowed.</p>".to_owned(),
    }
}

/// TLS that a gateway opened, whose authority this device trusts.
fn opened() -> TlsEvidence {
    let mut tls = handshake();
    tls.chain[0].issuer = Some("CN=Corp Proxy <CA>".to_owned());
    if let Some(trust) = &mut tls.trust {
        trust.hub = Some(ChainVerdict::UnknownIssuer.into());
        trust.identity = Identity::Intercepted;
    }
    tls
}

/// Stopped, and no cause is known.
fn unexplained(host: &str) -> Report {
    let mut sample = answering(host);
    sample.check(Protocol::Mqtt, 8883, 15_000.0, hubreach::diagnosis::Verdict::Unknown, "", vec![unfinished()]);
    sample.judged()
}

/// Nothing is required of it, and nothing of MQTT is allowed, for two reasons at once: one at each of its addresses.
fn optional(host: &str) -> Report {
    let other = IpAddr::from([40, 83, 12, 5]);
    let mut sample = dropping(host, 8883, NEXT);
    sample.seen.requirement = Requirement::None;
    sample.seen.resolution.addresses.push(other);
    for check in &mut sample.seen.checks {
        let attempt = match check.protocol {
            Protocol::Mqtt => mute(),
            protocol => completed(protocol),
        };
        check.attempts.push(Attempt { address: other, ..attempt });
    }
    sample.judged()
}

/// TLS never comes.
fn mute() -> Attempt {
    let failure = TlsFailure::TimedOut { bytes_received: 0, acknowledged: Some(true), unreachable: false };
    Attempt {
        connect: ok(connected()),
        tls: StageResult::Failed { duration_ms: 5000.0, failure, evidence: None },
        ..untried()
    }
}

/// One protocol on two ports, one of them open.
fn two_ports() -> Report {
    let mut sample = Sample::new("a1b2c3d4e5-ats.iot.eu-west-1.amazonaws.com");
    sample.seen.hub.kind = HubKind::AwsIotCore;
    sample.allow(Protocol::Mqtt, 443, 80.0, "");
    sample.block(Protocol::Mqtt, 8883, 4003.0, ConnectFailure::TimedOut { retransmits: Some(3) }, "");
    for check in &mut sample.seen.checks {
        check.id = CheckId::from(format!("mqtt:{}@direct", check.port).as_str());
    }
    sample.judged()
}
