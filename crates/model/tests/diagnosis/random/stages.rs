//! The stages of an attempt, drawn apart from each other, so they may contradict each other, as in a file that somebody edited.

use hubreach::observation::{
    Attempt, ConnectEvidence, ConnectFailure, ExchangeEvidence, ExchangeFailure, StageResult, UpgradeEvidence,
    UpgradeFailure,
};
use proptest::{collection::vec, option, prelude::*, sample::select};

use super::{
    address,
    answers::{ending, response, status},
    few_bytes, millis,
    tls::{tls_evidence, tls_failure},
    words::{first_bytes, text},
};

pub fn attempts() -> impl Strategy<Value = Vec<Attempt>> {
    let stages = (
        stage_result(connect_evidence(), connect_failure(), 4),
        stage_result(tls_evidence(), tls_failure(), 3),
        option::of(stage_result(upgrade_evidence(), upgrade_failure(), 2)),
        stage_result(exchange_evidence(), exchange_failure(), 2),
    );
    let attempt = (address(), stages).prop_map(|(address, (connect, tls, upgrade, exchange))| Attempt {
        proxy: None,
        address,
        connect,
        tls,
        upgrade,
        exchange,
    });
    vec(attempt, 0..=3)
}

pub fn stage_result<E, F>(
    evidence: impl Strategy<Value = E> + 'static,
    failure: impl Strategy<Value = F>,
    successes: u32,
) -> impl Strategy<Value = StageResult<E, F>>
where
    E: std::fmt::Debug + Clone,
    F: std::fmt::Debug + Clone,
{
    let evidence = evidence.boxed();
    prop_oneof![
        successes => (millis(), evidence.clone()).prop_map(|(duration_ms, evidence)| StageResult::Ok { duration_ms, evidence }),
        2 => (millis(), failure, option::of(evidence))
            .prop_map(|(duration_ms, failure, evidence)| StageResult::Failed { duration_ms, failure, evidence }),
        1 => prop_oneof![Just(StageResult::NotReached), millis().prop_map(|duration_ms| StageResult::Cancelled { duration_ms })],
    ]
}

fn connect_evidence() -> impl Strategy<Value = ConnectEvidence> {
    Just(ConnectEvidence { local: None, retransmits: None, hedged: false })
}

fn connect_failure() -> impl Strategy<Value = ConnectFailure> {
    prop_oneof![
        option::of(any::<u32>()).prop_map(|retransmits| ConnectFailure::TimedOut { retransmits }),
        any::<bool>().prop_map(|icmp_ruled_out| ConnectFailure::Refused { icmp_ruled_out }),
        (select(vec![1u8, 3, 11, 200]), 0..16u8, option::of(address()), any::<bool>()).prop_map(
            |(icmp_type, code, offender, from_this_machine)| {
                ConnectFailure::Icmp { icmp_type, code, offender, from_this_machine }
            }
        ),
        Just(ConnectFailure::NoRoute),
        text().prop_map(|errno| ConnectFailure::Local { errno }),
        option::of(any::<u64>()).prop_map(|taken| ConnectFailure::NoPort { range: Some((40000, 40039)), taken }),
        text().prop_map(|message| ConnectFailure::NoResources { message }),
        text().prop_map(|message| ConnectFailure::Other { message }),
    ]
}

fn upgrade_evidence() -> impl Strategy<Value = UpgradeEvidence> {
    (text(), response(), any::<bool>(), option::of(text())).prop_map(
        |(offered, response, accept_matches, subprotocol)| UpgradeEvidence {
            offered,
            response,
            accept_matches,
            subprotocol,
        },
    )
}

fn upgrade_failure() -> impl Strategy<Value = UpgradeFailure> {
    prop_oneof![
        status().prop_map(|status| UpgradeFailure::Refused { status }),
        Just(UpgradeFailure::BadAccept),
        Just(UpgradeFailure::BadSubprotocol),
        first_bytes().prop_map(|first_bytes| UpgradeFailure::NotHttp { first_bytes }),
        (few_bytes(), option::of(any::<bool>()))
            .prop_map(|(bytes_received, acknowledged)| UpgradeFailure::TimedOut { bytes_received, acknowledged }),
        Just(UpgradeFailure::TooLarge),
        ending().prop_map(UpgradeFailure::Ended),
    ]
}

fn exchange_evidence() -> impl Strategy<Value = ExchangeEvidence> {
    prop_oneof![
        (0..8u8).prop_map(|return_code| ExchangeEvidence::Mqtt { return_code, session_present: false }),
        vec(text(), 0..3).prop_map(|mechanisms| ExchangeEvidence::Amqp { mechanisms }),
        response().prop_map(|response| ExchangeEvidence::Https { response }),
    ]
}

fn exchange_failure() -> impl Strategy<Value = ExchangeFailure> {
    prop_oneof![
        (few_bytes(), option::of(any::<bool>()))
            .prop_map(|(bytes_received, acknowledged)| ExchangeFailure::TimedOut { bytes_received, acknowledged }),
        first_bytes().prop_map(|first_bytes| ExchangeFailure::Mismatch { first_bytes }),
        ending().prop_map(ExchangeFailure::Ended),
    ]
}
