//! The proxy's rules allow the hub, but not this port.

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        attempt_verdict::AttemptVerdict,
        cause_kind::CauseKind,
        occurrence::Occurrence,
        proxy_answers::{ProxyAnswer, Refusal, request},
        scope::Scope,
        text::clipped,
    },
    observation::Stage,
};

/// The port that proxies allow if they allow any.
const HTTPS_PORT: u16 = 443;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct ProxyPortDenied {
    /// Its URL, without credentials.
    proxy: String,
}

impl CauseKind for ProxyPortDenied {
    const ENTRY: Entry = Entry {
        stage: Stage::Proxy,
        severity: Severity::Error,
        owner: Owner::ProxyAdmin,
        forgery: Forgery::OnlyTheAccused,
        explanation: "Proxies allow CONNECT to few ports: squid and tinyproxy, as they are installed, to 443 and 563. MQTT on \
            8883 and AMQP on 5671 are refused there, while HTTPS and both WebSocket variants, on 443, pass. Most device SDKs \
            use proxies for WebSocket and HTTPS alone, so a WebSocket variant is the usual way; only a client that speaks MQTT \
            or AMQP through a proxy needs the port.",
        proof: "The proxy refuses this port of the hub (HTTP 403, SOCKS reply 2), and connects to another port of the same hub \
            in the same run. If it only closes the connection without a word, or \
            does not get through to the other port, it is `likely`; if no other port was asked for, `possible`.",
    };

    fn title(&self, scope: &Scope) -> String {
        format!("The proxy {} denies connections to {}", scope.or_placeholder("PROXY", &self.proxy), scope.tcp())
    }

    fn fix(&self, scope: &Scope) -> String {
        let (host, ports) = (scope.host(), scope.tcp());
        let (request, by) = match request(&self.proxy) {
            "CONNECT" => ("CONNECT", " (squid: SSL_ports; tinyproxy: ConnectPort)"),
            other => (other, ""),
        };
        format!(
            "Allow {request} to {ports} of {host}{by}, if clients here speak them through the proxy; most SDKs do not, and use \
             a WebSocket variant."
        )
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let proxy = context.proxy()?;
        let refusal = context.proxy_refusal()?;
        let cause = ProxyPortDenied { proxy: clipped(&proxy.url()) };
        // A proxy that wants a login for another port would let it through there.
        let other = context.accepted_at_another_port().or_else(|| context.refused_at_another_port(Refusal::Login));
        let port = context.port();
        let occurrence = match (refusal, other) {
            (Refusal::Denied, Some(_)) => Occurrence::confirmed(cause),
            (Refusal::Closed, Some(_)) => Occurrence::likelier_than(cause, Code::ProxyUpstreamFailure),
            (Refusal::Protocol, Some(_)) if context.proxy_status().is_some_and(|status| !is_for_a_time(status)) => {
                Occurrence::likelier_than(cause, Code::ProxyProtocolError)
            }
            // It may connect to the other port, and could not.
            (Refusal::Denied, None) if context.tried_at_another_port().is_some() => Occurrence::likely(cause),
            // Nothing tells whether the proxy would connect to 443.
            (Refusal::Denied, None)
                if port != HTTPS_PORT && context.refusal_of_port(HTTPS_PORT) != Some(Refusal::Denied) =>
            {
                Occurrence::possible(cause, &[Code::ProxyHostDenied])
            }
            _ => return None,
        };
        let other = other.or_else(|| context.tried_at_another_port());
        let occurrence = occurrence.evidence_if(other.and_then(ProxyAnswer::of));
        let occurrence = occurrence.evidence_if(context.proxy_answer());
        Some(AttemptVerdict::blocked("the proxy denies this port", occurrence))
    }
}

/// Request Timeout and Too Many Requests (RFC 9110, RFC 6585) do not speak of the port.
fn is_for_a_time(status: u16) -> bool {
    matches!(status, 408 | 429)
}
