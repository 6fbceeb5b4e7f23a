//! The TLS handshake failed, for another reason than the peer's identity.

use super::hello;
use crate::{
    diagnosis::{
        Code,
        hellos::{Names, Segments, Versions},
        judgement::Judgement,
        occurrence::Occurrence,
        scene::Scene,
        text::{clipped, spoken},
    },
    observation::{FirstBytes, TlsFailure},
};

/// Alert numbers of RFC 8446, section 6.
const HANDSHAKE_FAILURE: u8 = 40;
const BAD_CERTIFICATE: u8 = 42;
const PROTOCOL_VERSION: u8 = 70;
const INSUFFICIENT_SECURITY: u8 = 71;
const CERTIFICATE_REQUIRED: u8 = 116;

/// How much of what answers in TLS's place tells one answerer from another, in characters.
const TELLING: usize = 32;

/// The version negotiated, for summaries.
pub(super) fn version(scene: Scene<'_>) -> String {
    let version = scene.tls().and_then(|tls| tls.version.as_deref()).filter(|version| !version.is_empty());
    version.map_or_else(|| "TLS".to_owned(), clipped)
}

/// What is to be said of a verified peer that insists on a client certificate; `None` where the alert is about something
/// else, or where an interceptor may have sent it.
pub(super) fn wants_certificate(scene: Scene<'_>, alert: u8) -> Option<Judgement> {
    let about_certificates = matches!(alert, HANDSHAKE_FAILURE | BAD_CERTIFICATE | CERTIFICATE_REQUIRED);
    (about_certificates && scene.is_verified() && scene.wants_certificate()).then(|| {
        let cause = Occurrence::confirmed(Code::ClientCertificateRequired)
            .seen("the verified peer asked for a client certificate and, shown none, ended the connection by an alert");
        Judgement::allowed(format!("{}, hub wants a client certificate", version(scene))).with(cause)
    })
}

pub(super) fn failed(scene: Scene<'_>, failure: &TlsFailure, duration_ms: f64) -> Judgement {
    let took = spoken(duration_ms);
    let judgement = match failure {
        TlsFailure::TimedOut { bytes_received, acknowledged } => {
            timed_out(scene, *bytes_received, *acknowledged, &took)
        }
        TlsFailure::Closed { bytes_received } => cut(scene, "closed", *bytes_received, &took),
        TlsFailure::Reset { bytes_received } => cut(scene, "reset", *bytes_received, &took),
        TlsFailure::NotTls { first_bytes } => return not_tls(scene, first_bytes),
        TlsFailure::Alert { code, name } => alert(scene, *code, name),
        TlsFailure::Incompatible { reason } => Judgement::blocked(
            "no TLS version or suite in common",
            hello::versions(scene, Occurrence::likely(Code::TlsVersionUnsupported))
                .seen(format!("our TLS library: {}", clipped(reason))),
        ),
        TlsFailure::Invalid { .. } if shows_anothers_certificate(scene) => Judgement::blocked(
            "what answers does not hold the key of its certificate",
            Occurrence::possible(Code::TlsIntercepted, &[Code::NotTls])
                .titled("What answers on TCP {ports} shows a certificate whose key it does not hold")
                .mended_by(
                    "Find what answers in the place of {host}: it shows a certificate that is not its own. Nothing was sent \
                     to it.",
                )
                .seen(format!(
                    "the certificate shown on port {} is followed by a signature that its key did not make",
                    scene.check.port
                )),
        ),
        // It begins like TLS and is wrong further on: a poor imitation, or an inspecting box's mistake.
        TlsFailure::Invalid { reason } => Judgement::blocked(
            "what answers breaks the TLS protocol",
            Occurrence::possible(Code::NotTls, &[Code::TlsIntercepted])
                .titled("What answers on TCP {ports} does not speak TLS as it should")
                .seen(format!("the answer on port {} breaks the TLS protocol: {}", scene.check.port, clipped(reason))),
        ),
        // So is one that never comes to an end.
        TlsFailure::Flood { bytes_received } => Judgement::blocked(
            "what answers never ends the TLS handshake",
            Occurrence::possible(Code::NotTls, &[Code::TlsIntercepted])
                .titled("What answers on TCP {ports} does not speak TLS as it should")
                .seen(format!(
                    "{bytes_received} bytes came on port {}, and the handshake did not end",
                    scene.check.port
                )),
        ),
        TlsFailure::NotAccepted => Judgement::unknown("the peer's certificate was refused"),
        TlsFailure::Other { message } => Judgement::unknown(format!("TLS could not be tried: {message}")),
    };
    hello::compared(scene, failure, judgement)
}

