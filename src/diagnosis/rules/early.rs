//! The TCP handshake was completed before the hub: a fact, and a fault only where nothing comes behind it.

use super::words::hops;
use crate::{
    diagnosis::{
        Code, Confidence, Severity,
        cause::Cause,
        judgement::{Judgement, Reach},
        place::{self, Early},
        scene::Scene,
    },
    observation::{Path, TlsFailure, kind},
};

/// Adds that a box on the path completes the handshakes of this port, where paths were traced for another reason.
pub(super) fn by_early_handshake(scene: Scene<'_>, judgement: Judgement) -> Judgement {
    let (address, port) = (scene.attempt.address, scene.check.port);
    let paths: Vec<&Path> = scene.seen.facts::<kind::Path>().collect();
    let Some(Early { location, because }) = place::early(&paths, address, port) else {
        return match place::answers_from_the_hub(&paths, address, port) {
            true => ruled_out(judgement, port),
            false => judgement,
        };
    };
    let hop = location.hop;
    let cause = Cause::confirmed(Code::TransparentProxy)
        .seen(format!(
            "SYNs to {address} port {port} that may take {} are answered with a handshake; {because}",
            hops(hop)
        ))
        .located(Some(location));
    let unexplained = !judgement.causes.iter().any(|cause| cause.confidence == Confidence::Confirmed);
    if judgement.reach == Reach::Blocked && unexplained && is_mute(scene) {
        // What the rules for TLS suspect of the path behind the box is the box's to explain.
        let suspected = judgement.causes.into_iter().flat_map(|cause| cause.evidence);
        let cause = suspected.fold(cause.severity(Severity::Error), Cause::seen);
        let cause = cause
            .titled("A box on the path completes the TCP handshake on {ports} in the hub's place, and TLS never comes");
        return Judgement::blocked(format!("connected at hop {hop}, not by the hub, and TLS never comes"), cause);
    }
    judgement.with(cause)
}

fn ruled_out(judgement: Judgement, port: u16) -> Judgement {
    let causes = judgement.causes.into_iter().map(|cause| match cause.alternatives.as_slice() {
        // Something else must remain possible.
        [_, _, ..] if cause.alternatives.contains(&Code::TransparentProxy) => cause
            .not(Code::TransparentProxy)
            .seen(format!("the handshake on port {port} is completed as far away as those of another port")),
        _ => cause,
    });
    Judgement { causes: causes.collect(), ..judgement }
}

fn is_mute(scene: Scene<'_>) -> bool {
    matches!(
        scene.attempt.tls.failure(),
        Some(
            TlsFailure::TimedOut { bytes_received: 0, .. }
                | TlsFailure::Closed { bytes_received: 0 }
                | TlsFailure::Reset { bytes_received: 0 }
        )
    )
}
