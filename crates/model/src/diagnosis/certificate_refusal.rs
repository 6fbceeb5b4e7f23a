//! Why the probe refused to continue with a peer's certificate.

use super::{attempt_context::AttemptContext, attempt_end::AttemptEnd};
use crate::observation::{Certificate, Flaw, Trust};

/// The first of these that holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum CertificateRefusal<'a> {
    /// The signature was not made with the certificate's key. Anyone can present such a certificate.
    WithoutKey,
    /// The certificate is for other names.
    OtherName(&'a Trust),
    /// Only the validity period fails.
    OutOfValidity(&'a Trust),
    /// The chain leads to the deciding roots, but breaks a rule.
    Flawed(&'a Trust, Flaw),
    /// The issuer also signs a certificate for another name on demand.
    SignedOnDemand(&'a Trust),
    /// The hub's own roots do not vouch for it, and it does not name the hub.
    ForeignOtherName(&'a Trust),
    /// The hub's own roots do not vouch for it.
    Foreign(&'a Trust),
    /// This device's roots do not vouch for it, and the hub's roots are not known.
    Untrusted(&'a Trust),
    /// No certificate was recorded.
    NotRecorded,
}

impl<'a> AttemptContext<'a> {
    /// `None` if the handshake did not end because of the certificate.
    pub(super) fn certificate_refusal(&self) -> Option<CertificateRefusal<'a>> {
        let ended = self.ended();
        let without_key = self.trust().is_some_and(|trust| trust.signature_verified == Some(false));
        match ended {
            AttemptEnd::Tls(_) | AttemptEnd::NotAccepted if without_key => return Some(CertificateRefusal::WithoutKey),
            AttemptEnd::NotAccepted => {}
            _ => return None,
        }
        let Some(trust) = self.trust() else { return Some(CertificateRefusal::NotRecorded) };
        let authority = trust.authority();
        let leads_to_a_root = trust.device.leads_to_a_root() || authority.leads_to_a_root();
        Some(if leads_to_a_root && !trust.name_matches {
            CertificateRefusal::OtherName(trust)
        } else if authority.is_only_time() {
            CertificateRefusal::OutOfValidity(trust)
        } else if let Some(flaw) = authority.flaw().filter(|flaw| !flaw.is_our_own_limit()) {
            CertificateRefusal::Flawed(trust, flaw)
        } else if trust.hub.is_some() && !trust.name_matches && self.signed_on_demand().is_none() {
            CertificateRefusal::ForeignOtherName(trust)
        } else if trust.hub.is_some() {
            CertificateRefusal::Foreign(trust)
        } else if self.signed_on_demand().is_some() {
            CertificateRefusal::SignedOnDemand(trust)
        } else {
            CertificateRefusal::Untrusted(trust)
        })
    }

    /// The certificates as presented.
    pub(super) fn chain(&self) -> &'a [Certificate] {
        self.tls().map(|tls| tls.chain.as_slice()).unwrap_or_default()
    }

    /// Another name that the hub's issuer signs on demand, and that issuer.
    pub(super) fn signed_on_demand(&self) -> Option<(&'a str, &'a str)> {
        let (name, issuer) = self.signs_other_names()?;
        (issuer == self.chain().last()?.issuer.as_deref()?).then_some((name, issuer))
    }
}
