//! The first exchange in the protocol itself.

use super::tls;
use crate::{
    diagnosis::{
        Code, Owner,
        judgement::Judgement,
        occurrence::Occurrence,
        phrases,
        scene::{Scene, is_the_hubs, is_the_peers_own},
        text::{clipped, listed, spoken},
    },
    observation::{
        Ending, ExchangeEvidence, ExchangeFailure, Frame, FrameOutcome, FrameTrial, HttpResponse, Identity, Rung,
        Stage, kind,
    },
    target::Protocol,
};

/// How much of a foreign answer tells one answerer from another, in characters.
const TELLING: usize = 32;

pub(super) fn answered(scene: Scene<'_>, evidence: &ExchangeEvidence) -> Judgement {
    let version = tls::version(scene);
    match evidence {
        ExchangeEvidence::Mqtt { return_code: code @ (4 | 5), .. } => {
            Judgement::allowed(format!("{version}, hub answered CONNACK"))
                .with(login_refused(&format!("CONNACK with return code {code}")))
        }
        ExchangeEvidence::Mqtt { return_code: 0, .. } => Judgement::allowed(format!("{version}, hub answered CONNACK")),
        ExchangeEvidence::Mqtt { return_code: code, .. } => {
            Judgement::allowed(format!("{version}, hub answered CONNACK {code}"))
        }
        ExchangeEvidence::Amqp { mechanisms } if mechanisms.is_empty() => {
            Judgement::allowed(format!("{version}, hub offered SASL without any mechanism"))
        }
        ExchangeEvidence::Amqp { .. } => Judgement::allowed(format!("{version}, hub offered SASL")),
        ExchangeEvidence::Https { response } => http_answer(scene, response),
    }
}

/// Where the peer is not proven to be the hub, only an answer that looks like the hub's counts as its own.
fn http_answer(scene: Scene<'_>, response: &HttpResponse) -> Judgement {
    let status = response.status;
    let kind = scene.seen.hub.kind;
    let by_its_look = is_the_hubs(kind, response) || kind.facts().marks.is_empty() && !is_like_a_gateways(response);
    if scene.identity() == Some(Identity::Proven) || by_its_look {
        let judgement = Judgement::allowed(format!("{}, hub answered {status}", tls::version(scene)));
        return match status {
            401 | 403 => judgement.with(login_refused(&format!("HTTP {status}"))),
            _ => judgement,
        };
    }
    let cause = match (scene.is_intercepted(), status) {
        (_, 511) => Occurrence::likely(Code::CaptivePortal),
        (_, 300..=399) => Occurrence::possible(Code::GatewayBlockPage, &[Code::CaptivePortal]),
        // What the hub answers too; only its error code is missing, which may have been lost on the way.
        (true, 401) => Occurrence::possible(Code::GatewayBlockPage, &[Code::AuthenticationRefused]),
        (true, _) => Occurrence::confirmed(Code::GatewayBlockPage),
        (false, 403 | 451 | 503) => Occurrence::possible(Code::GatewayBlockPage, &[Code::ProtocolMismatch]),
        (false, _) => Occurrence::possible(Code::ProtocolMismatch, &[Code::GatewayBlockPage]),
    };
    let seen = format!(
        "the answer is {}, without the hub's error code, {}",
        phrases::answer(status, Some(response)),
        phrases::identity(scene)
    );
    Judgement::blocked(format!("HTTP {status}, which is not the hub's answer"), cause.fact("status", status).seen(seen))
}

/// What gateways answer in another's place; of a product whose answers have no mark, anything else is taken as its own.
/// Not meant for browsers, it does not send a device on to another host either.
fn is_like_a_gateways(response: &HttpResponse) -> bool {
    matches!(response.status, 300..=399 | 403 | 407 | 451 | 502 | 503 | 504 | 511)
}

pub(super) fn login_refused(answer: &str) -> Occurrence {
    Occurrence::confirmed(Code::AuthenticationRefused)
        .seen(format!("the hub answered {answer} to a login without credentials, which proves that the network works"))
}

pub(super) fn failed(scene: Scene<'_>, failure: &ExchangeFailure, duration_ms: f64) -> Judgement {
    let stage = Stage::Exchange;
    match failure {
        ExchangeFailure::TimedOut { bytes_received, acknowledged } => {
            silent(scene, stage, *bytes_received, *acknowledged, duration_ms)
        }
        ExchangeFailure::Mismatch { first_bytes } => {
            mismatch(scene, stage, scene.check.protocol.label(), &first_bytes.readable())
        }
        ExchangeFailure::Ended(ending) => ended(scene, stage, ending, &spoken(duration_ms)),
    }
}

