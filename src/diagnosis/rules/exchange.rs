//! The first exchange in the protocol itself.

use super::{identity_words, tls, upgrade::described};
use crate::{
    diagnosis::{
        Code, Owner,
        cause::{Cause, clipped, spoken},
        judgement::Judgement,
        scene::{Scene, is_the_hubs, is_the_peers_own},
    },
    observation::{Ending, ExchangeEvidence, ExchangeFailure, HttpResponse, Identity},
    target::Protocol,
};

pub(super) fn answered(scene: Scene<'_>, evidence: &ExchangeEvidence) -> Judgement {
    let version = tls::version(scene);
    match evidence {
        ExchangeEvidence::Mqtt { return_code, .. } => {
            let judgement = Judgement::allowed(match return_code {
                0 => format!("{version}, hub answered CONNACK"),
                code => format!("{version}, hub answered CONNACK {code}"),
            });
            match return_code {
                4 | 5 => judgement.with(login_refused(format!("CONNACK with return code {return_code}"))),
                _ => judgement,
            }
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
    let hubs_own = is_the_hubs(scene.seen.hub.kind, response);
    if hubs_own || scene.identity() == Some(Identity::Proven) {
        let judgement = Judgement::allowed(format!("{}, hub answered {status}", tls::version(scene)));
        return match status {
            401 | 403 => judgement.with(login_refused(format!("HTTP {status}"))),
            _ => judgement,
        };
    }
    let seen = format!(
        "the answer is {}, without the hub's error code, {}",
        described(status, Some(response)),
        identity_words(scene)
    );
    let cause = match (scene.identity(), status) {
        (_, 511) => Cause::likely(Code::CaptivePortal),
        (Some(Identity::Intercepted), _) => Cause::confirmed(Code::GatewayBlockPage),
        (_, 403 | 451 | 503) => Cause::possible(Code::GatewayBlockPage, &[Code::ProtocolMismatch]),
        _ => Cause::possible(Code::ProtocolMismatch, &[Code::GatewayBlockPage]),
    };
    Judgement::blocked(format!("HTTP {status}, which is not the hub's answer"), cause.fact("status", status).seen(seen))
}

fn login_refused(answer: String) -> Cause {
    Cause::confirmed(Code::AuthenticationRefused)
        .seen(format!("the hub answered {answer} to a login without credentials, which proves that the network works"))
}

pub(super) fn failed(scene: Scene<'_>, failure: &ExchangeFailure, duration_ms: f64) -> Judgement {
    match failure {
        ExchangeFailure::TimedOut { bytes_received, acknowledged } => {
            silent(scene, scene.check.protocol.label(), *bytes_received, *acknowledged, duration_ms)
        }
        ExchangeFailure::Mismatch { first_bytes } => {
            let asked = scene.check.protocol.label();
            mismatch(scene, format!("port {} answered {asked} with: {}", scene.check.port, first_bytes.readable()))
        }
        ExchangeFailure::Ended(ending) => ended(scene, ending, &spoken(duration_ms)),
    }
}

/// No complete answer in time, to the upgrade or to the protocol's hello.
pub(super) fn silent(
    scene: Scene<'_>,
    to: &str,
    bytes_received: u64,
    acknowledged: Option<bool>,
    duration_ms: f64,
) -> Judgement {
    let came = match bytes_received {
        0 => "nothing came back".to_owned(),
        some => format!("only {some} bytes of an answer came"),
    };
    let arrived = match acknowledged {
        Some(true) => "; what we sent was acknowledged",
        Some(false) => "; what we sent was never acknowledged",
        None => "",
    };
    let seen = format!("{came} to {to} on port {} in {}{arrived}", scene.check.port, spoken(duration_ms));
    let inside_frames = scene.attempt.upgrade.as_ref().is_some_and(crate::observation::Rung::is_ok);
    if !inside_frames {
        let cause = Cause::possible(Code::NoProtocolReply, &[Code::PathMtuBlackhole]);
        return Judgement::blocked(format!("TLS works, but {came}"), cause.seen(seen));
    }
    let natively = match scene.check.protocol {
        Protocol::MqttWs => Protocol::Mqtt,
        _ => Protocol::Amqp,
    };
    let cause = if scene.answered(natively) {
        Cause::likely(Code::WebsocketFramesBlocked).seen(format!("the same bytes are answered over {natively}"))
    } else {
        Cause::possible(Code::WebsocketFramesBlocked, &[Code::NoProtocolReply])
    };
    let cause = match scene.identity() {
        Some(Identity::Intercepted) => cause.owner(Owner::ProxyAdmin),
        _ => cause,
    };
    Judgement::blocked(format!("WebSocket opens, but {came} inside"), cause.seen(seen))
}

/// An answer that is not this protocol.
pub(super) fn mismatch(scene: Scene<'_>, seen: String) -> Judgement {
    let cause = Cause::likely(Code::ProtocolMismatch)
        .twice_confirms()
        .seen(seen)
        .seen(format!("it came {}", identity_words(scene)));
    let words = "the answer is not this protocol";
    match scene.identity() {
        Some(Identity::Proven) => Judgement::declined(words, cause),
        Some(Identity::Intercepted) => Judgement::blocked(words, cause.owner(Owner::SecurityTeam)),
        _ => Judgement::blocked(words, cause),
    }
}

/// The connection ended before an answer. Only a farewell inside TLS is known to come from the peer itself.
pub(super) fn ended(scene: Scene<'_>, ending: &Ending, took: &str) -> Judgement {
    if let Ending::Alert { code, .. } = ending
        && let Some(judgement) = tls::wants_certificate(scene, *code)
    {
        return judgement;
    }
    let how = match ending {
        Ending::CloseNotify => "closed by the peer (TLS close_notify)".to_owned(),
        Ending::Alert { name, .. } => format!("ended by the peer's TLS alert {name}"),
        Ending::WebSocketClose { code, reason } => {
            let code = code.map_or_else(|| "without a code".to_owned(), |code| format!("with code {code}"));
            format!("closed by the peer (WebSocket close {code}) {}", clipped(reason)).trim_end().to_owned()
        }
        Ending::Fin => "closed by a bare TCP FIN".to_owned(),
        Ending::Reset => "reset (TCP RST)".to_owned(),
        Ending::Other { message } => format!("ended: {}", clipped(message)),
    };
    let seen = format!("port {}: {how} {took} after our first message, {}", scene.check.port, identity_words(scene));
    let mut others = vec![Code::NoProtocolReply];
    if scene.wants_certificate() {
        others.insert(0, Code::ClientCertificateRequired);
    }
    if is_the_peers_own(ending) && scene.identity() == Some(Identity::Proven) {
        let cause = match scene.wants_certificate() {
            true => Cause { alternatives: vec![Code::ClientCertificateRequired], ..Cause::likely(Code::PeerClosed) },
            false => Cause::confirmed(Code::PeerClosed),
        };
        return Judgement::declined("the hub closes the connection before it answers", cause.seen(seen));
    }
    Judgement::blocked("the connection is cut before an answer", Cause::possible(Code::PeerClosed, &others).seen(seen))
}
