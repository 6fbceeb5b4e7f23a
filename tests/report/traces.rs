//! Traced paths as a screen and as a file.

use std::{collections::BTreeMap, net::IpAddr};

use hubreach::{
    hub::Protocol,
    observation::{PacketKind, PathProbe, PortTrace, ProbeAnswer, Resolution, Trace, Traces},
    report::{Format, Screen, TraceReport},
};
use serde_json::Value;
use textwrap::core::display_width;

const ROUTERS: [&str; 7] =
    ["10.20.0.254", "10.20.8.1", "192.0.2.17", "192.0.2.33", "104.44.1.9", "104.44.7.2", "104.44.9.1"];
const HUB: &str = "40.83.12.4";

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

/// Routers up to hop `stop` answer; what `end` says answers behind them, up to hop 8.
fn port(protocols: &[Protocol], number: u16, stop: u8, end: &ProbeAnswer) -> PortTrace {
    let mut probes = Vec::new();
    for flow in 1..=2_u8 {
        for ttl in 1..=8_u8 {
            let answer = match ROUTERS.get(usize::from(ttl) - 1) {
                Some(router) if ttl <= stop => ProbeAnswer::TimeExceeded { from: Some(ip(router)) },
                _ => end.clone(),
            };
            // The port that works is the others' witness: first in the first round, last in the second.
            let late = (flow == 1) != (*end == ProbeAnswer::SynAck);
            probes.push(PathProbe {
                ttl,
                flow,
                sent_ms: f64::from(flow) * 500.0 + if late { 10.0 } else { 0.0 },
                round_trip_ms: (answer != ProbeAnswer::Silent).then(|| f64::from(ttl) * 3.7),
                answer,
            });
        }
    }
    // An answer of the port itself ends the path.
    let mut arrived = 8;
    if *end == ProbeAnswer::Reset {
        arrived = stop + 1;
    }
    probes.retain(|probe| probe.ttl <= arrived);
    PortTrace {
        protocols: protocols.to_vec(),
        on_link: Some(false),
        answer: end.clone(),
        trace: Trace { packets: PacketKind::Tcp, address: ip(HUB), port: number, probes, answer_ttl: None },
    }
}

fn traces(ports: Vec<PortTrace>) -> TraceReport {
    TraceReport::new(Traces {
        started_at: "2026-11-22T14:03:11.250Z".to_owned(),
        duration_ms: 3120.4,
        deadline_reached: false,
        partial: false,
        from: Some("field-07".to_owned()),
        utc_offset_minutes: Some(-210),
        host: "contoso.azure-devices.net".to_owned(),
        resolution: Resolution { addresses: vec![ip(HUB)], ..Resolution::default() },
        ports,
        names: BTreeMap::from([(ip(ROUTERS[0]), "gw.example\u{1b}[2J".to_owned())]),
    })
}

fn field() -> TraceReport {
    traces(vec![
        port(&[Protocol::Https, Protocol::MqttWs, Protocol::AmqpWs], 443, 7, &ProbeAnswer::SynAck),
        port(&[Protocol::Amqp], 5671, 1, &ProbeAnswer::Reset),
        port(&[Protocol::Mqtt], 8883, 2, &ProbeAnswer::Silent),
    ])
}

fn screen(report: &TraceReport) -> String {
    assert_eq!(report.render(Format::Human), report.render_on(Screen::new(80, false), Format::Human));
    shown(report, 80)
}

fn shown(report: &TraceReport, columns: usize) -> String {
    let text = report.render_on(Screen::new(columns, false), Format::Human);
    let plain = anstream::adapter::strip_str(&text).to_string();
    for line in plain.lines() {
        assert!(display_width(line) <= columns, "{} columns: {line}", display_width(line));
        assert_eq!(line.trim_end(), line);
    }
    plain
}

#[test]
fn one_port_ends_where_another_goes_on() {
    insta::assert_snapshot!(screen(&field()));
}

#[test]
fn on_a_narrow_terminal_and_on_a_wide_one() {
    insta::assert_snapshot!(format!("{}\n120:\n\n{}", shown(&field(), 40), shown(&field(), 120)));
    // More ports than stand side by side; each is told all the same.
    let ports: Vec<PortTrace> =
        (0..7).map(|at| port(&[Protocol::MqttWs], 9000 + at, 7, &ProbeAnswer::SynAck)).collect();
    let many = traces(ports);
    for columns in [40, 52, 60, 61, 80, 113, 120, 200] {
        let text = shown(&many, columns);
        assert_eq!(text.matches("OPEN").count(), 7, "{text}");
    }
}

#[test]
fn a_page_draws_each_port_to_where_it_ends() {
    let page = field().render(Format::Html);
    let (_, body) = page.split_once("</head>").expect("a body");
    insta::assert_snapshot!(body);
    let mut evil = field();
    evil.traces.host = "<script>\u{1b}[2J".to_owned();
    evil.traces.from = Some("\"><script>".to_owned());
    let page = evil.render(Format::Html);
    assert!(!page.contains("<script") && !page.contains('\u{1b}'), "{page}");
}

#[test]
fn nothing_answers() {
    insta::assert_snapshot!(screen(&traces(vec![port(&[Protocol::Mqtt], 8883, 0, &ProbeAnswer::Silent)])));
}

#[test]
fn the_file_keeps_to_its_schema() {
    let schema: Value = serde_json::from_str(include_str!("../../docs/trace.schema.json")).expect("JSON");
    jsonschema::meta::validate(&schema).expect("the schema is a JSON Schema");
    let text = field().render(Format::Json);
    let document: Value = serde_json::from_str(&text).expect("what was written is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema compiles");
    let faults: Vec<String> =
        validator.iter_errors(&document).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(!text.contains('\u{1b}'), "nothing in it steers a terminal");
    assert_eq!(serde_json::from_str::<TraceReport>(&text).expect("it is read again"), field());
    let location = &document["ports"][2]["location"];
    assert_eq!((&location["hop"], &location["next"]["hop"], &location["of"]), (&2.into(), &3.into(), &8.into()));
}
