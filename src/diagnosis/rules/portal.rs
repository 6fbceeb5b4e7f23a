//! A captive portal answers for everybody: what answers in clear on port 80 tells it from other strangers.

use crate::{
    diagnosis::{
        Code,
        judgement::{Judgement, Reach},
        occurrence::Occurrence,
        scene::Scene,
        text::clipped,
    },
    observation::{ClearAnswer, HttpResponse, kind},
};

/// What the answer in clear says of a portal.
enum Sign {
    /// Status 511, made for portals (RFC 6585, section 6): a foreign answer that names itself.
    NamesItself,
    /// A redirect to another host.
    SendsElsewhere(String),
}

/// What the answer in clear adds to the judgement of an attempt that something else than the hub answered.
pub(super) fn by_clear_answer(scene: Scene<'_>, judgement: Judgement) -> Judgement {
    let Some((sign, seen)) = sign(scene).filter(|_| judgement.reach == Reach::Blocked) else {
        return judgement;
    };
    let mut portal = None;
    let causes = judgement.causes.into_iter().map(|cause| match (cause.code(), &sign) {
        // The second sign of the two.
        (Code::CaptivePortal, _) => cause.proved().seen(&seen),
        (
            Code::NotTls
            | Code::TlsIntercepted
            | Code::CertificateUntrusted
            | Code::CertificateNameMismatch
            | Code::GatewayBlockPage,
            Sign::NamesItself,
        ) => {
            portal = Some(Occurrence::confirmed(Code::CaptivePortal).at(cause.stage).seen(&seen));
            cause.following(Code::CaptivePortal)
        }
        (Code::TlsIntercepted, Sign::SendsElsewhere(_)) => {
            portal = Some(Occurrence::likely(Code::CaptivePortal).at(cause.stage).seen(&seen));
            cause.following(Code::CaptivePortal)
        }
        // The wrong machine, or a hub of its own ways, may have a web server that redirects.
        (
            Code::NotTls | Code::CertificateUntrusted | Code::CertificateNameMismatch | Code::GatewayBlockPage,
            Sign::SendsElsewhere(_),
        ) => cause.or(Code::CaptivePortal).seen(&seen),
        _ => cause,
    });
    let causes: Vec<Occurrence> = causes.collect();
    Judgement { causes: portal.into_iter().chain(causes).collect(), ..judgement }
}

fn sign(scene: Scene<'_>) -> Option<(Sign, String)> {
    let portal = scene.shown::<kind::Portal>()?;
    let ClearAnswer::Answered { response } = &portal.answer else {
        return None;
    };
    let host = &scene.seen.hub.host;
    let sign = match response.status {
        511 => Sign::NamesItself,
        300..=399 => Sign::SendsElsewhere(elsewhere(response, host)?),
        _ => return None,
    };
    let to = match &sign {
        Sign::NamesItself => "which a portal alone answers (network authentication required)".to_owned(),
        Sign::SendsElsewhere(to) => format!("to {}", clipped(to)),
    };
    let seen = format!("http://{}/ is answered HTTP {}, {to}", clipped(host), response.status);
    Some((sign, seen))
}

/// The host that a redirect leads to, where it is not the hub.
fn elsewhere(response: &HttpResponse, host: &str) -> Option<String> {
    let location = response.header("location")?;
    let (_, rest) = location.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let name = authority.rsplit('@').next().unwrap_or_default();
    let name = match name.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => name.split(':').next().unwrap_or_default(),
    };
    (!name.is_empty() && !name.eq_ignore_ascii_case(host)).then(|| name.to_owned())
}
