//! The TLS handshake failed.

use super::identity;
use crate::{
    diagnosis::{
        Code, Owner,
        cause::{Cause, clipped, spoken},
        judgement::Judgement,
        scene::Scene,
    },
    observation::{FirstBytes, Identity, TlsFailure},
};

/// Alert numbers of RFC 8446, section 6.
const HANDSHAKE_FAILURE: u8 = 40;
const BAD_CERTIFICATE: u8 = 42;
const PROTOCOL_VERSION: u8 = 70;
const INSUFFICIENT_SECURITY: u8 = 71;
const CERTIFICATE_REQUIRED: u8 = 116;

/// The version negotiated, for summaries.
pub(super) fn version(scene: Scene<'_>) -> String {
    scene.tls().and_then(|tls| tls.version.clone()).unwrap_or_else(|| "TLS".to_owned())
}

/// What is to be said of a peer that insists on a client certificate; `None` where the alert is about something else.
pub(super) fn wants_certificate(scene: Scene<'_>, alert: u8) -> Option<Judgement> {
    let about_certificates = matches!(alert, HANDSHAKE_FAILURE | BAD_CERTIFICATE | CERTIFICATE_REQUIRED);
    let verified = scene.identity().is_some_and(Identity::goes_on);
    (about_certificates && verified && scene.wants_certificate()).then(|| {
        let cause = Cause::confirmed(Code::ClientCertificateRequired)
            .seen("the peer asked for a client certificate and, shown none, ended the handshake by an alert");
        Judgement::allowed(format!("{}, hub wants a client certificate", version(scene))).with(cause)
    })
}

pub(super) fn failed(scene: Scene<'_>, failure: &TlsFailure, duration_ms: f64) -> Judgement {
    let port = scene.check.port;
    let took = spoken(duration_ms);
    match failure {
        TlsFailure::NotAccepted => identity::not_accepted(scene),
        TlsFailure::TimedOut { bytes_received: 0, acknowledged: Some(false) } => Judgement::blocked(
            "TLS stalls: our first message is not acknowledged",
            Cause::possible(Code::ClientHelloDropped, &[Code::SniFilter, Code::TransparentProxy])
                .seen(format!("the ClientHello to port {port} is retransmitted and not acknowledged in {took}")),
        ),
        TlsFailure::TimedOut { bytes_received: 0, .. } => Judgement::blocked(
            "TLS stalls: no answer to our first message",
            Cause::possible(Code::TlsSilent, &[Code::SniFilter, Code::PathMtuBlackhole, Code::TransparentProxy])
                .seen(format!("the ClientHello to port {port} was sent, and not a byte came back in {took}")),
        ),
        TlsFailure::TimedOut { bytes_received, .. } => Judgement::blocked(
            "TLS stalls halfway",
            Cause::possible(Code::TlsSilent, &[Code::PathMtuBlackhole])
                .seen(format!("{bytes_received} bytes of the handshake came on port {port}, then no more in {took}")),
        ),
        TlsFailure::Closed { bytes_received } => cut(scene, "closed", *bytes_received, &took),
        TlsFailure::Reset { bytes_received } => cut(scene, "reset", *bytes_received, &took),
        TlsFailure::NotTls { first_bytes } => not_tls(port, first_bytes),
        TlsFailure::Alert { code, name } => alert(scene, *code, name),
        TlsFailure::Incompatible { reason } => Judgement::blocked(
            "no TLS version or suite in common",
            Cause::likely(Code::TlsVersionUnsupported).seen(format!("our TLS library: {}", clipped(reason))),
        ),
        TlsFailure::Invalid { reason } => Judgement::blocked(
            "the TLS handshake is broken",
            Cause::possible(Code::TlsReset, &[Code::NotTls, Code::TlsIntercepted])
                .seen(format!("the answer on port {port} breaks the TLS protocol: {}", clipped(reason))),
        ),
        TlsFailure::Other { message } => Judgement::unknown(format!("TLS could not be tried: {}", clipped(message))),
    }
}

fn cut(scene: Scene<'_>, how: &str, bytes_received: u64, took: &str) -> Judgement {
    let seen =
        format!("the connection to port {} was {how} {took} into TLS, after {bytes_received} bytes", scene.check.port);
    let cause = Cause::possible(Code::TlsReset, &[Code::SniFilter]).seen(seen);
    Judgement::blocked(format!("{how} as soon as TLS begins"), cause)
}

fn not_tls(port: u16, first_bytes: &FirstBytes) -> Judgement {
    let seen = format!("port {port} answered a TLS hello with: {}", first_bytes.readable());
    match clear_http_status(first_bytes) {
        // 511 is made for portals (RFC 6585, section 6): with clear HTTP on a TLS port it is the second sign.
        Some(511) => Judgement::blocked(
            "a login page answers",
            Cause::confirmed(Code::CaptivePortal).owner(Owner::Operator).seen(seen),
        ),
        Some(200 | 301 | 302 | 303 | 307 | 308) => Judgement::blocked(
            "a page in clear answers, perhaps to sign in",
            Cause::likely(Code::CaptivePortal).seen(seen),
        ),
        _ => Judgement::blocked(
            "what answers does not speak TLS",
            Cause::likely(Code::NotTls).twice_confirms().seen(seen),
        ),
    }
}

/// The status of `HTTP/1.1 302 Found`.
fn clear_http_status(first_bytes: &FirstBytes) -> Option<u16> {
    let line = std::str::from_utf8(first_bytes.as_slice().get(..12)?).ok()?;
    line.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..)).and_then(|status| status.parse().ok())
}

fn alert(scene: Scene<'_>, code: u8, name: &str) -> Judgement {
    if let Some(judgement) = wants_certificate(scene, code) {
        return judgement;
    }
    let before_the_certificate = scene.tls().is_none_or(|tls| tls.chain.is_empty());
    let seen = format!("port {} sent the TLS alert {name} ({code})", scene.check.port);
    let cause = match code {
        PROTOCOL_VERSION | INSUFFICIENT_SECURITY => Cause::likely(Code::TlsVersionUnsupported),
        HANDSHAKE_FAILURE if before_the_certificate => {
            Cause::possible(Code::TlsAlert, &[Code::TlsVersionUnsupported, Code::SniFilter])
        }
        _ if before_the_certificate => Cause::possible(Code::TlsAlert, &[Code::SniFilter]),
        _ => Cause::possible(Code::TlsAlert, &[Code::ClientCertificateRequired]),
    };
    Judgement::blocked(format!("TLS refused: alert {name}"), cause.fact("alert", name).seen(seen))
}
