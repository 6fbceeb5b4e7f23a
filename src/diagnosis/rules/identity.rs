//! Who is at the other end, where it is not simply the hub.

use super::validity;
use crate::{
    diagnosis::{
        Code,
        judgement::Judgement,
        occurrence::Occurrence,
        scene::Scene,
        text::{clipped, listed},
    },
    observation::{Certificate, ChainVerdict, StoreVerdict, Trust},
};

/// How many of a foreign certificate's names are shown.
const MOST_NAMES: usize = 5;

/// The device trusts the chain, the hub's own roots do not.
pub(super) fn intercepted(scene: Scene<'_>) -> Occurrence {
    let cause = match scene.trust().and_then(|trust| trust.hub.as_ref()) {
        // Leading to no root of the hub's is the proof; a chain at fault in another way is less.
        Some(hub) if hub.vouches() == Some(false) => Occurrence::confirmed(Code::TlsIntercepted),
        _ => Occurrence::likely(Code::TlsIntercepted),
    };
    foreign_chain(scene, cause).seen("this device trusts the chain all the same: it leads to a root of its own store")
}

/// It is the hub, and the device does not trust it.
pub(super) fn missing_root(scene: Scene<'_>) -> Occurrence {
    let chain = chain(scene);
    let cause = Occurrence::confirmed(Code::MissingRoot)
        .fact("issuer", top_issuer(chain))
        .seen(format!(
            "the chain ends at an issuer that this device's trust store ({} roots) does not hold",
            scene.seen.vantage.trust_store.roots
        ))
        .seen("the hub's own roots vouch for it");
    match scene.trust().and_then(|trust| trust.hub_root.as_ref()) {
        Some(root) => {
            let (subject, sha256) = (clipped(&root.subject), clipped(&root.sha256));
            cause
                .seen(format!("the missing root is {subject}, SHA-256 {sha256}"))
                .detail("root", subject)
                .detail("root_sha256", sha256)
        }
        None => cause,
    }
}

/// The handshake was ended by us, because neither the device nor the hub's roots vouch for the peer.
pub(super) fn not_accepted(scene: Scene<'_>) -> Judgement {
    let Some(trust) = scene.trust() else {
        return untrusted(scene, "the peer's certificate was not recorded".to_owned());
    };
    let authority = trust.authority();
    let leads_to_a_root = trust.device.leads_to_a_root() || authority.leads_to_a_root();
    if leads_to_a_root && !trust.name_matches {
        return other_name(scene, authority);
    }
    if authority.is_only_time() {
        return validity::fails(scene, chain(scene).first(), trust);
    }
    match trust.hub {
        Some(_) => foreign(scene, trust),
        None => untrusted(scene, format!("this device's trust store says: {}", spoken(&trust.device))),
    }
}

fn foreign(scene: Scene<'_>, trust: &Trust) -> Judgement {
    let leads_to_another = trust.hub.as_ref().is_some_and(|hub| hub.vouches() == Some(false));
    let cause = match leads_to_another || made_to_order(scene).is_some() {
        true => Occurrence::confirmed(Code::TlsIntercepted),
        // The hub's own mistake in its chain would look the same.
        false => Occurrence::possible(Code::TlsIntercepted, &[Code::CertificateUntrusted]),
    };
    let cause = foreign_chain(scene, cause)
        .seen(format!("this device does not accept the chain either ({}), so nothing was sent", spoken(&trust.device)));
    Judgement::blocked("TLS is intercepted, with a certificate this device refuses", cause)
}

fn untrusted(scene: Scene<'_>, seen: String) -> Judgement {
    let chain = chain(scene);
    // A private authority of the hub's has no certificate for a stranger's name.
    if let Some(signs) = made_to_order(scene) {
        let cause = Occurrence::confirmed(Code::TlsIntercepted)
            .fact("issuer", top_issuer(chain))
            .seen(described(chain))
            .seen(signs)
            .seen(seen);
        return Judgement::blocked("TLS is intercepted, with a certificate this device refuses", cause);
    }
    let cause = Occurrence::possible(Code::CertificateUntrusted, &[Code::TlsIntercepted])
        .fact("issuer", top_issuer(chain))
        .seen(described(chain))
        .seen(seen);
    Judgement::blocked("the certificate is not trusted by this device", cause)
}

fn other_name(scene: Scene<'_>, authority: &StoreVerdict) -> Judgement {
    let names = chain(scene).first().map(|own| own.names.as_slice()).unwrap_or_default();
    let shown: Vec<String> = names.iter().take(MOST_NAMES).map(|name| clipped(name)).collect();
    let shown = if shown.is_empty() { "no name at all".to_owned() } else { clipped(&listed(&shown)) };
    let cause = Occurrence::possible(Code::CertificateNameMismatch, &[Code::DnsHijack])
        .fact("names", shown.as_str())
        .seen(format!("the certificate leads to a known root and is for {shown}"));
    let cause = if authority.leads_to_a_root() { cause } else { cause.or(Code::TlsIntercepted) };
    Judgement::blocked(format!("the certificate is for {shown}"), cause)
}

fn foreign_chain(scene: Scene<'_>, cause: Occurrence) -> Occurrence {
    let chain = chain(scene);
    let hub = scene.trust().and_then(|trust| trust.hub.as_ref());
    let cause = cause.fact("issuer", top_issuer(chain)).seen(described(chain)).seen(format!(
        "the roots that are known to sign this hub do not vouch for the chain: {}",
        hub.map_or_else(|| "not judged".to_owned(), spoken)
    ));
    match made_to_order(scene) {
        Some(signs) => cause.seen(signs),
        None => cause,
    }
}

/// Whether the authority that signed for the hub signs for other names on the spot, as a sentence.
fn made_to_order(scene: Scene<'_>) -> Option<String> {
    let (name, issuer) = scene.signs_other_names()?;
    let told = || {
        format!(
            "asked for {}, the same address shows a certificate for that name, by {}",
            clipped(name),
            clipped(issuer)
        )
    };
    (issuer == chain(scene).last()?.issuer.as_deref()?).then(told)
}

fn chain<'a>(scene: Scene<'a>) -> &'a [Certificate] {
    scene.tls().map(|tls| tls.chain.as_slice()).unwrap_or_default()
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
        clipped(&own.sha256)
    )
}

fn spoken(verdict: &StoreVerdict) -> String {
    match verdict.strict {
        ChainVerdict::Trusted => "trusted".to_owned(),
        ChainVerdict::Expired => "expired".to_owned(),
        ChainVerdict::NotYetValid => "not valid yet".to_owned(),
        ChainVerdict::UnknownIssuer => "unknown issuer".to_owned(),
        ChainVerdict::Rejected { reason, .. } => format!("{reason:?}"),
    }
}
