//! Tracing over loopback, which has one hop: the program's part of it, without a path.

use std::net::TcpListener;

use hubreach::{
    Checker,
    hub::{HubHost, HubKind, Protocol, Target, TargetOptions},
    observation::ProbeAnswer,
};

/// A port that listens, and one on which nothing does.
fn ports() -> (TcpListener, u16, u16) {
    let open = TcpListener::bind("127.0.0.1:0").expect("a port");
    let number = open.local_addr().expect("an address").port();
    let closed = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
    (open, number, closed)
}

#[tokio::test]
async fn an_open_and_a_closed_port_answer_at_the_first_hop() {
    let (_open, web, mqtt) = ports();
    let options = TargetOptions {
        kind: Some(HubKind::MqttBroker),
        ports: [(Protocol::Mqtt, mqtt), (Protocol::MqttWs, web)].into(),
        ..TargetOptions::default()
    };
    let target = Target::new(HubHost::parse("hub.test").expect("a host"), &options).expect("a target");
    let checker = Checker::builder(target).addresses(vec!["127.0.0.1".parse().expect("an address")]);
    let traces = checker.build().expect("they go together").trace().await.expect("traced");
    assert!(traces.duration_ms < 2500.0, "{}", traces.duration_ms);
    for (number, answer) in [(web, ProbeAnswer::SynAck), (mqtt, ProbeAnswer::Reset)] {
        let port = traces.ports.iter().find(|port| port.trace.port == number).expect("traced");
        assert_eq!((&port.answer, port.on_link), (&answer, Some(true)), "{number}");
        assert!(port.trace.probes.iter().any(|probe| probe.ttl == 1 && probe.answer == answer), "{number}");
        // Loopback delivers what it is sent with the system's own TTL.
        assert!(port.trace.answer_ttl.is_some(), "{number}");
    }
}
