//! One attempt among all the others: what a rule may look at.

use std::net::IpAddr;

use super::{
    comparisons::Comparisons,
    location::{self, ResetFrom},
    peer::Peer,
};
use crate::{
    hub::{HubKind, Protocol, ResponseSignature},
    observation::{
        Attempt, CheckObservations, Ending, ExperimentKind, HttpResponse, Identity, LocalNetwork, Observations, Path,
        Subject, TlsEvidence, Trace, Trust, kind,
    },
};

/// One attempt, with the run around it for comparison.
#[derive(Clone, Copy)]
pub(super) struct AttemptContext<'a> {
    pub(super) observations: &'a Observations,
    pub(super) comparisons: &'a Comparisons<'a>,
    pub(super) check: &'a CheckObservations,
    pub(super) attempt: &'a Attempt,
}

/// What the other ports of an address say about a port that does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reference {
    /// This one completed the TCP handshake.
    Answers(u16),
    /// Others were tried to the end, and none did.
    NoneAnswers,
    /// No other was tried.
    NoneTried,
}

impl<'a> AttemptContext<'a> {
    pub(super) fn address(&self) -> IpAddr {
        self.attempt.address
    }

    pub(super) fn port(&self) -> u16 {
        self.check.port
    }

    /// This machine's own network, where it was looked at.
    pub(super) fn network(&self) -> Option<&'a LocalNetwork> {
        self.observations.vantage.network.as_ref()
    }

    /// Whether packets to the address never leave this machine: no path leads there.
    pub(super) fn is_this_machine(&self) -> bool {
        let address = self.address();
        address.is_loopback() || self.network().is_some_and(|own| own.is_own(address))
    }

    /// How the same address fares on other ports in the same run.
    pub(super) fn reference(&self) -> Reference {
        self.comparisons.reference(self.attempt.address, self.check.port)
    }

    /// What the experiments of this kind showed of this attempt.
    pub(super) fn all_shown<K: ExperimentKind>(&self) -> impl Iterator<Item = &'a K::Facts> + use<'a, K> {
        let subject = Subject { check: &self.check.id, address: self.attempt.address, port: self.check.port };
        self.comparisons.shown::<K>(subject).into_iter()
    }

    /// What the first of them showed, if one was made.
    pub(super) fn shown<K: ExperimentKind>(&self) -> Option<&'a K::Facts> {
        self.all_shown::<K>().next()
    }

    /// Where the RST of its port comes from, as far as its path was traced.
    pub(super) fn reset_from(&self) -> ResetFrom {
        self.shown::<kind::Path>().map_or(ResetFrom::Unclear, |path| location::reset(path, self.reference_of(path)))
    }

    /// Who answers at the port that a path is compared with. Whose handshakes are completed on the way, is not the hub.
    pub(super) fn reference_of(&self, path: &Path) -> Option<Peer> {
        let Trace { address, port, .. } = path.reference.as_ref()?;
        let paths = self.comparisons.paths_to(*address);
        match location::completed_early(paths, *address, *port) {
            Some(_) => Some(Peer::Stranger),
            None => self.comparisons.peer(*address, *port),
        }
    }

    /// What TLS showed here.
    pub(super) fn tls(&self) -> Option<&'a TlsEvidence> {
        self.attempt.tls.evidence()
    }

    /// What the trust stores say of the peer's chain.
    pub(super) fn trust(&self) -> Option<&'a Trust> {
        self.tls()?.trust.as_ref()
    }

    /// Who is at the other end. Without the peer's signature, anybody on the path may have shown the chain.
    pub(super) fn identity(&self) -> Option<Identity> {
        let trust = self.trust()?;
        // A handshake that ended well had it; older versions wrote no more of it.
        let signed = trust.signature_verified.unwrap_or(self.attempt.tls.is_ok());
        Some(if trust.identity.goes_on() && !signed { Identity::Unverified } else { trust.identity })
    }

    /// Whether TLS stands, with a peer with whom we go on.
    pub(super) fn is_past_tls(&self) -> bool {
        self.attempt.connect.is_ok() && self.attempt.tls.is_ok() && self.identity().is_some_and(Identity::goes_on)
    }

    /// Whether the peer had chosen a version and a suite before the handshake ended.
    pub(super) fn has_server_hello(&self) -> bool {
        self.tls().is_some_and(|tls| tls.server_hello || !tls.chain.is_empty())
    }

    /// Whether a box on the path opened the TLS that this attempt spoke in.
    pub(super) fn is_intercepted(&self) -> bool {
        self.identity() == Some(Identity::Intercepted)
    }

    /// Whether the device accepts the peer, and nothing is known against its being the hub.
    pub(super) fn is_verified(&self) -> bool {
        matches!(self.identity(), Some(Identity::Proven | Identity::Trusted))
    }

    /// Whether the peer asked for a certificate that we do not have.
    pub(super) fn wants_certificate(&self) -> bool {
        self.tls().is_some_and(|tls| tls.client_certificate_requested)
    }

    /// Whether the hub's answer in `protocol` was seen somewhere in this run.
    pub(super) fn answered(&self, protocol: Protocol) -> bool {
        self.comparisons.answered(protocol)
    }

    /// Whether `protocol` was tried to the end somewhere in this run.
    pub(super) fn tried(&self, protocol: Protocol) -> bool {
        self.comparisons.tried(protocol)
    }
}

/// Whether an HTTP answer looks like the hub's: an error that bears what only the product has a reason to send.
pub(super) fn is_the_hubs(kind: HubKind, response: &HttpResponse) -> bool {
    let body = response.body_start.trim_start();
    let bears = |mark: &ResponseSignature| match mark {
        ResponseSignature::Header(name) => response.header(name).is_some(),
        ResponseSignature::Body(words) => body.contains(words),
        ResponseSignature::Object(words) => body.starts_with('{') && words.iter().all(|word| body.contains(word)),
    };
    (400..600).contains(&response.status) && kind.facts().response_signatures.iter().any(bears)
}

/// Whether a farewell came inside TLS, and so from the peer itself.
pub(super) fn is_the_peers_own(ending: &Ending) -> bool {
    matches!(ending, Ending::CloseNotify | Ending::Alert { .. } | Ending::WebSocketClose { .. })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, body: &str) -> HttpResponse {
        let (reason, headers) = (String::new(), Vec::new());
        HttpResponse {
            minor_version: 1,
            status,
            reason,
            headers: headers.into_iter().collect(),
            body_start: body.to_owned(),
        }
    }

    #[test]
    fn a_product_is_known_by_its_own_errors() {
        let dps = r#"{"errorCode":401000,"trackingId":"8ad0463c","message":"Unauthorized"}"#;
        let hub = r#"{"Message":"ErrorCode:IotHubUnauthorizedAccess;Unauthorized"}"#;
        for (kind, body, is_its_own) in [
            (HubKind::AzureDps, dps, true),
            (HubKind::AzureDps, hub, false),
            (HubKind::AzureDps, r#"<p>"errorCode" "trackingId"</p>"#, false),
            (HubKind::AzureIotHub, hub, true),
            (HubKind::AzureIotEdge, hub, true),
            (HubKind::AzureIotHub, dps, false),
            (HubKind::HttpsEndpoint, dps, false),
        ] {
            assert_eq!(is_the_hubs(kind, &answered(401, body)), is_its_own, "{kind}: {body}");
            assert!(!is_the_hubs(kind, &answered(200, body)), "an error alone is a mark");
        }
    }
}
