//! The reports of an audit of a site, made by hand.

use hubreach::{
    diagnosis::{Code, Confidence, Finding, Location, NextHop, Owner, Verdict},
    observation::{ConnectFailure, Stage},
    report::{Audit, Report},
    target::{CheckId, HubKind, Protocol, Requirement},
};

use super::samples::{Sample, finding, ip, strained, unfinished, unresolved};

/// As the plan calls it; two of its targets were not tested.
pub fn audit() -> Audit {
    let reports = reports();
    let started_at = "2026-11-22T14:00:00.000Z".to_owned();
    Audit::new(Some("Pump house north".to_owned()), started_at, 61_234.5, reports.len() + 2, reports)
}

/// 32 hubs before its firewall is told of them: some ready, some stopped in one way or another, or in two.
pub fn reports() -> Vec<Report> {
    let hub = |prefix: &str, number: usize| format!("{prefix}-{number:02}.azure-devices.net");
    let dropped = |number| dropped_mqtt(&hub("pump", number)).report();
    let mut reports: Vec<Report> = (1..=9).map(dropped).collect();
    reports.extend((10..=12).map(|number| {
        let mut sample = dropped_mqtt(&hub("pump", number));
        reject_amqp(&mut sample);
        sample.report()
    }));
    reports.extend((1..=3).map(|number| intercepted(&hub("valve", number))));
    reports.extend([unresolved(), unexplained(&hub("meter", 1))]);
    reports.extend((1..=12).map(|number| answering(&hub("boiler", number)).report()));
    reports.extend([optional(&hub("camera", 1)), two_ports(), strained()]);
    reports
}

/// All that is asked of it is allowed.
fn answering(host: &str) -> Sample {
    let mut sample = Sample::new(host);
    sample.seen.requirement = Requirement::All;
    for (protocol, port) in [(Protocol::Amqp, 5671), (Protocol::Https, 443), (Protocol::MqttWs, 443)] {
        sample.allow(protocol, port, 90.0, "TLS 1.3, the hub answered");
    }
    sample.recommend(Protocol::MqttWs, "It is allowed here.");
    sample
}

/// A firewall at a known place drops MQTT.
fn dropped_mqtt(host: &str) -> Sample {
    let mut sample = answering(host);
    let failure = ConnectFailure::TimedOut { retransmits: Some(3) };
    let summary = "silently dropped at hop 2 (10.20.0.1) or right behind it";
    sample.block(Protocol::Mqtt, 8883, 4003.0, failure, summary);
    sample.find(Finding {
        location: Some(Location {
            hop: 2,
            address: Some(ip("10.20.0.1")),
            next: Some(NextHop { hop: 3, address: Some(ip("10.9.0.7")) }),
            of: Some(9),
        }),
        title: "Outbound TCP 8883 is silently dropped".to_owned(),
        evidence: vec!["4 SYNs unanswered in 4.0 s".to_owned(), format!("{host} answers on 443 in 31 ms")],
        owner: Owner::FirewallOwner,
        fix: format!("Allow outbound TCP 8883 to {host} (by name; its address can change)."),
        facts: ports(8883),
        ..finding(Code::SilentDrop, vec![CheckId::from("mqtt@direct")])
    });
    sample
}

/// A gateway opens what goes to 443, and the firewall drops MQTT.
fn intercepted(host: &str) -> Report {
    let mut sample = Sample::new(host);
    sample.seen.requirement = "https".parse().expect("a requirement");
    let failure = || ConnectFailure::Other { message: "not trusted".to_owned() };
    sample.block(Protocol::Https, 443, 40.0, failure(), "the certificate is not the hub's");
    sample.block(Protocol::MqttWs, 443, 40.0, failure(), "the certificate is not the hub's");
    let affects = sample.ids();
    sample.find(Finding {
        stage: Stage::Tls,
        title: "TLS is intercepted: the certificate is signed by CN=Corp Proxy <CA>".to_owned(),
        evidence: vec!["the chain ends at CN=Corp Proxy <CA>".to_owned()],
        owner: Owner::SecurityTeam,
        fix: format!("Exempt {host} from TLS inspection on TCP 443."),
        facts: ports(443),
        ..finding(Code::TlsIntercepted, affects)
    });
    sample.find(Finding {
        stage: Stage::Upgrade,
        title: "The gateway that inspects TLS does not pass WebSocket on (HTTP 403)".to_owned(),
        fix: format!("Allow WebSocket upgrades to {host}, or exempt it from inspection."),
        owner: Owner::ProxyAdmin,
        depends_on: Some("f1".to_owned()),
        ..finding(Code::WebsocketStripped, vec![CheckId::from("mqtt-ws@direct")])
    });
    sample.report()
}

