//! The proxy's rules allow the hub, but not this port.

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        attempt_verdict::AttemptVerdict,
        cause_kind::CauseKind,
        occurrence::Occurrence,
        proxy_answers::{ProxyAnswer, Refusal},
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
            in the same run. If it only closes the connection without a word, it is `likely`.",
    };

    fn title(&self, scope: &Scope) -> String {
        format!("The proxy {} denies connections to {}", scope.or_placeholder("PROXY", &self.proxy), scope.tcp())
    }

    fn fix(&self, scope: &Scope) -> String {
        let (host, ports) = (scope.host(), scope.tcp());
        format!(
            "Allow CONNECT to {ports} of {host} (squid: SSL_ports; tinyproxy: ConnectPort), if clients here speak them through \
             the proxy; most SDKs do not, and use a WebSocket variant."
        )
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let proxy = context.proxy()?;
        let refusal = context.proxy_refusal().filter(|refusal| matches!(refusal, Refusal::Denied | Refusal::Closed))?;
        let cause = ProxyPortDenied { proxy: clipped(&proxy.url()) };
        let occurrence = match (context.let_through_at_another_port(), refusal) {
            (Some(other), Refusal::Denied) => Occurrence::confirmed(cause).evidence_if(ProxyAnswer::of(other)),
            (Some(other), _) => {
                Occurrence::likelier_than(cause, Code::ProxyUpstreamFailure).evidence_if(ProxyAnswer::of(other))
            }
            // Nothing tells whether the proxy would connect to 443.
            (None, Refusal::Denied)
                if context.port() != HTTPS_PORT
                    && !context.requests_for_the_hub().any(|(port, _)| port == HTTPS_PORT) =>
            {
                Occurrence::possible(cause, &[Code::ProxyHostDenied])
            }
            (None, _) => return None,
        };
        let occurrence = occurrence.evidence_if(context.proxy_answer());
        Some(AttemptVerdict::blocked(format!("the proxy denies port {}", context.port()), occurrence))
    }
}
