//! Why we refused to go on with what a peer showed of itself.

use super::{attempt_context::AttemptContext, attempt_end::AttemptEnd};
use crate::observation::{Certificate, Flaw, Trust};

/// The first of these that holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Refusal<'a> {
    /// Its signature is not that of the key in its certificate, which anybody can show.
    WithoutKey,
    /// The certificate is for other names.
    OtherName(&'a Trust),
    /// Nothing but its validity period fails.
    OnlyTime(&'a Trust),
    /// It leads to the roots that decide whose it is, against a rule.
    Flawed(&'a Trust, Flaw),
    /// The authority that signed for the hub also signs for another name on the spot.
    MadeToOrder(&'a Trust),
    /// The hub's own roots do not vouch for it, and it does not even name the hub.
    Elsewhere(&'a Trust),
    /// The hub's own roots do not vouch for it.
    Foreign(&'a Trust),
    /// This device's roots do not, and the hub's are not known.
    Untrusted(&'a Trust),
    /// No certificate was recorded.
    NotRecorded,
}

impl<'a> AttemptContext<'a> {
    /// `None` where the handshake did not end for what the peer showed of itself.
    pub(super) fn refusal(&self) -> Option<Refusal<'a>> {
        let ended = self.ended();
        let without_key = self.trust().is_some_and(|trust| trust.signature_verified == Some(false));
        match ended {
            AttemptEnd::Tls(_) | AttemptEnd::NotAccepted if without_key => return Some(Refusal::WithoutKey),
            AttemptEnd::NotAccepted => {}
            _ => return None,
        }
        let Some(trust) = self.trust() else { return Some(Refusal::NotRecorded) };
        let authority = trust.authority();
        let leads_to_a_root = trust.device.leads_to_a_root() || authority.leads_to_a_root();
        Some(if leads_to_a_root && !trust.name_matches {
            Refusal::OtherName(trust)
        } else if authority.is_only_time() {
            Refusal::OnlyTime(trust)
        } else if let Some(flaw) = authority.flaw().filter(|flaw| !flaw.is_our_own_limit()) {
            Refusal::Flawed(trust, flaw)
        } else if trust.hub.is_some() && !trust.name_matches && self.made_to_order().is_none() {
            Refusal::Elsewhere(trust)
        } else if trust.hub.is_some() {
            Refusal::Foreign(trust)
        } else if self.made_to_order().is_some() {
            Refusal::MadeToOrder(trust)
        } else {
            Refusal::Untrusted(trust)
        })
    }

    /// The certificates as presented.
    pub(super) fn chain(&self) -> &'a [Certificate] {
        self.tls().map(|tls| tls.chain.as_slice()).unwrap_or_default()
    }

    /// Another name for which the authority that signed for the hub signs on the spot, and that authority.
    pub(super) fn made_to_order(&self) -> Option<(&'a str, &'a str)> {
        let (name, issuer) = self.signs_other_names()?;
        (issuer == self.chain().last()?.issuer.as_deref()?).then_some((name, issuer))
    }
}
