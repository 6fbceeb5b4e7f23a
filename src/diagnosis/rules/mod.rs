//! The rules, one file a stage. Each looks at one attempt, and at others for comparison, and says what it comes to.

mod connect;
mod exchange;
mod identity;
pub(super) mod resolve;
mod tls;
mod upgrade;

use super::{
    judgement::{Judgement, Reach},
    scene::Scene,
};
use crate::{
    observation::{Identity, Rung},
    target::Depth,
};

/// Walks up the ladder to where the attempt ended.
pub(super) fn judge(scene: Scene<'_>) -> Judgement {
    let attempt = scene.attempt;
    match &attempt.connect {
        Rung::Failed { failure, duration_ms, .. } => return connect::failed(scene, failure, *duration_ms),
        Rung::Cancelled { duration_ms } => return cut_short("the TCP handshake", *duration_ms),
        Rung::NotReached => return Judgement::unknown("not tried"),
        Rung::Ok { .. } if scene.seen.depth == Depth::Connect => {
            return Judgement::allowed("the TCP handshake succeeded");
        }
        Rung::Ok { .. } => {}
    }
    match &attempt.tls {
        Rung::Failed { failure, duration_ms, .. } => return tls::failed(scene, failure, *duration_ms),
        Rung::Cancelled { duration_ms } => return cut_short("the TLS handshake", *duration_ms),
        Rung::NotReached => return Judgement::unknown("not tried beyond the TCP handshake"),
        Rung::Ok { .. } => {}
    }
    judge_by_identity(scene, inside_tls(scene))
}

fn inside_tls(scene: Scene<'_>) -> Judgement {
    if scene.seen.depth == Depth::Tls {
        return Judgement::allowed(tls::version(scene));
    }
    match &scene.attempt.upgrade {
        Some(Rung::Failed { failure, duration_ms, evidence }) => {
            return upgrade::failed(scene, failure, evidence.as_ref(), *duration_ms);
        }
        Some(Rung::Cancelled { duration_ms }) => return cut_short("the answer to the WebSocket upgrade", *duration_ms),
        Some(Rung::NotReached) => return Judgement::unknown("not tried beyond the TLS handshake"),
        Some(Rung::Ok { .. }) | None => {}
    }
    match &scene.attempt.exchange {
        Rung::Ok { evidence, .. } => exchange::answered(scene, evidence),
        Rung::Failed { failure, duration_ms, .. } => exchange::failed(scene, failure, *duration_ms),
        Rung::Cancelled { duration_ms } => cut_short("the hub's answer", *duration_ms),
        Rung::NotReached => Judgement::unknown("not tried beyond the TLS handshake"),
    }
}

/// What the peer's identity adds to, or takes from, what it answered.
fn judge_by_identity(scene: Scene<'_>, judgement: Judgement) -> Judgement {
    match scene.identity() {
        Some(Identity::Intercepted) => {
            let cause = identity::intercepted(scene, judgement.reach == Reach::Allowed);
            judgement.with(cause)
        }
        // The hub, which this device will not accept: whatever it answered to us, the device hears nothing of it.
        Some(Identity::UntrustedHere) => {
            Judgement::blocked("this device lacks the hub's root certificate", identity::missing_root(scene))
        }
        _ => judgement,
    }
}

/// How far the peer is known to be the hub, as the end of a sentence.
fn identity_words(scene: Scene<'_>) -> &'static str {
    match scene.identity() {
        Some(Identity::Proven) => "inside TLS that proves the hub",
        Some(Identity::Trusted) => "inside TLS that this device trusts (the hub's own roots are not known)",
        Some(Identity::Intercepted) => "inside intercepted TLS",
        Some(Identity::UntrustedHere) => "inside the hub's genuine TLS, which this device does not trust",
        _ => "inside TLS that proves nobody",
    }
}

fn cut_short(waiting_for: &str, duration_ms: f64) -> Judgement {
    Judgement::unknown(format!("cut short after waiting {} for {waiting_for}", super::cause::spoken(duration_ms)))
}
