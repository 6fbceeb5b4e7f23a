//! One attempt among all the others: what a rule may look at.

use crate::{
    observation::{
        Attempt, CheckSeen, ConnectFailure, Ending, ExchangeEvidence, HttpResponse, Identity, Observations, TlsEvidence,
    },
    target::{HubKind, Login, Protocol},
};

/// One attempt, with the run around it for comparison.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) seen: &'a Observations,
    pub(super) check: &'a CheckSeen,
    pub(super) attempt: &'a Attempt,
}

impl<'a> Scene<'a> {
    /// Another port on which the same address answered the TCP handshake.
    pub(super) fn answering_port(&self) -> Option<u16> {
        let others = self.seen.checks.iter().filter(|check| check.port != self.check.port);
        others
            .filter(|check| {
                check.attempts.iter().any(|other| other.address == self.attempt.address && other.connect.is_ok())
            })
            .map(|check| check.port)
            .next()
    }

    /// What TLS showed here.
    pub(super) fn tls(&self) -> Option<&'a TlsEvidence> {
        self.attempt.tls.evidence()
    }

    /// Who is at the other end.
    pub(super) fn identity(&self) -> Option<Identity> {
        self.tls()?.trust.as_ref().map(|trust| trust.identity)
    }

    /// Whether the peer asked for a certificate that we do not have.
    pub(super) fn wants_certificate(&self) -> bool {
        self.tls().is_some_and(|tls| tls.client_certificate_requested)
    }

    /// Whether `protocol` was answered somewhere in this run.
    pub(super) fn answered(&self, protocol: Protocol) -> bool {
        let checks = self.seen.checks.iter().filter(|check| check.protocol == protocol);
        checks.flat_map(|check| &check.attempts).any(|attempt| match attempt.exchange.success() {
            Some(ExchangeEvidence::Https { response }) => is_the_hubs(self.seen.hub.kind, response),
            Some(_) => true,
            None => false,
        })
    }
}

/// Whether an HTTP answer looks like the hub's: the product's own error code, which no gateway has a reason to send.
pub(super) fn is_the_hubs(kind: HubKind, response: &HttpResponse) -> bool {
    match kind.facts().login {
        Login::AzureIotHub => {
            (400..500).contains(&response.status)
                && (response.header("iothub-errorcode").is_some() || response.body_start.contains("ErrorCode:"))
        }
        Login::Anonymous => false,
    }
}

/// Whether a farewell came inside TLS, and so from the peer itself.
pub(super) fn is_the_peers_own(ending: &Ending) -> bool {
    matches!(ending, Ending::CloseNotify | Ending::Alert { .. } | Ending::WebSocketClose { .. })
}

/// Whether the machine has no route to the attempt's address at all.
pub(super) fn has_no_route(attempt: &Attempt) -> bool {
    attempt.connect.failure() == Some(&ConnectFailure::NoRoute)
}
