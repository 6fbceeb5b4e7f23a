//! The WebSocket upgrade failed. Inside TLS that proves the hub no box on the path can have written the answer.

use super::{
    exchange::{ended, login_refused, mismatch, silent},
    tls,
};
use crate::{
    diagnosis::{
        Code, Owner,
        judgement::Judgement,
        occurrence::Occurrence,
        phrases::{answer, identity},
        scene::{Scene, is_the_hubs},
        text::{clipped, spoken},
    },
    observation::{HttpResponse, Identity, Stage, UpgradeEvidence, UpgradeFailure},
    target::Protocol,
};

pub(super) fn failed(
    scene: Scene<'_>,
    failure: &UpgradeFailure,
    evidence: Option<&UpgradeEvidence>,
    duration_ms: f64,
) -> Judgement {
    let stage = Stage::Upgrade;
    match failure {
        UpgradeFailure::Refused { status } => refused(scene, *status, evidence.map(|evidence| &evidence.response)),
        UpgradeFailure::BadAccept => bad_accept(scene, "accept", "its Sec-WebSocket-Accept does not answer our key"),
        UpgradeFailure::BadSubprotocol => {
            let asked = evidence.map_or("the protocol", |evidence| evidence.offered.as_str());
            let chosen = evidence.and_then(|evidence| evidence.subprotocol.as_deref()).unwrap_or("none");
            let seen = format!("{} was asked for, and it chose the subprotocol {}", clipped(asked), clipped(chosen));
            bad_accept(scene, "subprotocol", &seen)
        }
        UpgradeFailure::NotHttp { first_bytes } => mismatch(scene, stage, "the upgrade", &first_bytes.readable()),
        UpgradeFailure::TooLarge => mismatch(scene, stage, "the upgrade", "more than 64 KiB of headers"),
        UpgradeFailure::TimedOut { bytes_received, acknowledged } => {
            silent(scene, stage, *bytes_received, *acknowledged, duration_ms)
        }
        UpgradeFailure::Ended(ending) => ended(scene, stage, ending, &spoken(duration_ms)),
    }
}

fn refused(scene: Scene<'_>, status: u16, response: Option<&HttpResponse>) -> Judgement {
    let port = scene.check.port;
    let answered = answer(status, response);
    let seen = format!("the upgrade on port {port} was answered {answered}, {}", identity(scene));
    let told = |cause: Occurrence| cause.fact("status", status).seen(&seen);
    let hubs_own = response.is_some_and(|response| is_the_hubs(scene.seen.hub.kind, response));
    let by_signature = scene.seen.hub.kind.facts().login_by_certificate && matches!(status, 401 | 403);
    match scene.identity() {
        // Where the login is part of the upgrade, its refusal is the hub's answer.
        Some(Identity::Proven) if by_signature => {
            Judgement::allowed(format!("{}, hub answered {status}", tls::version(scene)))
                .with(login_refused(&format!("HTTP {status} to the upgrade")).at(Stage::Upgrade))
        }
        Some(Identity::Proven) => Judgement::declined(
            format!("the hub refuses the upgrade: HTTP {status}"),
            told(Occurrence::confirmed(Code::WebsocketRejectedByHub)),
        ),
        // Made for portals (RFC 6585, section 6).
        _ if status == 511 => Judgement::blocked("a login page answers", told(Occurrence::likely(Code::CaptivePortal))),
        Some(Identity::Intercepted) => refused_behind_interception(scene, status, hubs_own, told),
        _ => {
            let cause = match (status, hubs_own) {
                (403 | 451 | 503, false) => {
                    Occurrence::possible(Code::WebsocketRejectedByHub, &[Code::GatewayBlockPage])
                }
                _ => Occurrence::likely(Code::WebsocketRejectedByHub),
            };
            Judgement::declined(format!("the upgrade is refused: HTTP {status}"), told(cause))
        }
    }
}

/// Whether the gateway blocks the hub or only WebSocket shows in what becomes of plain HTTPS.
fn refused_behind_interception(
    scene: Scene<'_>,
    status: u16,
    hubs_own: bool,
    told: impl Fn(Occurrence) -> Occurrence,
) -> Judgement {
    let passes = "plain HTTPS to the hub is answered by the hub through the same gateway";
    let stripped = format!("the gateway strips the upgrade: HTTP {status}");
    if hubs_own {
        // The request reached the hub, without its upgrade or with one that the hub does not want.
        let cause = Occurrence::possible(Code::WebsocketStripped, &[Code::WebsocketRejectedByHub]);
        return Judgement::blocked(stripped, told(cause.seen("the answer carries the hub's own error code")));
    }
    if scene.answered(Protocol::Https) {
        return Judgement::blocked(stripped, told(Occurrence::confirmed(Code::WebsocketStripped).seen(passes)));
    }
    let cause = match scene.tried(Protocol::Https) {
        true => Occurrence::likely(Code::GatewayBlockPage),
        false => Occurrence::possible(Code::GatewayBlockPage, &[Code::WebsocketStripped]),
    };
    Judgement::blocked(format!("a gateway answers: HTTP {status}"), told(cause))
}

fn bad_accept(scene: Scene<'_>, wrong: &str, seen: &str) -> Judgement {
    let port = scene.check.port;
    let cause = Occurrence::likely(Code::WebsocketBadAccept)
        .twice_confirms()
        .fact("wrong", wrong)
        .seen(format!("the answer on port {port} is 101, but {seen}, {}", identity(scene)));
    let words = format!("101 with a wrong {}", if wrong == "accept" { "Sec-WebSocket-Accept" } else { wrong });
    match scene.identity() {
        Some(Identity::Proven) => Judgement::declined(words, cause),
        Some(Identity::Intercepted) => Judgement::blocked(words, cause.owner(Owner::ProxyAdmin)),
        _ => Judgement::blocked(words, cause),
    }
}