/// No complete answer in time, to the upgrade or to the protocol's hello.
pub(super) fn silent(
    scene: Scene<'_>,
    stage: Stage,
    bytes_received: u64,
    acknowledged: Option<bool>,
    duration_ms: f64,
) -> Judgement {
    let took = spoken(duration_ms);
    let came = match bytes_received {
        0 => "nothing came back".to_owned(),
        some => format!("only {some} bytes of an answer came"),
    };
    let arrived = match acknowledged {
        Some(true) => "; what we sent was acknowledged",
        Some(false) => "; what we sent was never acknowledged",
        None => "",
    };
    let to = if stage == Stage::Upgrade { "the WebSocket upgrade" } else { scene.check.protocol.label() };
    let seen = format!("{came} to {to} on port {} in {took}{arrived}", scene.check.port);
    if stage == Stage::Exchange && scene.attempt.upgrade.as_ref().is_some_and(Rung::is_ok) {
        return Judgement::blocked(
            format!("WebSocket opens, but {came} inside in {took}"),
            mute_frames(scene).seen(seen),
        );
    }
    // The hub may have closed the connection, and its farewell been swallowed.
    let cause = Occurrence::possible(Code::NoProtocolReply, &[Code::PeerClosed]).at(stage);
    let cause = if scene.wants_certificate() { cause.or(Code::ClientCertificateRequired) } else { cause };
    Judgement::blocked(format!("TLS works, but {came} in {took}"), cause.seen(seen))
}

/// WebSocket opened, and what was sent inside is not answered: that it is for the frames' sake shows only where no frame is
/// answered, and the same bytes are without them.
fn mute_frames(scene: Scene<'_>) -> Occurrence {
    let natively = match scene.check.protocol {
        Protocol::MqttWs => Protocol::Mqtt,
        _ => Protocol::Amqp,
    };
    let trials = scene.shown::<kind::WebsocketFrames>().map(|frames| frames.trials.as_slice()).unwrap_or_default();
    let came_to = |outcome| trials.iter().filter(move |trial| trial.outcome == outcome);
    let answered: Vec<String> = came_to(FrameOutcome::Answered).map(described_frame).collect();
    if !answered.is_empty() {
        // Frames pass: what stays silent is the service behind them.
        return Occurrence::possible(Code::NoProtocolReply, &[Code::PeerClosed])
            .seen(format!("in a fresh WebSocket {} was answered: frames do pass", listed(&answered)));
    }
    let silent: Vec<String> = came_to(FrameOutcome::Silent).map(described_frame).collect();
    let all_silent = silent.len() == EVERY_FRAME;
    let cause = match (scene.answered(natively), all_silent) {
        (true, true) => Occurrence::confirmed(Code::WebsocketFramesBlocked),
        (true, false) => Occurrence::likely(Code::WebsocketFramesBlocked),
        (false, _) => Occurrence::possible(Code::WebsocketFramesBlocked, &[Code::NoProtocolReply]),
    };
    let cause = match scene.answered(natively) {
        true => cause.seen(format!("the hub answers the same bytes over {}, without WebSocket", natively.label())),
        false => cause,
    };
    let cause = match silent.is_empty() {
        true => cause,
        false => cause.seen(format!("in a fresh WebSocket nothing answered {}", listed(&silent))),
    };
    if scene.is_intercepted() { cause.owner(Owner::ProxyAdmin) } else { cause }
}

/// A ping, a small frame and a large one.
const EVERY_FRAME: usize = 3;

fn described_frame(trial: &FrameTrial) -> String {
    match trial.frame {
        Frame::Ping => "a ping".to_owned(),
        Frame::Small | Frame::Large => format!("a frame of {} bytes", trial.bytes),
    }
}

/// An answer that is not this protocol.
pub(super) fn mismatch(scene: Scene<'_>, stage: Stage, asked: &str, answer: &str) -> Judgement {
    let cause = Occurrence::likely(Code::ProtocolMismatch)
        .at(stage)
        .twice_confirms()
        .fact("begins", answer.chars().take(TELLING).collect::<String>())
        .seen(format!("port {} answered {asked} with: {answer}", scene.check.port));
    not_this_protocol(scene, "the answer is not this protocol", cause)
}

/// A peer that keeps sending, without an answer.
fn flood(scene: Scene<'_>, stage: Stage, bytes_received: u64, messages: u32) -> Judgement {
    let cause = Occurrence::likely(Code::ProtocolMismatch).at(stage).twice_confirms().seen(format!(
        "port {} sent {bytes_received} bytes{}, without an answer among them",
        scene.check.port,
        if messages == 0 { String::new() } else { format!(" in {messages} WebSocket messages") }
    ));
    not_this_protocol(scene, "what answers keeps sending without an answer", cause)
}

