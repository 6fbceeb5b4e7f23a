//! The WebSocket upgrade failed. Inside TLS that proves the hub no box on the path can have written the answer.

use super::{exchange::ended, identity_words};
use crate::{
    diagnosis::{
        Code, Owner,
        cause::{Cause, clipped, spoken},
        judgement::Judgement,
        scene::{Scene, is_the_hubs},
    },
    observation::{HttpResponse, Identity, UpgradeEvidence, UpgradeFailure},
    target::Protocol,
};

pub(super) fn failed(
    scene: Scene<'_>,
    failure: &UpgradeFailure,
    evidence: Option<&UpgradeEvidence>,
    duration_ms: f64,
) -> Judgement {
    let port = scene.check.port;
    match failure {
        UpgradeFailure::Refused { status } => refused(scene, *status, evidence.map(|evidence| &evidence.response)),
        UpgradeFailure::BadAccept => bad_accept(scene, "its Sec-WebSocket-Accept does not answer our key".to_owned()),
        UpgradeFailure::BadSubprotocol => {
            let asked = evidence.map_or("the protocol", |evidence| evidence.offered.as_str());
            let chosen = evidence.and_then(|evidence| evidence.subprotocol.as_deref()).unwrap_or("none");
            bad_accept(scene, format!("{asked} was asked for, and it chose the subprotocol {}", clipped(chosen)))
        }
        UpgradeFailure::NotHttp { first_bytes } => super::exchange::mismatch(
            scene,
            format!("port {port} answered the upgrade with: {}", first_bytes.readable()),
        ),
        UpgradeFailure::TooLarge => super::exchange::mismatch(
            scene,
            format!("port {port} answered the upgrade with more than 64 KiB of headers"),
        ),
        UpgradeFailure::TimedOut { bytes_received, acknowledged } => {
            super::exchange::silent(scene, "the WebSocket upgrade", *bytes_received, *acknowledged, duration_ms)
        }
        UpgradeFailure::Ended(ending) => ended(scene, ending, &spoken(duration_ms)),
    }
}

fn refused(scene: Scene<'_>, status: u16, response: Option<&HttpResponse>) -> Judgement {
    let seen = format!(
        "the upgrade on port {} was answered {}, {}",
        scene.check.port,
        described(status, response),
        identity_words(scene)
    );
    let told = |cause: Cause| cause.fact("status", status).seen(&seen);
    if status == 511 && scene.identity() != Some(Identity::Proven) {
        return Judgement::blocked("a login page answers", told(Cause::likely(Code::CaptivePortal)));
    }
    let hubs_own = response.is_some_and(|response| is_the_hubs(scene.seen.hub.kind, response));
    match scene.identity() {
        Some(Identity::Intercepted) if hubs_own || scene.answered(Protocol::Https) => {
            let cause =
                Cause::confirmed(Code::WebsocketStripped).seen("HTTPS is answered by the hub through the same gateway");
            Judgement::blocked(format!("the gateway strips the upgrade: HTTP {status}"), told(cause))
        }
        Some(Identity::Intercepted) => {
            Judgement::blocked(format!("a gateway answers: HTTP {status}"), told(Cause::likely(Code::GatewayBlockPage)))
        }
        Some(Identity::Proven) => Judgement::declined(
            format!("the hub refuses the upgrade: HTTP {status}"),
            told(Cause::confirmed(Code::WebsocketRejectedByHub)),
        ),
        _ => Judgement::declined(
            format!("the upgrade is refused: HTTP {status}"),
            told(Cause::likely(Code::WebsocketRejectedByHub)),
        ),
    }
}

fn bad_accept(scene: Scene<'_>, seen: String) -> Judgement {
    let cause = Cause::likely(Code::WebsocketBadAccept).twice_confirms();
    let seen = format!("the answer on port {} is 101, but {seen}, {}", scene.check.port, identity_words(scene));
    match scene.identity() {
        Some(Identity::Proven) => {
            Judgement::declined("101 with a wrong answer to our key or subprotocol", cause.seen(seen))
        }
        Some(Identity::Intercepted) => {
            Judgement::blocked("the gateway answers the upgrade wrongly", cause.owner(Owner::ProxyAdmin).seen(seen))
        }
        _ => Judgement::blocked("101 with a wrong answer to our key or subprotocol", cause.seen(seen)),
    }
}

/// The status, and the headers by which gateways give themselves away.
pub(super) fn described(status: u16, response: Option<&HttpResponse>) -> String {
    let telling = ["server", "via", "x-cache", "location", "iothub-errorcode"].into_iter().filter_map(|name| {
        let value = response?.header(name)?;
        Some(format!("{name}: {}", clipped(value)))
    });
    let telling: Vec<String> = telling.collect();
    if telling.is_empty() { format!("HTTP {status}") } else { format!("HTTP {status} ({})", telling.join("; ")) }
}
