//! Who is at the other end, where it is not simply the hub.

use super::validity;
use crate::{
    diagnosis::{
        Code,
        cause::{Cause, clipped, listed},
        judgement::Judgement,
        scene::Scene,
    },
    observation::{Certificate, StoreVerdict, Trust},
};

/// How many of a foreign certificate's names are shown.
const MOST_NAMES: usize = 5;

/// The device trusts the chain, the hub's own roots do not.
pub(super) fn intercepted(scene: Scene<'_>) -> Cause {
    let cause = match scene.trust().and_then(|trust| trust.hub.as_ref()) {
        // Leading to no root of the hub's is the proof; a chain at fault in another way is less.
        Some(StoreVerdict::UnknownIssuer) => Cause::confirmed(Code::TlsIntercepted),
        _ => Cause::likely(Code::TlsIntercepted),
    };
    foreign_chain(scene, cause).seen("this device trusts the chain all the same: it leads to a root of its own store")
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
    match root_sha256(chain) {
        Some(sha256) => cause.seen(format!("SHA-256 of the missing root: {sha256}")).detail("root_sha256", sha256),
        None => cause,
    }
}

/// The handshake was ended by us, because neither the device nor the hub's roots vouch for the peer.
pub(super) fn not_accepted(scene: Scene<'_>) -> Judgement {
    let Some(trust) = scene.trust() else {
        return untrusted(scene, "the peer's certificate was not recorded".to_owned());
    };
    // Where the hub's own roots are known, they decide what is the hub's; the device's store only stands in for them.
    let authority = trust.hub.as_ref().unwrap_or(&trust.device);
    let leads_to_a_root = trust.device.leads_to_a_root() || authority.leads_to_a_root();
    if leads_to_a_root && !trust.name_matches {
        return other_name(scene, authority);
    }
    if authority.is_only_time() {
        return validity::fails(chain(scene).first(), trust, authority);
    }
    match trust.hub {
        Some(_) => foreign(scene, trust),
        None => untrusted(scene, format!("this device's trust store says: {}", spoken(&trust.device))),
    }
}

fn foreign(scene: Scene<'_>, trust: &Trust) -> Judgement {
    let cause = match &trust.hub {
        Some(StoreVerdict::UnknownIssuer) => Cause::confirmed(Code::TlsIntercepted),
        // The hub's own mistake in its chain would look the same.
        _ => Cause::possible(Code::TlsIntercepted, &[Code::CertificateUntrusted]),
    };
    let cause = foreign_chain(scene, cause)
        .seen(format!("this device does not accept the chain either ({}), so nothing was sent", spoken(&trust.device)));
    Judgement::blocked("TLS is intercepted, with a certificate this device refuses", cause)
}

fn untrusted(scene: Scene<'_>, seen: String) -> Judgement {
    let chain = chain(scene);
    let cause = Cause::possible(Code::CertificateUntrusted, &[Code::TlsIntercepted])
        .fact("issuer", top_issuer(chain))
        .seen(described(chain))
        .seen(seen);
    Judgement::blocked("the certificate is not trusted by this device", cause)
}

fn other_name(scene: Scene<'_>, authority: &StoreVerdict) -> Judgement {
    let names = chain(scene).first().map(|own| own.names.as_slice()).unwrap_or_default();
    let shown: Vec<String> = names.iter().take(MOST_NAMES).map(|name| clipped(name)).collect();
    let shown = if shown.is_empty() { "no name at all".to_owned() } else { clipped(&listed(&shown)) };
    let cause = Cause::possible(Code::CertificateNameMismatch, &[Code::DnsHijack])
        .fact("names", shown.as_str())
        .seen(format!("the certificate leads to a known root and is for {shown}"));
    let cause = if authority.leads_to_a_root() { cause } else { cause.or(Code::TlsIntercepted) };
    Judgement::blocked(format!("the certificate is for {shown}"), cause)
}

fn foreign_chain(scene: Scene<'_>, cause: Cause) -> Cause {
    let chain = chain(scene);
    let hub = scene.trust().and_then(|trust| trust.hub.as_ref());
    cause.fact("issuer", top_issuer(chain)).seen(described(chain)).seen(format!(
        "the roots that are known to sign this hub do not vouch for the chain: {}",
        hub.map_or_else(|| "not judged".to_owned(), spoken)
    ))
}

fn chain<'a>(scene: Scene<'a>) -> &'a [Certificate] {
    scene.tls().map(|tls| tls.chain.as_slice()).unwrap_or_default()
}

/// Who signed the last certificate presented: the nearest to the root that the peer names.
fn top_issuer(chain: &[Certificate]) -> String {
    chain.last().and_then(|top| top.issuer.as_deref()).map_or_else(|| "an unreadable issuer".to_owned(), clipped)
}

/// The fingerprint of the root: presented by the peer, or one that the program holds.
fn root_sha256(chain: &[Certificate]) -> Option<String> {
    let top = chain.last()?;
    let issuer = top.issuer.as_deref()?;
    let issuer = format!("{issuer},");
    let built_in = || BUILT_IN.iter().find(|(name, _)| issuer.contains(name)).map(|(_, sha256)| (*sha256).to_owned());
    let presented = (top.subject == top.issuer).then(|| clipped(&top.sha256));
    presented.or_else(built_in)
}

/// The common names of the roots that the program holds, and their fingerprints; peers seldom present their root.
const BUILT_IN: &[(&str, &str)] = &[
    ("CN=DigiCert Global Root G2,", "cb3ccbb76031e5e0138f8dd39a23f9de47ffc35e43c1144cea27d46a5ab1cb5f"),
    (
        "CN=Microsoft RSA Root Certificate Authority 2017,",
        "c741f70f4b2a8d88bf2e71c14122ef53ef10eba0cfa5e64cfa20f418853073e0",
    ),
    ("CN=DigiCert Global Root CA,", "4348a0e9444c78cb265e058d5e8944b4d84f9662bd26db257f8934a443c70161"),
];

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
    match verdict {
        StoreVerdict::Trusted => "trusted".to_owned(),
        StoreVerdict::Expired => "expired".to_owned(),
        StoreVerdict::NotYetValid => "not valid yet".to_owned(),
        StoreVerdict::UnknownIssuer => "unknown issuer".to_owned(),
        StoreVerdict::Rejected { reason } => clipped(reason),
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::digest;
    use rustls::pki_types::{CertificateDer, pem::PemObject};

    use super::BUILT_IN;
    use crate::{observation::hex, target::roots};

    #[test]
    fn the_fingerprints_are_those_of_the_built_in_roots() {
        let built_in: Vec<String> = roots::AZURE_SOVEREIGN
            .iter()
            .map(|pem| CertificateDer::from_pem_slice(pem.as_bytes()).expect("embedded PEM parses"))
            .map(|der| hex(digest::digest(&digest::SHA256, &der).as_ref()))
            .collect();
        assert_eq!(BUILT_IN.iter().map(|(_, sha256)| *sha256).collect::<Vec<_>>(), built_in);
    }
}