/// Whether the peer's signature is not that of the certificate that it shows, which anybody can show.
fn shows_anothers_certificate(scene: Scene<'_>) -> bool {
    scene.trust().is_some_and(|trust| trust.signature_verified == Some(false))
}

/// Silence on our hello: whether it arrived, whether anything came back, and whether another name or smaller segments
/// change that.
fn timed_out(scene: Scene<'_>, bytes_received: u64, acknowledged: Option<bool>, took: &str) -> Judgement {
    let port = scene.check.port;
    let segments = scene.segments_compared();
    if let Segments::Cure(mss) = segments {
        let came = match bytes_received {
            0 => "not a byte".to_owned(),
            some => format!("{some} bytes"),
        };
        let cause = Occurrence::confirmed(Code::PathMtuBlackhole)
            .detail("mss", mss)
            .seen(format!("of the answer on port {port} {came} came in {took}"))
            .seen(format!("with segments of at most {mss} bytes the whole answer comes"));
        return Judgement::blocked(format!("large packets are lost: works with segments of {mss} bytes"), cause);
    }
    let no_cure = |cause: Occurrence| match segments {
        Segments::NoCure => {
            hello::without(Code::PathMtuBlackhole, cause).seen("smaller segments, down to 536 bytes, do not mend it")
        }
        _ => cause,
    };
    match (bytes_received, acknowledged) {
        (0, Some(false)) => {
            let whatever_the_name = matches!(scene.names_compared(), Names::Alike | Names::NoneSent);
            let proved = segments == Segments::NoCure && whatever_the_name;
            let cause = match proved {
                true => Occurrence::confirmed(Code::ClientHelloDropped),
                false => Occurrence::possible(Code::ClientHelloDropped, &[Code::SniFilter, Code::TransparentProxy]),
            };
            Judgement::blocked(
                format!("TLS stalls: our first message is not acknowledged in {took}"),
                no_cure(cause)
                    .seen(format!("the ClientHello to port {port} is retransmitted and not acknowledged in {took}")),
            )
        }
        (0, acknowledged) => {
            let alternatives = [Code::SniFilter, Code::PathMtuBlackhole, Code::TransparentProxy];
            let cause = no_cure(Occurrence::possible(Code::TlsSilent, &alternatives));
            let (cause, arrived) = match acknowledged {
                Some(_) => (cause, "was acknowledged"),
                None => (cause.or(Code::ClientHelloDropped), "was sent (this system does not tell whether it arrived)"),
            };
            Judgement::blocked(
                format!("TLS stalls: no answer to our first message in {took}"),
                cause.seen(format!("the ClientHello to port {port} {arrived}, and not a byte came back in {took}")),
            )
        }
        (some, _) => Judgement::blocked(
            format!("TLS stalls halfway: {some} bytes in {took}"),
            no_cure(Occurrence::possible(Code::TlsSilent, &[Code::PathMtuBlackhole]))
                .titled("TLS on TCP {ports} stalls halfway: an answer begins and does not go on")
                .seen(format!("{some} bytes of the handshake came on port {port}, then no more in {took}")),
        ),
    }
}