/// Stopped, and no cause is known.
fn unexplained(host: &str) -> Report {
    let mut sample = answering(host);
    sample.check(Protocol::Mqtt, 8883, 15_000.0, Verdict::Unknown, "the deadline came first", vec![unfinished()]);
    sample.report()
}

/// Nothing is required of it, and nothing of it is allowed, for two reasons at once.
fn optional(host: &str) -> Report {
    let mut sample = dropped_mqtt(host);
    sample.seen.requirement = Requirement::None;
    sample.find(Finding {
        confidence: Confidence::Possible,
        alternatives: vec![Code::PathMtuBlackhole],
        stage: Stage::Tls,
        title: "TLS on TCP 8883 stalls: our first message gets no answer".to_owned(),
        owner: Owner::HubOwner,
        fix: "Compare from another network.".to_owned(),
        ..finding(Code::TlsSilent, vec![CheckId::from("mqtt@direct")])
    });
    sample.report()
}

/// One protocol on two ports, one of them open.
fn two_ports() -> Report {
    let mut sample = Sample::new("a1b2c3d4e5-ats.iot.eu-west-1.amazonaws.com");
    sample.seen.hub.kind = HubKind::AwsIotCore;
    sample.allow(Protocol::Mqtt, 443, 80.0, "TLS 1.3, hub answered CONNACK");
    let failure = ConnectFailure::TimedOut { retransmits: Some(3) };
    sample.block(Protocol::Mqtt, 8883, 4003.0, failure, "silently dropped: 4 SYNs, no answer in 4.0 s");
    for (check, verdict) in sample.seen.checks.iter_mut().zip(&mut sample.verdicts) {
        check.id = CheckId::from(format!("mqtt:{}@direct", check.port).as_str());
        verdict.id = check.id.clone();
    }
    sample.find(Finding {
        confidence: Confidence::Likely,
        title: "Outbound TCP 8883 is silently dropped".to_owned(),
        evidence: vec!["4 SYNs unanswered in 4.0 s".to_owned()],
        owner: Owner::FirewallOwner,
        fix: format!("Allow outbound TCP 8883 to {} (by name; its address can change).", sample.seen.hub.host),
        facts: ports(8883),
        ..finding(Code::SilentDrop, vec![CheckId::from("mqtt:8883@direct")])
    });
    sample.recommend(Protocol::Mqtt, "It is allowed here, on TCP 443.");
    sample.report()
}

fn ports(port: u16) -> serde_json::Map<String, serde_json::Value> {
    serde_json::Map::from_iter([("ports".to_owned(), serde_json::json!([port]))])
}

/// The same firewall rejects AMQP.
fn reject_amqp(sample: &mut Sample) {
    let failure =
        ConnectFailure::Icmp { icmp_type: 3, code: 13, offender: Some(ip("10.20.0.1")), from_this_machine: false };
    sample.seen.checks.retain(|check| check.protocol != Protocol::Amqp);
    sample.verdicts.retain(|verdict| verdict.id.as_str() != "amqp@direct");
    sample.block(Protocol::Amqp, 5671, 12.3, failure, "rejected by 10.20.0.1: administratively prohibited");
    sample.find(Finding {
        title: "Outbound TCP 5671 is rejected by 10.20.0.1: administratively prohibited".to_owned(),
        evidence: vec!["ICMP type 3 code 13 from 10.20.0.1 answered the SYN after 12 ms".to_owned()],
        owner: Owner::FirewallOwner,
        fix: format!(
            "Allow outbound TCP 5671 to {} at 10.20.0.1 (by name; its address can change).",
            sample.seen.hub.host
        ),
        facts: serde_json::Map::from_iter([
            ("ports".to_owned(), serde_json::json!([5671])),
            ("offender".to_owned(), serde_json::json!("10.20.0.1")),
        ]),
        ..finding(Code::IcmpReject, vec![CheckId::from("amqp@direct")])
    });
}
