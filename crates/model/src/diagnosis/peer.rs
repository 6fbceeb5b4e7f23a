//! Who answers at a port: the hub, or somebody in its place. What a stranger's port shows says nothing of where the hub is.

use super::clear_http::sends_elsewhere;
use crate::observation::{Attempt, Identity, TlsFailure, Trust};

/// Who answers, as far as the handshake tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Peer {
    /// The hub: it holds the key of a certificate that vouches for it.
    Hub,
    /// Its certificate is neither the hub's, as far as is known, nor known to be somebody else's.
    Doubtful,
    /// Somebody else.
    Stranger,
}

impl Peer {
    /// `None` where it showed nothing of itself.
    pub(super) fn of(attempt: &Attempt, host: &str) -> Option<Self> {
        if let Some(TlsFailure::NotTls { first_bytes }) = attempt.tls.failure() {
            return sends_elsewhere(first_bytes, host).then_some(Self::Stranger);
        }
        let trust = attempt.tls.evidence()?.trust.as_ref()?;
        let signed = trust.signature_verified.unwrap_or(attempt.tls.is_ok());
        Some(match trust.identity {
            Identity::Proven | Identity::Trusted if signed => Self::Hub,
            Identity::UntrustedHere => Self::Hub,
            _ if is_somebody_elses(trust) => Self::Stranger,
            _ => Self::Doubtful,
        })
    }
}

/// The hub's own roots are known, and the chain leads to another; or the key is not its.
fn is_somebody_elses(trust: &Trust) -> bool {
    trust.signature_verified == Some(false) || trust.hub.as_ref().is_some_and(|hub| hub.vouches() == Some(false))
}
