//! The schema's closed lists are those of the program: every way to fail can be written, checked and read.

use hubreach::{
    observation::{
        Attempt, ChainVerdict, ConnectFailure, Ending, ExchangeFailure, FirstBytes, Flaw, Identity, Outcome,
        ResolveFailure, StageResult, TlsFailure, UpgradeFailure,
    },
    report::{Format, Report},
};

use crate::support::{samples, schema};

fn failed<E, F>(failure: F) -> StageResult<E, F> {
    StageResult::Failed { duration_ms: 1.5, failure, evidence: None }
}

/// The field sample's attempt over WebSocket, stopped by `change`.
fn attempt_stages(change: impl FnOnce(&mut Attempt)) -> Report {
    let mut report = samples::field();
    change(&mut report.observations.checks[3].attempts[0]);
    report
}

#[track_caller]
fn survives(report: &Report) {
    schema::valid_json(report);
    assert_eq!(Report::from_json(&report.render(Format::Json)).expect("readable"), *report);
}

fn bytes() -> FirstBytes {
    FirstBytes::of(b"HTTP/1.1 400 Bad Request\r\n\0\xff")
}

fn message() -> String {
    "words".to_owned()
}

fn endings() -> [Ending; 8] {
    [
        Ending::CloseNotify,
        Ending::Alert { code: 49, name: "access_denied".to_owned() },
        Ending::WebSocketClose { code: Some(1008), reason: message() },
        Ending::WebSocketClose { code: None, reason: String::new() },
        Ending::Fin,
        Ending::Reset,
        Ending::Flood { bytes_received: 262_144, messages: 12 },
        Ending::Other { message: message() },
    ]
}

#[test]
fn every_failure_to_resolve() {
    for failure in [
        ResolveFailure::NameNotFound,
        ResolveFailure::NoAddress,
        ResolveFailure::TryAgain,
        ResolveFailure::ServerFailure,
        ResolveFailure::TimedOut,
        ResolveFailure::Other { message: message() },
    ] {
        let mut report = samples::unresolved();
        report.observations.resolution.failure = Some(failure);
        survives(&report);
    }
    let mut report = samples::unresolved();
    report.observations.resolution.outcome = Outcome::Cancelled;
    report.observations.resolution.failure = None;
    survives(&report);
}

#[test]
fn every_failure_to_connect() {
    for failure in [
        ConnectFailure::TimedOut { retransmits: None },
        ConnectFailure::Refused { icmp_ruled_out: true },
        ConnectFailure::Icmp { icmp_type: 1, code: 4, offender: None, from_this_machine: true },
        ConnectFailure::NoRoute,
        ConnectFailure::Local { errno: "EPERM".to_owned() },
        ConnectFailure::NoPort { range: Some((32768, 60999)), taken: None },
        ConnectFailure::NoResources { message: message() },
        ConnectFailure::Other { message: message() },
    ] {
        survives(&attempt_stages(|attempt| attempt.connect = failed(failure)));
    }
}

#[test]
fn every_failure_of_tls() {
    for failure in [
        TlsFailure::TimedOut { bytes_received: 7, acknowledged: Some(true), unreachable: false },
        TlsFailure::Closed { bytes_received: 0 },
        TlsFailure::Reset { bytes_received: 0 },
        TlsFailure::NotTls { first_bytes: bytes() },
        TlsFailure::Alert { code: 40, name: "handshake_failure".to_owned() },
        TlsFailure::NotAccepted,
        TlsFailure::Incompatible { reason: message() },
        TlsFailure::Downgraded,
        TlsFailure::Invalid { reason: message() },
        TlsFailure::Flood { bytes_received: 262_144 },
        TlsFailure::Other { message: message() },
    ] {
        survives(&attempt_stages(|attempt| attempt.tls = failed(failure)));
    }
}

#[test]
fn every_identity() {
    for (device, hub) in [
        (ChainVerdict::Trusted, Some(ChainVerdict::Trusted)),
        (ChainVerdict::Trusted, None),
        (ChainVerdict::Trusted, Some(ChainVerdict::Rejected { reason: Flaw::NameConstraints, at: Some(1) })),
        (ChainVerdict::UnknownIssuer, Some(ChainVerdict::Trusted)),
        (ChainVerdict::Expired, Some(ChainVerdict::NotYetValid)),
        (ChainVerdict::UnknownIssuer, None),
    ] {
        survives(&attempt_stages(|attempt| {
            let StageResult::Ok { evidence, .. } = &mut attempt.tls else { return };
            let Some(trust) = &mut evidence.trust else { return };
            trust.identity = Identity::of(device == ChainVerdict::Trusted, hub.map(|hub| hub == ChainVerdict::Trusted));
            (trust.device, trust.hub) = (device.into(), hub.map(Into::into));
        }));
    }
}

#[test]
fn every_failure_of_the_upgrade() {
    let ended = endings().map(UpgradeFailure::Ended);
    for failure in [
        UpgradeFailure::Refused { status: 404 },
        UpgradeFailure::BadAccept,
        UpgradeFailure::BadSubprotocol,
        UpgradeFailure::NotHttp { first_bytes: bytes() },
        UpgradeFailure::TimedOut { bytes_received: 0, acknowledged: None },
        UpgradeFailure::TooLarge,
    ]
    .into_iter()
    .chain(ended)
    {
        survives(&attempt_stages(|attempt| attempt.upgrade = Some(failed(failure))));
    }
}

#[test]
fn every_failure_of_the_exchange() {
    let ended = endings().map(ExchangeFailure::Ended);
    for failure in [
        ExchangeFailure::TimedOut { bytes_received: 0, acknowledged: Some(false) },
        ExchangeFailure::Mismatch { first_bytes: bytes() },
    ]
    .into_iter()
    .chain(ended)
    {
        survives(&attempt_stages(|attempt| attempt.exchange = failed(failure)));
    }
}
