//! The proxy lets this device in, and does not get to the hub itself.

use std::fmt;

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        attempt_end::AttemptEnd,
        attempt_verdict::{AttemptOutcome, AttemptVerdict},
        cause_kind::CauseKind,
        evidence::Statement,
        occurrence::Occurrence,
        proxy_answers::{ProxyAnswer, Refusal},
        scope::Scope,
        text::clipped,
    },
    observation::{Identity, ProxyDestination, ProxyObservations, ProxyTrial, Stage, StageResult, TlsFailure},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct ProxyUpstreamFailure {
    /// Its URL, without credentials.
    proxy: String,
    /// Whether the hub is reached through it by an address that this device knows: its name servers are at fault.
    by_address: bool,
    /// Whether another machine than the hub answers through it.
    #[serde(skip_serializing_if = "is_false")]
    another: bool,
    /// Whether it connected to the same port for another request of the run: it is busy, or limits its clients.
    #[serde(skip_serializing_if = "is_false")]
    only_some: bool,
    /// Whether it says that it is connected, and nothing comes through.
    #[serde(skip_serializing_if = "is_false")]
    empty_tunnel: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

impl CauseKind for ProxyUpstreamFailure {
    const ENTRY: Entry = Entry {
        stage: Stage::Proxy,
        severity: Severity::Error,
        owner: Owner::ProxyAdmin,
        forgery: Forgery::OnlyTheAccused,
        explanation: "The proxy takes the request and cannot fulfil it: its name servers do not know the hub or know another \
            address than this device's, a firewall stops the port between the proxy and the hub, the hub does not answer there, \
            or the proxy is busy or limits how many tunnels a client has. From here only the proxy's word is heard; its log says more.",
        proof: "HTTP 500, 502, 503 or 504, or SOCKS reply 1, 3, 4, 5 or 6. If the same proxy reaches the hub by an address that \
            this device knows, and by name at no port, its name servers are at fault. What it refuses to one request and grants to \
            another for the same port, in the same run, is `likely` its load or its limits. A proxy that does not answer in time, and answers other \
            requests, is `likely`; a tunnel that ends or stands still before the hub's first word is `possible`.",
    };

    fn title(&self, scope: &Scope) -> String {
        let (proxy, host, tcp) = (scope.or_placeholder("PROXY", &self.proxy), scope.host(), scope.tcp());
        match (self.by_address, self.empty_tunnel) {
            _ if self.another => format!("The proxy {proxy} leads to another machine than {host}"),
            _ if self.only_some => format!("The proxy {proxy} fulfils only some of several requests at a time"),
            (true, _) => format!("The proxy {proxy} reaches {host} by its address, and not by its name"),
            (false, true) => {
                format!("The proxy {proxy} connects to {tcp} of {host}, and nothing of the hub comes through")
            }
            (false, false) => format!("The proxy {proxy} does not get through to {tcp} of {host}"),
        }
    }

    fn fix(&self, scope: &Scope) -> String {
        let (host, tcp) = (scope.host(), scope.tcp());
        match (self.by_address, self.another) {
            _ if self.only_some => {
                "At the proxy: look at its load, and at its limits of connections and tunnels for one client."
                    .to_owned()
            }
            (_, true) => format!(
                "At the proxy: look up {host}, and compare its address with this device's: another machine answers there."
            ),
            (true, false) => format!(
                "At the proxy: look up {host}. Its name servers do not know it, or know another address than this device's."
            ),
            (false, false) => format!(
                "At the proxy: look into its log for {host}; check that it resolves the name, and that its own firewall lets it \
                 connect to {tcp} there."
            ),
        }
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        context.proxy()?;
        match (context.proxy_refusal(), context.ended()) {
            (Some(refusal), _) => of_refusal(context, refusal),
            (None, AttemptEnd::Tls(failure)) if !context.has_server_hello() => of_tunnel(context, failure),
            _ => None,
        }
    }

    /// It let through to another than the hub.
    fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        let Some(trial) = proved_by_address(context) else { return verdict };
        // Who inspects TLS for names alone shows a certificate of the hub's name.
        let names_another = context.trust().is_some_and(|trust| !trust.name_matches);
        let is_another = context.attempt.proxy.as_ref().is_some_and(StageResult::is_ok)
            && names_another
            && !context.identity().is_none_or(Identity::is_the_hub);
        if verdict.outcome == AttemptOutcome::Allowed || !is_another {
            return verdict;
        }
        let root = Occurrence::confirmed(ProxyUpstreamFailure { another: true, ..cause(context, true) })
            .evidence_if(ProxyAnswer::of(&trial.answer))
            .evidence("by that address the hub proves itself through the proxy, by its name another answers");
        verdict.misdirected_by(root, "the proxy takes the hub's name for another address")
    }
}

