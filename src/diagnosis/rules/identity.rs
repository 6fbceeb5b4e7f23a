//! Who is at the other end, where it is not simply the hub.

use crate::{
    diagnosis::{
        Code, Severity,
        cause::{Cause, clipped, listed},
        judgement::Judgement,
        scene::Scene,
    },
    observation::{Certificate, StoreVerdict, TlsEvidence, Trust},
};

/// No certificate of today was made before this program was: a clock that says otherwise is wrong.
const RELEASED: &str = "2026-11-01T00:00:00Z";

/// The device trusts the chain, the hub's own roots do not.
pub(super) fn intercepted(scene: Scene<'_>, works: bool) -> Cause {
    let severity = if works { Severity::Warning } else { Severity::Error };
    let cause = foreign_chain(scene).severity(severity);
    cause.seen("this device trusts the chain all the same: it leads to a root of its own store")
}

/// It is the hub, and the device does not trust it.
pub(super) fn missing_root(scene: Scene<'_>) -> Cause {
    let chain = chain(scene);
    let cause = Cause::confirmed(Code::MissingRoot)
        .fact("issuer", top_issuer(chain))
        .seen(format!(
            "the chain ends at an issuer that this device's trust store ({} roots) does not hold",
            scene.seen.vantage.trust_store.roots
        ))
        .seen("the hub's own roots vouch for it");
    match chain.last().filter(|top| top.subject.is_some() && top.subject == top.issuer) {
        Some(root) => cause.fact("root_sha256", root.sha256.as_str()),
        None => cause,
    }
}

/// The handshake was ended by us, because neither the device nor the hub's roots vouch for the peer.
pub(super) fn not_accepted(scene: Scene<'_>) -> Judgement {
    let Some(trust) = scene.tls().and_then(|tls| tls.trust.as_ref()) else {
        let cause = Cause::possible(Code::CertificateUntrusted, &[Code::TlsIntercepted]);
        return Judgement::blocked(
            "the certificate is not trusted",
            cause.seen("the peer's certificate was not recorded"),
        );
    };
    let leads_to_a_root =
        trust.device.leads_to_a_root() || trust.hub.as_ref().is_some_and(StoreVerdict::leads_to_a_root);
    if leads_to_a_root && !trust.name_matches {
        return other_name(scene);
    }
    let verdicts = [Some(&trust.device), trust.hub.as_ref()];
    if let Some(verdict) = verdicts.into_iter().flatten().find(|verdict| verdict.is_only_time()) {
        return wrong_time(scene, trust, verdict);
    }
    match trust.hub {
        Some(_) => {
            let cause = foreign_chain(scene).seen("this device does not trust the chain either, so nothing was sent");
            Judgement::blocked("TLS is intercepted, with a certificate this device refuses", cause)
        }
        None => {
            let cause = Cause::possible(Code::CertificateUntrusted, &[Code::TlsIntercepted])
                .fact("issuer", top_issuer(chain(scene)))
                .seen(described(chain(scene)))
                .seen(format!("this device's trust store says: {}", spoken(&trust.device)));
            Judgement::blocked("the certificate is not trusted by this device", cause)
        }
    }
}

fn foreign_chain(scene: Scene<'_>) -> Cause {
    let chain = chain(scene);
    let hub_says = scene.tls().and_then(|tls| tls.trust.as_ref()?.hub.as_ref());
    let cause = match hub_says {
        // A chain that leads to no root of the hub's is proof; one that is broken in another way is less.
        Some(StoreVerdict::Rejected { .. }) => Cause::likely(Code::TlsIntercepted),
        _ => Cause::confirmed(Code::TlsIntercepted),
    };
    cause
        .fact("issuer", top_issuer(chain))
        .seen(described(chain))
        .seen("the chain does not lead to the roots that are known to sign this hub")
}

fn other_name(scene: Scene<'_>) -> Judgement {
    let names = chain(scene).first().map(|own| own.names.as_slice()).unwrap_or_default();
    let shown: Vec<String> = names.iter().take(5).map(|name| clipped(name)).collect();
    let shown = if shown.is_empty() { "no name at all".to_owned() } else { listed(&shown) };
    let cause = Cause::possible(Code::CertificateNameMismatch, &[Code::DnsHijack])
        .fact("names", shown.as_str())
        .seen(format!("the certificate leads to a known root and is for {shown}"));
    Judgement::blocked(format!("the certificate is for {shown}"), cause)
}

fn wrong_time(scene: Scene<'_>, trust: &Trust, verdict: &StoreVerdict) -> Judgement {
    let own = chain(scene).first();
    let validity = own.and_then(|own| Some(format!("{} to {}", own.not_before.as_ref()?, own.not_after.as_ref()?)));
    let seen = format!(
        "only the validity period fails: {}, and this device's clock says {}",
        validity.as_deref().unwrap_or("not readable"),
        trust.verified_at
    );
    // RFC 3339 times in UTC sort as text.
    if trust.verified_at.as_str() < RELEASED {
        let cause = Cause::confirmed(Code::ClockWrong)
            .seen(seen)
            .seen(format!("the clock is before this program's release ({RELEASED})"));
        return Judgement::blocked("this device's clock is wrong", cause);
    }
    let (code, words) = match verdict {
        StoreVerdict::NotYetValid => (Code::CertificateNotYetValid, "the certificate is not valid yet"),
        _ => (Code::CertificateExpired, "the certificate has expired"),
    };
    Judgement::blocked(words, Cause { alternatives: vec![Code::ClockWrong], ..Cause::likely(code) }.seen(seen))
}

fn chain<'a>(scene: Scene<'a>) -> &'a [Certificate] {
    scene.tls().map(|tls: &TlsEvidence| tls.chain.as_slice()).unwrap_or_default()
}

/// Who signed the last certificate presented: the nearest to the root that the peer names.
fn top_issuer(chain: &[Certificate]) -> String {
    chain.last().and_then(|top| top.issuer.as_deref()).map_or_else(|| "an unreadable issuer".to_owned(), clipped)
}

fn described(chain: &[Certificate]) -> String {
    let Some(own) = chain.first() else { return "no certificate was presented".to_owned() };
    let text = |name: &Option<String>| name.as_deref().map_or_else(|| "unreadable".to_owned(), clipped);
    format!(
        "the certificate presented is for {}, issued by {}, SHA-256 {}",
        text(&own.subject),
        text(&own.issuer),
        own.sha256
    )
}

fn spoken(verdict: &StoreVerdict) -> String {
    match verdict {
        StoreVerdict::Trusted => "trusted".to_owned(),
        StoreVerdict::Expired => "expired".to_owned(),
        StoreVerdict::NotYetValid => "not valid yet".to_owned(),
        StoreVerdict::UnknownIssuer => "unknown issuer".to_owned(),
        StoreVerdict::Rejected { reason } => clipped(reason),
    }
}
