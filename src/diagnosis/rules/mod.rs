//! The rules, one file a stage. Each looks at one attempt, and at others for comparison, and says what it comes to.

mod exchange;
mod hello;
mod identity;
mod portal;
pub(super) mod resolve;
mod tls;
mod upgrade;
mod validity;

use super::{
    Code, Severity, causes,
    judgement::{Judgement, Reach},
    scene::Scene,
};
use crate::{
    observation::{ConnectFailure, Identity, Rung, TlsFailure},
    target::Depth,
};

/// Walks up the ladder to where the attempt ended.
pub(super) fn judge(scene: Scene<'_>) -> Judgement {
    let judgement = causes::of_attempt(scene).unwrap_or_else(|| climbed(scene));
    causes::amend(scene, judgement)
}

fn climbed(scene: Scene<'_>) -> Judgement {
    match &scene.attempt.connect {
        Rung::Failed { failure, .. } => not_tried(failure),
        Rung::Cancelled { duration_ms } => cut_short("the TCP handshake", *duration_ms),
        Rung::NotReached => Judgement::unknown("not tried"),
        Rung::Ok { .. } if scene.seen.depth == Depth::Connect => Judgement::allowed("the TCP handshake succeeded"),
        Rung::Ok { .. } => resolve::by_wildcard(scene, portal::by_clear_answer(scene, over_tcp(scene))),
    }
}

/// Failures that say nothing of the network.
fn not_tried(failure: &ConnectFailure) -> Judgement {
    match failure {
        ConnectFailure::NoResources { message } => {
            Judgement::unknown(format!("this machine lacks a resource: {message}"))
        }
        ConnectFailure::Other { message } => Judgement::unknown(format!("connecting failed: {message}")),
        _ => Judgement::unknown("connecting failed"),
    }
}

fn over_tcp(scene: Scene<'_>) -> Judgement {
    match &scene.attempt.tls {
        Rung::Failed { failure: TlsFailure::NotAccepted, .. } => identity::not_accepted(scene),
        Rung::Failed { failure, duration_ms, .. } => by_identity(scene, tls::failed(scene, failure, *duration_ms)),
        Rung::Cancelled { duration_ms } => cut_short("the TLS handshake", *duration_ms),
        Rung::NotReached => Judgement::unknown("not tried beyond the TCP handshake"),
        // A probe goes no further with such a peer; a file may say that it did.
        Rung::Ok { .. } if !scene.identity().is_some_and(Identity::goes_on) => identity::not_accepted(scene),
        Rung::Ok { .. } => hello::with_large_hello(scene, by_identity(scene, inside_tls(scene))),
    }
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
fn by_identity(scene: Scene<'_>, judgement: Judgement) -> Judgement {
    match scene.identity() {
        Some(Identity::Intercepted) => behind_interception(scene, judgement),
        // The hub, which this device will not accept: whatever it answered to us, the device hears nothing of it.
        Some(Identity::UntrustedHere) => {
            Judgement::blocked("this device lacks the hub's root certificate", identity::missing_root(scene))
        }
        _ => judgement,
    }
}

/// Interception is the root of whatever goes wrong behind it: the box that opened TLS wrote, or let pass, every byte. The
/// hub's exemption from inspection is what to try first.
fn behind_interception(scene: Scene<'_>, judgement: Judgement) -> Judgement {
    let severity = match judgement.reach {
        Reach::Allowed | Reach::Unknown | Reach::NoRoute => Severity::Warning,
        Reach::Blocked | Reach::Declined => Severity::Error,
    };
    let causes = judgement.causes.into_iter().map(|cause| match cause.severity {
        Severity::Info => cause,
        Severity::Error | Severity::Warning => cause.following(Code::TlsIntercepted),
    });
    Judgement { causes: causes.collect(), ..judgement }.with(identity::intercepted(scene).severity(severity))
}

fn cut_short(waiting_for: &str, duration_ms: f64) -> Judgement {
    Judgement::unknown(format!("cut short after waiting {} for {waiting_for}", super::text::spoken(duration_ms)))
}
