//! The TLS handshake, and the peer's identity.

use std::{io, sync::Arc};

use rustls::{
    ClientConfig, PeerMisbehaved, SupportedProtocolVersion,
    client::Resumption,
    crypto::CryptoProvider,
    pki_types::ServerName,
    version::{TLS12, TLS13},
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{
    clock::Clock,
    connection::Connection,
    ending::alert_name,
    os,
    recording_stream::{Flood, Recorded, RecordingStream},
    roots::Roots,
    run_control::{RunControl, Timeout},
    small_hello::small_hello,
    stage_clock::StageClock,
    tls_1_2::HelloStyle,
    verify::{Recorder, Tolerance},
};
use crate::{
    hub::HubHost,
    observation::{FirstBytes, StageResult, TlsEvidence, TlsFailure},
};

/// The versions that a hello offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Versions {
    Both,
    Only12,
    Only13,
    /// Both, for a handshake that ends well in TLS 1.2 alone, whatever mark the peer sets.
    BothFor12,
}

impl Versions {
    /// As our library has them.
    pub(crate) fn of_library(self) -> &'static [&'static SupportedProtocolVersion] {
        static ALL: [&SupportedProtocolVersion; 2] = [&TLS13, &TLS12];
        match self {
            Self::Both => &ALL,
            Self::Only12 | Self::BothFor12 => &ALL[1..],
            Self::Only13 => &ALL[..1],
        }
    }
}

/// How long to wait for a silent peer.
#[derive(Clone, Copy)]
pub(crate) enum Patience<'a> {
    /// As long as in any stage.
    Stage,
    /// For longer, where its system has acknowledged our hello: a busy server, or a link that takes its time, is late and no more.
    /// Not so where hellos of another kind are known to be answered: then this one's is no late one.
    Late { answers_others: &'a (dyn Fn() -> bool + Send + Sync) },
}

/// Completes the handshake. Gives the stream only if the peer's identity allows sending more.
pub(crate) async fn handshake(
    control: &RunControl,
    stream: Connection,
    host: &HubHost,
    alpn: Option<&'static str>,
    roots: &Roots,
    (tolerance, versions, patience): (Tolerance, Versions, Patience<'_>),
) -> (StageResult<TlsEvidence, TlsFailure>, Option<TlsStream<RecordingStream>>) {
    let clock = StageClock::start();
    let (provider, recording) = match versions {
        Versions::Both | Versions::Only13 => (small_hello(), RecordingStream::counted(stream, control.transfer())),
        // As such devices do.
        Versions::Only12 => in_style(HelloStyle::Tls12Only, stream, control),
        Versions::BothFor12 => in_style(HelloStyle::OffersTls13, stream, control),
    };
    let recorder = Arc::new(Recorder::new(roots.clone(), provider.signature_verification_algorithms, tolerance));
    let recorded = recording.recorded();
    let failed = |failure| {
        let server_hello = is_server_hello(recorded.first_bytes().as_slice());
        let evidence = TlsEvidence { server_hello, ..evidence(host, alpn, &recorder) };
        (clock.failed(failure, Some(evidence)), None)
    };
    let (config, name) = match (config(provider, versions, alpn, &recorder), server_name(host)) {
        (Ok(config), Some(name)) => (config, name),
        (Err(error), _) => return failed(TlsFailure::Other { message: error.to_string() }),
        (_, None) => return failed(TlsFailure::Other { message: "the hostname cannot stand in a certificate".into() }),
    };
    // Awaited by reference, so that after a timeout the socket can still be asked.
    let mut connecting = TlsConnector::from(Arc::new(config)).connect(name, recording);
    let mut outcome = control.while_receiving(&mut connecting).await;
    let has_taken_all = |recording: &RecordingStream| {
        recording.tcp().and_then(os::tcp_state).is_some_and(|state| state.unacknowledged == 0)
    };
    if let Patience::Late { answers_others } = patience
        && !answers_others()
        && matches!(outcome, Err(Timeout::Stage))
        && recorded.received() == 0
        && connecting.get_ref().is_some_and(has_taken_all)
    {
        outcome = control.within(control.late_answer_timeout(), &mut connecting).await;
    }
    match outcome {
        Ok(Ok(stream)) => {
            let evidence = negotiated(evidence(host, alpn, &recorder), &stream);
            (clock.ok(evidence), Some(stream))
        }
        Ok(Err(error)) => failed(failure(&error, &recorder, &recorded)),
        Err(Timeout::Run) => (clock.cancelled(), None),
        Err(Timeout::Stage) => failed(timed_out(connecting.get_ref(), &recorder, &recorded)),
    }
}

fn in_style(style: HelloStyle, stream: Connection, control: &RunControl) -> (CryptoProvider, RecordingStream) {
    (style.provider(), RecordingStream::editing(stream, control.transfer(), style.edit()))
}

fn config(
    provider: CryptoProvider,
    versions: Versions,
    alpn: Option<&str>,
    recorder: &Arc<Recorder>,
) -> Result<ClientConfig, rustls::Error> {
    let mut config = ClientConfig::builder_with_details(Arc::new(provider), Arc::new(Clock))
        .with_protocol_versions(versions.of_library())?
        .dangerous()
        .with_custom_certificate_verifier(recorder.clone())
        .with_client_cert_resolver(recorder.clone());
    // A resumed session would not show its certificates.
    config.resumption = Resumption::disabled();
    config.alpn_protocols = alpn.iter().map(|alpn| alpn.as_bytes().to_vec()).collect();
    Ok(config)
}

fn server_name(host: &HubHost) -> Option<ServerName<'static>> {
    match host {
        HubHost::Name(name) => ServerName::try_from(name.clone()).ok(),
        HubHost::Ip(ip) => Some(ServerName::from(*ip)),
    }
}

