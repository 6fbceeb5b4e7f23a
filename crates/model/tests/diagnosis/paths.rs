//! Any experiment on the path, contradictions included, for the properties of every diagnosis.

use std::net::IpAddr;

use hubreach::observation::{
    AddressPath, DroppedHello, Experiment, ExperimentRecord, ExperimentResult, HelloPath, HelloProbe, HelloTrace,
    HopAnswer, LocalDrops, LocalRound, PacketKind, Path, PathProbe, ProbeAnswer, Rejection, ReversePath,
    ReversePathRound, Trace,
};
use proptest::{collection::vec, option, prelude::*, sample::select};

/// Experiments about ports of `addresses`.
pub fn experiments(addresses: Vec<IpAddr>) -> impl Strategy<Value = Vec<Experiment>> {
    let result = prop_oneof![
        path(addresses.clone()).prop_map(ExperimentResult::Path),
        (vec(path(addresses.clone()), 0..3), vec(trace(addresses.clone()), 0..3))
            .prop_map(|(ports, others)| ExperimentResult::AddressPath(AddressPath { ports, others })),
        reverse_path(addresses.clone()).prop_map(ExperimentResult::ReversePath),
        vec(round(addresses.clone()), 0..4).prop_map(|rounds| ExperimentResult::LocalDrops(LocalDrops { rounds })),
        (trace(addresses.clone()), hellos(), hellos(), option::of(rejection(addresses.clone()))).prop_map(
            |(path, own, other, rejection)| ExperimentResult::HelloPath(HelloPath { path, own, other, rejection })
        ),
        (trace(addresses.clone()), hellos(), option::of(rejection(addresses))).prop_map(|(path, hellos, rejection)| {
            ExperimentResult::DroppedHello(DroppedHello { path, hellos, rejection })
        }),
    ];
    let experiment = result.prop_map(|result| Experiment {
        started_after_ms: 1.0,
        duration_ms: 1.0,
        record: ExperimentRecord::Known(result),
    });
    vec(experiment, 0..6)
}

fn path(addresses: Vec<IpAddr>) -> impl Strategy<Value = Path> {
    (option::of(any::<bool>()), trace(addresses.clone()), option::of(trace(addresses)))
        .prop_map(|(on_link, failing, reference)| Path { on_link, failing, reference })
}

fn reverse_path(addresses: Vec<IpAddr>) -> impl Strategy<Value = ReversePath> {
    let count = || prop_oneof![Just(6_u64), Just(18), any::<u64>()];
    let round = (count(), count()).prop_map(|(syns, filtered)| ReversePathRound { syns, filtered });
    (select(addresses), port(), vec(round, 0..3)).prop_map(|(address, port, rounds)| ReversePath {
        address,
        port,
        filtering: vec!["eth0".to_owned()],
        rounds,
    })
}

fn rejection(addresses: Vec<IpAddr>) -> impl Strategy<Value = Rejection> {
    let router = IpAddr::from([10, 77, 2, 2]);
    let offender = option::of(prop_oneof![Just(router), select(addresses)]);
    (select(vec![1_u8, 3, 11]), select(vec![0_u8, 1, 3, 9, 10, 13]), offender, any::<bool>()).prop_map(
        |(icmp_type, code, offender, from_this_machine)| Rejection { icmp_type, code, offender, from_this_machine },
    )
}

fn port() -> impl Strategy<Value = u16> {
    select(vec![8883, 5671, 443])
}

fn ttl() -> impl Strategy<Value = u8> {
    prop_oneof![0..6_u8, select(vec![30, 254, 255])]
}

/// Of two rounds that often interleave as they should.
fn sent() -> impl Strategy<Value = f64> {
    prop_oneof![select(vec![0.0, 10.0, 500.0, 520.0]), any::<f64>()]
}

fn trace(addresses: Vec<IpAddr>) -> impl Strategy<Value = Trace> {
    let probe = (ttl(), 1..4_u8, sent(), answer()).prop_map(|(ttl, flow, sent_ms, answer)| PathProbe {
        ttl,
        flow,
        sent_ms,
        round_trip_ms: Some(1.0),
        answer,
    });
    let packets = select(vec![PacketKind::Tcp, PacketKind::Udp, PacketKind::IcmpEcho]);
    (packets, select(addresses), port(), vec(probe, 0..30), option::of(any::<u8>()))
        .prop_map(|(packets, address, port, probes, answer_ttl)| Trace { packets, address, port, probes, answer_ttl })
}

fn answer() -> impl Strategy<Value = ProbeAnswer> {
    let router = option::of(select(vec![IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2])]));
    prop_oneof![
        router.clone().prop_map(|from| ProbeAnswer::TimeExceeded { from }),
        (any::<u8>(), router).prop_map(|(code, from)| ProbeAnswer::Icmp { icmp_type: 3, code, from }),
        Just(ProbeAnswer::SynAck),
        Just(ProbeAnswer::Reset),
        Just(ProbeAnswer::Reply),
        Just(ProbeAnswer::Silent),
        Just(ProbeAnswer::Silent),
    ]
}

fn round(addresses: Vec<IpAddr>) -> impl Strategy<Value = LocalRound> {
    let count = || prop_oneof![Just(0_u64), Just(6), any::<u64>()];
    (select(addresses), port(), count(), option::of(count())).prop_map(|(address, port, failed, packets_not_sent)| {
        LocalRound { address, port, syns: 6, retransmitted: 6, retransmissions_failed: failed, packets_not_sent }
    })
}

fn hellos() -> impl Strategy<Value = HelloTrace> {
    let answer = select(vec![
        HopAnswer::TimeExceeded,
        HopAnswer::ServerHello,
        HopAnswer::Refused,
        HopAnswer::Silent,
        HopAnswer::NotSent,
    ]);
    let probe = (ttl(), 1..3_u8, sent(), answer).prop_map(|(ttl, flow, sent_ms, answer)| HelloProbe {
        ttl,
        flow,
        sent_ms,
        answer,
    });
    vec(probe, 0..30).prop_map(|probes| HelloTrace { server_name: "contoso".to_owned(), probes })
}