fn not_this_protocol(scene: Scene<'_>, words: &str, cause: Occurrence) -> Judgement {
    let cause = cause.seen(format!("it came {}", phrases::identity(scene)));
    match scene.identity() {
        Some(Identity::Proven) => Judgement::declined(words, cause),
        Some(Identity::Intercepted) => Judgement::blocked(words, cause.owner(Owner::SecurityTeam)),
        _ => Judgement::blocked(words, cause),
    }
}

/// The connection ended before an answer. Only a farewell inside TLS is known to come from the peer itself.
pub(super) fn ended(scene: Scene<'_>, stage: Stage, ending: &Ending, took: &str) -> Judgement {
    if let Ending::Flood { bytes_received, messages } = ending {
        return flood(scene, stage, *bytes_received, *messages);
    }
    if let Ending::Alert { code, .. } = ending
        && let Some(judgement) = tls::wants_certificate(scene, *code)
    {
        return judgement;
    }
    if let Some(judgement) = cut_off_without_a_certificate(scene, stage, ending, took) {
        return judgement;
    }
    let by_the_hub = is_the_peers_own(ending) && scene.identity() == Some(Identity::Proven);
    let cause = match (by_the_hub, ending) {
        (true, _) => Occurrence::confirmed(Code::PeerClosed),
        // A farewell inside TLS that does not prove the hub may be a box's that opened the TLS.
        (false, Ending::CloseNotify | Ending::Alert { .. } | Ending::WebSocketClose { .. }) => {
            Occurrence::possible(Code::PeerClosed, &[Code::TlsIntercepted])
        }
        (false, Ending::Reset) => Occurrence::possible(Code::PeerClosed, &[Code::TcpReset]),
        // A box that relays the connection ends it by a FIN of its own.
        (false, Ending::Fin | Ending::Flood { .. } | Ending::Other { .. }) => {
            Occurrence::possible(Code::PeerClosed, &[Code::TransparentProxy])
        }
    };
    let cause = if scene.wants_certificate() {
        cause.or(Code::ClientCertificateRequired).seen("the peer had asked for a client certificate")
    } else {
        cause
    };
    let how = described_ending(ending);
    let cause = cause.at(stage).seen(format!(
        "port {}: {how} {took} after our first message, {}",
        scene.check.port,
        phrases::identity(scene)
    ));
    if by_the_hub {
        Judgement::declined("the hub closes the connection before it answers", cause)
    } else {
        Judgement::blocked("the connection is cut before an answer", cause)
    }
}

/// A product that knows devices by nothing but their certificate may end the connection of whoever shows none without a
/// word of why. The wish itself, inside TLS that proves the hub, is its answer.
fn cut_off_without_a_certificate(scene: Scene<'_>, stage: Stage, ending: &Ending, took: &str) -> Option<Judgement> {
    let by_certificate = scene.seen.hub.kind.facts().login_by_certificate;
    (by_certificate && scene.is_verified() && scene.wants_certificate()).then(|| {
        let cause = match is_the_peers_own(ending) {
            true => Occurrence::confirmed(Code::ClientCertificateRequired),
            false => Occurrence::likelier_than(Code::ClientCertificateRequired, Code::PeerClosed),
        };
        let cause = cause.at(stage).seen(format!(
            "the verified peer asked for a client certificate; shown none, the connection on port {} was {} {took} later",
            scene.check.port,
            described_ending(ending)
        ));
        Judgement::allowed(format!("{}, hub wants a client certificate", tls::version(scene))).with(cause)
    })
}

fn described_ending(ending: &Ending) -> String {
    match ending {
        Ending::CloseNotify => "closed by the peer (TLS close_notify)".to_owned(),
        Ending::Alert { name, .. } => format!("ended by the peer's TLS alert {}", clipped(name)),
        Ending::WebSocketClose { code, reason } => {
            let code = code.map_or_else(|| "without a code".to_owned(), |code| format!("with code {code}"));
            format!("closed by the peer (WebSocket close {code}) {}", clipped(reason)).trim_end().to_owned()
        }
        Ending::Fin => "closed by a bare TCP FIN".to_owned(),
        Ending::Reset => "reset (TCP RST)".to_owned(),
        Ending::Flood { .. } => "ended by us".to_owned(),
        Ending::Other { message } => format!("ended: {}", clipped(message)),
    }
}