fn evidence(host: &HubHost, alpn: Option<&str>, recorder: &Recorder) -> TlsEvidence {
    let shown = recorder.shown();
    TlsEvidence {
        server_name: host.name().map(str::to_owned),
        alpn_offered: alpn.map(str::to_owned),
        client_certificate_requested: recorder.certificate_requested(),
        chain: shown.chain,
        chain_left_out: shown.chain_left_out,
        trust: shown.trust,
        ..TlsEvidence::default()
    }
}

fn negotiated(evidence: TlsEvidence, stream: &TlsStream<RecordingStream>) -> TlsEvidence {
    let (_, connection) = stream.get_ref();
    TlsEvidence {
        server_hello: true,
        version: connection.protocol_version().map(|version| match version {
            rustls::ProtocolVersion::TLSv1_2 => "TLS 1.2".to_owned(),
            rustls::ProtocolVersion::TLSv1_3 => "TLS 1.3".to_owned(),
            other => format!("{other:?}"),
        }),
        // rustls writes TLS 1.3 suites as `TLS13_...`, IANA as `TLS_...`.
        cipher_suite: connection
            .negotiated_cipher_suite()
            .map(|suite| format!("{:?}", suite.suite()).replacen("TLS13_", "TLS_", 1)),
        key_exchange: connection
            .negotiated_key_exchange_group()
            .map(|group| format!("{:?}", group.name()).to_lowercase()),
        alpn: connection.alpn_protocol().map(|alpn| alpn.escape_ascii().to_string()),
        ..evidence
    }
}

fn timed_out(recording: Option<&RecordingStream>, recorder: &Recorder, recorded: &Recorded) -> TlsFailure {
    let first_bytes = recorded.first_bytes();
    if is_not_tls(&first_bytes) {
        return TlsFailure::NotTls { first_bytes };
    }
    if recorder.shown().refused {
        return TlsFailure::NotAccepted;
    }
    TlsFailure::TimedOut {
        bytes_received: recorded.received(),
        acknowledged: recording
            .and_then(RecordingStream::tcp)
            .and_then(os::tcp_state)
            .map(|state| state.unacknowledged == 0),
        // What does not end a connection is kept with it (RFC 5461): where ICMP errors are read at all, that is the last of them.
        unreachable: recording
            .and_then(RecordingStream::tcp)
            .is_some_and(|stream| stream.take_error().is_ok_and(|error| error.is_some())),
    }
}

fn failure(error: &io::Error, recorder: &Recorder, recorded: &Recorded) -> TlsFailure {
    use rustls::Error as Tls;
    let (first_bytes, bytes_received) = (recorded.first_bytes(), recorded.received());
    if is_not_tls(&first_bytes) {
        return TlsFailure::NotTls { first_bytes };
    }
    // After such a chain nothing more would have been sent, however the handshake ends.
    if recorder.shown().refused {
        return TlsFailure::NotAccepted;
    }
    if Flood::of(error).is_some() {
        return TlsFailure::Flood { bytes_received };
    }
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Tls>()) {
        Some(Tls::AlertReceived(alert)) => TlsFailure::Alert { code: u8::from(*alert), name: alert_name(*alert) },
        Some(Tls::PeerIncompatible(_)) => TlsFailure::Incompatible { reason: error.to_string() },
        Some(Tls::PeerMisbehaved(PeerMisbehaved::AttemptedDowngradeToTls12WhenTls13IsSupported)) => {
            TlsFailure::Downgraded
        }
        Some(_) => TlsFailure::Invalid { reason: error.to_string() },
        None => match error.kind() {
            io::ErrorKind::UnexpectedEof => TlsFailure::Closed { bytes_received },
            io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => {
                TlsFailure::Reset { bytes_received }
            }
            // A message longer than our library takes.
            io::ErrorKind::InvalidData => TlsFailure::Flood { bytes_received },
            _ => TlsFailure::Other { message: error.to_string() },
        },
    }
}

/// A handshake record (RFC 8446, section 5.1), and the message that answers a hello (section 4).
const HANDSHAKE: u8 = 22;
const SERVER_HELLO: u8 = 2;

/// Whether what came begins with a ServerHello.
pub(crate) fn is_server_hello(flight: &[u8]) -> bool {
    flight.first() == Some(&HANDSHAKE) && flight.get(5) == Some(&SERVER_HELLO)
}

/// A TLS record begins with its type (20 to 24) and the major version 3 (RFC 8446, section 5.1).
pub(crate) fn is_not_tls(first_bytes: &FirstBytes) -> bool {
    match first_bytes.as_slice() {
        [] => false,
        [kind] => !(20..=24).contains(kind),
        [kind, version, ..] => !(20..=24).contains(kind) || *version != 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_banner_is_told_from_a_record() {
        for (bytes, not_tls) in
            [(&b""[..], false), (b"\x16", false), (b"\x15\x03\x03", false), (b"H", true), (b"\x16S", true)]
        {
            assert_eq!(is_not_tls(&FirstBytes::of(bytes)), not_tls, "{bytes:?}");
        }
    }
}
