//! Who answers at a port: the hub, or someone in its place. A stranger's port says nothing about where the hub is.

use super::clear_http::redirects_elsewhere;
use crate::observation::{Attempt, Identity, TlsFailure, Trust};

/// Who answers, as far as the handshake shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Peer {
    /// The hub: it holds the key of a certificate that vouches for it.
    Hub,
    /// Its certificate is not known to be the hub's, nor known to be someone else's.
    Doubtful,
    /// Someone else.
    Stranger,
}

impl Peer {
    /// `None` if it showed nothing of itself.
    pub(super) fn of(attempt: &Attempt, host: &str) -> Option<Self> {
        if let Some(TlsFailure::NotTls { first_bytes }) = attempt.tls.failure() {
            return redirects_elsewhere(first_bytes, host).then_some(Self::Stranger);
        }
        let trust = attempt.tls.evidence()?.trust.as_ref()?;
        let signed = trust.signature_verified.unwrap_or(attempt.tls.is_ok());
        Some(match trust.identity {
            Identity::Proven | Identity::Trusted if signed => Self::Hub,
            Identity::UntrustedHere => Self::Hub,
            _ if is_known_foreign(trust) => Self::Stranger,
            _ => Self::Doubtful,
        })
    }
}

/// The hub's own roots are known and the chain leads to another root, or the peer does not hold the key.
fn is_known_foreign(trust: &Trust) -> bool {
    trust.signature_verified == Some(false) || trust.hub.as_ref().is_some_and(|hub| hub.vouches() == Some(false))
}
