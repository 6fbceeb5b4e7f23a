//! The proxy's rules deny the hub, on every port.

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
    observation::{ProxyDestination, ProxyTrial, Stage},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct ProxyHostDenied {
    /// Its URL, without credentials.
    proxy: String,
    /// Whether it denies a name that does not exist too: it lets through only what is on a list.
    #[serde(skip_serializing_if = "Option::is_none")]
    denies_other_names: Option<bool>,
    /// Whether it connects to an address of the hub, and so denies the name alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    connects_by_address: Option<bool>,
}

impl CauseKind for ProxyHostDenied {
    const ENTRY: Entry = Entry {
        stage: Stage::Proxy,
        severity: Severity::Error,
        owner: Owner::ProxyAdmin,
        forgery: Forgery::OnlyTheAccused,
        explanation: "The proxy answers, and its rules do not let this device connect to the hub on any port: the hub's name is \
            not on the list of what is allowed, stands on one of what is not, or this device has no right to use the proxy at \
            all. The request that the administrator needs is `CONNECT HOST:443`.",
        proof: "The proxy refuses port 443 of the hub (HTTP 403, SOCKS reply 2). A name that cannot exist is asked for too: if \
            it is refused alike, the proxy lets through only what is on a list; if not, it has a rule against the hub.",
    };

    fn title(&self, scope: &Scope) -> String {
        let (proxy, host) = (scope.or_placeholder("PROXY", &self.proxy), scope.host());
        match (self.connects_by_address, self.denies_other_names) {
            (Some(true), _) => format!("The proxy {proxy} denies the name {host}, though not its address"),
            (_, Some(true)) => format!("The proxy {proxy} denies this device every name asked for, and so {host}"),
            _ => format!("The proxy {proxy} denies connections to {host}"),
        }
    }

    fn fix(&self, scope: &Scope) -> String {
        format!(
            "Allow {} to {}{}, {}, for this device.",
            request(&self.proxy),
            scope.host(),
            scope.by_name(),
            match scope.ports() {
                [] => "TCP 443".to_owned(),
                ports if ports.contains(&443) => "TCP 443".to_owned(),
                _ => scope.tcp(),
            }
        )
    }

    fn is_same(&self, other: &Self) -> bool {
        self.proxy == other.proxy
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let proxy = context.proxy()?;
        let refusal = context.proxy_refusal().filter(|refusal| matches!(refusal, Refusal::Denied | Refusal::Closed))?;
        // What closes every connection without a word need not be a proxy.
        if refusal == Refusal::Closed && !context.proxy_speaks_its_protocol() {
            return None;
        }
        let is_denied = |trial: &ProxyTrial| trial.answer.failure().map(|failure| Refusal::of(failure) == refusal);
        let other = context.proxy_trials(ProxyDestination::OtherName).next();
        let address = context.proxy_trials(ProxyDestination::HubAddress).next();
        let address = address.filter(|_| context.proxy_knows_the_name());
        let cause = ProxyHostDenied {
            proxy: clipped(&proxy.url()),
            denies_other_names: other.and_then(is_denied),
            connects_by_address: address.map(|trial| trial.answer.is_ok()),
        };
        let occurrence = match refusal {
            Refusal::Denied => Occurrence::confirmed(cause),
            _ => Occurrence::possible(cause, &[Code::ProxyUpstreamFailure]),
        };
        let occurrence = occurrence
            .evidence_if(context.proxy_answer())
            .evidence_if(other.and_then(|trial| ProxyAnswer::of(&trial.answer)))
            .evidence_if(address.and_then(|trial| ProxyAnswer::of(&trial.answer)));
        Some(AttemptVerdict::blocked("the proxy denies the hub", occurrence))
    }
}
