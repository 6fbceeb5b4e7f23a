//! What hellos that differ in one thing add to how the handshake failed, or to how it went well.

use super::super::phrases;
use crate::{
    diagnosis::{
        Code, Confidence, Location,
        hellos::{Names, Segments, Versions},
        judgement::{Judgement, Reach},
        occurrence::Occurrence,
        place,
        scene::Scene,
        text::clipped,
    },
    observation::{Path, TlsFailure, kind},
};

/// Alert numbers of RFC 6066, section 9, and RFC 7301, section 3.2: a server's own words for a name, or an application
/// protocol, that it does not serve.
const UNRECOGNIZED_NAME: u8 = 112;
const NO_APPLICATION_PROTOCOL: u8 = 120;

/// Whether it is the hub's name or the application protocol that is stopped, where such were compared.
pub(super) fn compared(scene: Scene<'_>, failure: &TlsFailure, judgement: Judgement) -> Judgement {
    // What smaller segments mend is nobody's filter.
    let explained = judgement.causes.iter().any(|cause| cause.code() == Code::PathMtuBlackhole);
    if explained || judgement.reach != Reach::Blocked {
        return judgement;
    }
    by_alpn(scene, failure, by_name(scene, failure, judgement))
}

fn by_name(scene: Scene<'_>, failure: &TlsFailure, judgement: Judgement) -> Judgement {
    match scene.names_compared() {
        Names::OnlyTheHubs(times) => only_the_hubs(scene, failure, judgement, times),
        Names::AnyName => judgement.explained(|cause| {
            cause.seen(
                "the same hello without a name is answered at the same moment; with another name it fares like with the \
                 hub's: whatever stops it knows neither, which may be the server itself",
            )
        }),
        Names::Alike => judgement.explained(|cause| {
            without(Code::SniFilter, cause).seen("another name in the hello, and none at all, fares no better")
        }),
        Names::NoneSent => judgement.explained(|cause| without(Code::SniFilter, cause)),
        Names::Unlike => judgement.explained(|cause| {
            cause.seen("with another name in the hello, or none, the answer is another, but no ServerHello either")
        }),
        Names::NotKnown => judgement,
    }
}

fn only_the_hubs(scene: Scene<'_>, failure: &TlsFailure, judgement: Judgement, times: usize) -> Judgement {
    let seen = format!(
        "the same address and port answers another name with a ServerHello at the same moment, and never the hub's (tried \
         {times} times each)"
    );
    // A server that does not know the name says so itself.
    if matches!(failure, TlsFailure::Alert { code: UNRECOGNIZED_NAME, .. }) {
        return judgement.explained(|cause| cause.seen(&seen));
    }
    let silent = matches!(failure, TlsFailure::TimedOut { acknowledged, .. } if *acknowledged != Some(false));
    let cause = match times {
        // The other name's certificate may be the smaller one.
        _ if silent && scene.segments_compared() == Segments::NotKnown => {
            Occurrence::likelier_than(Code::SniFilter, Code::PathMtuBlackhole)
        }
        2.. => Occurrence::confirmed(Code::SniFilter),
        _ => Occurrence::likely(Code::SniFilter),
    };
    let summary = format!("stopped by the hub's name: {}", judgement.summary);
    let cause = told(cause, judgement).seen(seen);
    let paths: Vec<&Path> = scene.seen.facts::<kind::Path>().collect();
    match scene.shown::<kind::HelloPath>().and_then(|hellos| place::name_filter(hellos, &paths)) {
        Some(location) => stopped_at(scene, location, cause),
        None => Judgement::blocked(summary, cause),
    }
}

fn stopped_at(scene: Scene<'_>, location: Location, cause: Occurrence) -> Judgement {
    let sight = format!(
        "hellos to port {} with the hub's name that may take only a few hops get no further than hop {}, those with another \
         name do",
        scene.check.port, location.hop
    );
    let cause = cause.seen(sight);
    let cause = match place::is_clear_of_the_hub(Some(&location)) {
        true => cause.mended_by("Exempt {host} from the rule that stops TLS on TCP {ports} by its name, at {place}."),
        false => cause.mended_by(
            "Exempt {host} from the rule that stops TLS on TCP {ports} by its name, at {place}. So near the hub its own edge \
             may be what stops it: ask the hub's owner too.",
        ),
    };
    let summary = format!("stopped by the hub's name at {}", phrases::place(&location));
    Judgement::blocked(summary, cause.located(Some(location)))
}

/// With an alternative ruled out. What remains beside any silence or cut is a box that takes every connection, and then
/// cannot make its own.
pub(super) fn without(ruled_out: Code, cause: Occurrence) -> Occurrence {
    match cause.not(ruled_out) {
        cause if cause.confidence() == Confidence::Possible && cause.alternatives.is_empty() => {
            cause.or(Code::TransparentProxy)
        }
        cause => cause,
    }
}

fn by_alpn(scene: Scene<'_>, failure: &TlsFailure, judgement: Judgement) -> Judgement {
    let Some((alpn, times)) = scene.only_this_alpn_fails() else { return judgement };
    let seen = format!(
        "the same hello with another application protocol, or none, is answered at the same moment, and never the one with \
         {} (tried {times} times)",
        clipped(alpn)
    );
    // A server that does not serve it says so itself.
    if matches!(failure, TlsFailure::Alert { code: NO_APPLICATION_PROTOCOL, .. }) {
        return judgement.explained(|cause| cause.not(Code::SniFilter).or(Code::AlpnFilter).seen(&seen));
    }
    let cause = if times >= 2 { Occurrence::confirmed(Code::AlpnFilter) } else { Occurrence::likely(Code::AlpnFilter) };
    let summary = format!("stopped by its application protocol: {}", judgement.summary);
    Judgement::blocked(summary, told(cause, judgement).fact("alpn", alpn).seen(seen))
}

/// What was seen before stays part of the evidence.
fn told(cause: Occurrence, judgement: Judgement) -> Occurrence {
    cause.evidence_of(judgement.causes)
}

/// Whether one version at a time is refused too.
pub(super) fn versions(scene: Scene<'_>, cause: Occurrence) -> Occurrence {
    match scene.versions_compared() {
        Versions::BothRefused => cause.proved().seen("TLS 1.2 alone and TLS 1.3 alone are refused too"),
        Versions::Accepted(versions) => cause.seen(format!("{} alone is answered", clipped(&versions.join(" or ")))),
        Versions::NotKnown => cause,
    }
}

/// All is well, but for what a larger hello would meet.
pub(super) fn with_large_hello(scene: Scene<'_>, judgement: Judgement) -> Judgement {
    let Some((small, large)) = scene.large_hello_dropped() else { return judgement };
    judgement.with(Occurrence::confirmed(Code::LargeClientHelloDropped).detail("bytes", large).seen(format!(
        "on port {} a hello of {small} bytes is answered and one of {large} is not, in turn, twice each",
        scene.check.port
    )))
}