fn cut(scene: Scene<'_>, how: &str, bytes_received: u64, took: &str) -> Judgement {
    let port = scene.check.port;
    let cause = Occurrence::possible(Code::TlsReset, &[Code::SniFilter])
        .seen(format!("the connection to port {port} was {how} {took} into TLS, after {bytes_received} bytes"));
    let cause = match scene.wants_certificate() {
        true => cause.or(Code::ClientCertificateRequired).seen("the peer had asked for a client certificate"),
        false => cause,
    };
    let when = if bytes_received == 0 { "as soon as TLS begins" } else { "in the middle of TLS" };
    Judgement::blocked(format!("{how} {when}"), cause)
}

fn not_tls(scene: Scene<'_>, first_bytes: &FirstBytes) -> Judgement {
    let seen = format!("port {} answered a TLS hello with: {}", scene.check.port, first_bytes.readable());
    let begins = first_line(first_bytes);
    match clear_http(first_bytes) {
        // 511 is made for portals (RFC 6585, section 6): with clear HTTP on a TLS port it is the second sign.
        Some(511) => Judgement::blocked("a login page answers", Occurrence::confirmed(Code::CaptivePortal).seen(seen)),
        // The hub's own server, met in clear, sends to https on the same host: that is no portal's doing.
        Some(200 | 301 | 302 | 303 | 307 | 308) if !sends_to_https(first_bytes, &scene.seen.hub.host) => {
            Judgement::blocked(
                "a page in clear answers, perhaps to sign in",
                Occurrence::likely(Code::CaptivePortal).seen(seen),
            )
        }
        _ => Judgement::blocked(
            "what answers does not speak TLS",
            Occurrence::likely(Code::NotTls).twice_confirms().fact("begins", begins).seen(seen),
        ),
    }
}

/// The status of an HTTP/1.x answer in clear; a bare page counts as 200.
fn clear_http(first_bytes: &FirstBytes) -> Option<u16> {
    if !first_bytes.look_like_http() {
        return None;
    }
    let text = first_bytes.readable();
    match text.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("HTTP/")) {
        true => text.split_ascii_whitespace().nth(1).and_then(|status| status.get(..3)?.parse().ok()),
        false => Some(200),
    }
}

fn sends_to_https(first_bytes: &FirstBytes, host: &str) -> bool {
    first_bytes.readable().to_ascii_lowercase().contains(&format!("location: https://{}", host.to_ascii_lowercase()))
}

fn first_line(first_bytes: &FirstBytes) -> String {
    let bytes = first_bytes.as_slice();
    let line = bytes.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
    FirstBytes::of(line).readable().chars().take(TELLING).collect()
}

fn alert(scene: Scene<'_>, code: u8, name: &str) -> Judgement {
    if let Some(judgement) = wants_certificate(scene, code) {
        return judgement;
    }
    let before_the_certificate = scene.tls().is_none_or(|tls| tls.chain.is_empty());
    let whatever_the_name = matches!(scene.names_compared(), Names::Alike | Names::NoneSent);
    let unsupported = Occurrence::likely(Code::TlsVersionUnsupported);
    let cause = match code {
        PROTOCOL_VERSION | INSUFFICIENT_SECURITY if whatever_the_name => hello::versions(scene, unsupported),
        PROTOCOL_VERSION | INSUFFICIENT_SECURITY => unsupported,
        // Whatever the name, and each version alone: it is about versions or suites.
        HANDSHAKE_FAILURE
            if before_the_certificate && whatever_the_name && scene.versions_compared() == Versions::BothRefused =>
        {
            hello::versions(scene, unsupported)
        }
        HANDSHAKE_FAILURE if before_the_certificate => {
            Occurrence::possible(Code::TlsAlert, &[Code::TlsVersionUnsupported, Code::SniFilter])
        }
        _ if before_the_certificate => Occurrence::possible(Code::TlsAlert, &[Code::SniFilter]),
        _ => Occurrence::possible(Code::TlsAlert, &[Code::ClientCertificateRequired]),
    };
    let name = clipped(name);
    let seen = format!("port {} sent the TLS alert {name} ({code})", scene.check.port);
    Judgement::blocked(format!("TLS refused: alert {name}"), cause.fact("alert", name).seen(seen))
}