fn cause(context: AttemptContext<'_>, by_address: bool) -> ProxyUpstreamFailure {
    let proxy = context.proxy().map(|proxy| clipped(&proxy.url())).unwrap_or_default();
    ProxyUpstreamFailure { proxy, by_address, ..ProxyUpstreamFailure::default() }
}

/// A certificate of another name, shown through the proxy while the hub answers directly: its name is right, so the proxy
/// leads elsewhere, or what inspects TLS there shows a certificate of its own.
pub(in crate::diagnosis) fn leads_elsewhere(proxy: &ProxyObservations, mismatch: Occurrence) -> Occurrence {
    let cause = ProxyUpstreamFailure { proxy: clipped(&proxy.url()), another: true, ..ProxyUpstreamFailure::default() };
    mismatch.told_as(cause).owner(Owner::ProxyAdmin).at_stage(Stage::Proxy).only_possibly(Code::TlsIntercepted)
}

/// The request by which the proxy reached the hub at an address that this device knows.
fn proved_by_address(context: AttemptContext<'_>) -> Option<&ProxyTrial> {
    let proves = |trial: &&ProxyTrial| {
        let trust = trial.tls.as_ref().and_then(|tls| tls.success()).and_then(|tls| tls.trust.as_ref());
        trust.is_some_and(|trust| trust.identity.is_the_hub())
    };
    context.proxy_trials(ProxyDestination::HubAddress).find(proves)
}

fn of_refusal(context: AttemptContext<'_>, refusal: Refusal) -> Option<AttemptVerdict> {
    let by_address = context.accepted_by_address_alone().filter(|_| context.proxy_knows_the_name());
    let other = context.accepted_at_another_port();
    let only_some = context.accepts_this_port_elsewhere();
    let cause = ProxyUpstreamFailure { only_some, ..cause(context, by_address.is_some()) };
    let (occurrence, summary) = match refusal {
        Refusal::Upstream if only_some => {
            (Occurrence::likely(cause), "the proxy fulfils only some of several requests")
        }
        Refusal::Upstream => (Occurrence::confirmed(cause), "the proxy does not get through to the hub"),
        Refusal::Silent if context.proxy_speaks_its_protocol() => {
            (Occurrence::likely(cause), "the proxy does not answer: it may wait for the hub")
        }
        Refusal::Silent => (
            Occurrence::possible(cause, &[Code::ProxyProtocolError]),
            "the proxy does not answer: it may wait for the hub",
        ),
        Refusal::Login | Refusal::Denied | Refusal::Closed | Refusal::Protocol => return None,
    };
    let occurrence = occurrence
        .evidence_if(context.proxy_answer())
        .evidence_if(other.and_then(ProxyAnswer::of))
        .evidence_if(by_address.and_then(|trial| ProxyAnswer::of(&trial.answer)));
    Some(AttemptVerdict::blocked(summary, occurrence))
}

/// Some proxies say that they are connected before they are.
fn of_tunnel(context: AttemptContext<'_>, failure: &TlsFailure) -> Option<AttemptVerdict> {
    let (code, end) = match failure {
        TlsFailure::Closed { bytes_received: 0 } => (Code::TlsReset, TunnelEnd::Closed),
        TlsFailure::Reset { bytes_received: 0 } => (Code::TlsReset, TunnelEnd::Reset),
        TlsFailure::TimedOut { bytes_received: 0, .. } => (Code::TlsSilent, TunnelEnd::Silent),
        _ => return None,
    };
    let cause = ProxyUpstreamFailure { empty_tunnel: true, ..cause(context, false) };
    let occurrence = Occurrence::possible(cause, &[code])
        .evidence_if(context.proxy_answer())
        .evidence(Tunnel { port: context.port(), end });
    Some(AttemptVerdict::blocked(end.summary(), occurrence))
}

/// A tunnel through which nothing of the hub came.
#[derive(Debug, Clone, PartialEq)]
struct Tunnel {
    port: u16,
    end: TunnelEnd,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum TunnelEnd {
    Closed,
    Reset,
    Silent,
}

impl TunnelEnd {
    fn summary(self) -> &'static str {
        match self {
            Self::Closed | Self::Reset => "the proxy ends the connection before the hub's first word",
            Self::Silent => "nothing of the hub comes through the proxy",
        }
    }
}

impl Statement for Tunnel {
    fn is_like(&self, other: &Self) -> bool {
        self.end == other.end
    }
}

impl fmt::Display for Tunnel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let port = self.port;
        match self.end {
            TunnelEnd::Closed => write!(f, "the connection to port {port} through it was closed after our TLS hello"),
            TunnelEnd::Reset => write!(f, "the connection to port {port} through it was reset after our TLS hello"),
            TunnelEnd::Silent => write!(f, "our TLS hello to port {port} through it was not answered"),
        }
    }
}
