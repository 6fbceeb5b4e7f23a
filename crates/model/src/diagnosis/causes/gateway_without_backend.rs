//! The reverse proxy in front of the hub gets no answer from the server behind it.

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity, attempt_context::AttemptContext, attempt_end::AttemptEnd,
        attempt_verdict::AttemptVerdict, cause_kind::CauseKind, http_answers::Answered,
        hubs_own::looks_like_hub_response, occurrence::Occurrence, scope::Scope, text::clipped,
    },
    observation::{ExchangeEvidence, HttpResponse, Identity, Stage, UpgradeFailure},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct GatewayWithoutBackend {
    status: u16,
    /// How the proxy names itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    server: Option<String>,
    /// Whether the request was a WebSocket upgrade.
    #[serde(skip)]
    to_upgrade: bool,
    /// Whether a vendor runs the hub and its proxy.
    #[serde(skip)]
    is_vendor_hub: bool,
}

impl CauseKind for GatewayWithoutBackend {
    const ENTRY: Entry = Entry {
        stage: Stage::Upgrade,
        severity: Severity::Error,
        owner: Owner::HubOwner,
        forgery: Forgery::Nobody,
        explanation: "TLS ends at a reverse proxy or load balancer of the hub's own, and that gets no usable answer from the \
            server behind it: the server does not run, listens elsewhere, speaks something else than WebSocket there, or never \
            sees the request to go over to WebSocket, because the reverse proxy does not pass that on (as nginx does by \
            default). No firewall is at fault, and no other path helps.",
        proof: "HTTP 502, 503 or 504 without the hub's own error code, inside TLS that proves the hub. Where the hub's own \
            roots are not known it is `likely` at most: a box that inspects TLS answers so too.",
    };

    fn title(&self, scope: &Scope) -> String {
        let who = match &self.server {
            Some(server) => format!("The hub's reverse proxy ({server})"),
            None => "The hub's reverse proxy".to_owned(),
        };
        format!("{who} gets no answer from the server behind it (HTTP {})", scope.or_placeholder("STATUS", self.status))
    }

    fn fix(&self, scope: &Scope) -> String {
        let host = scope.host();
        if self.is_vendor_hub {
            return format!("Look at the health of {host} and at its vendor's status page, and try again later.");
        }
        let upgrade =
            ", that it is a WebSocket listener, and that `Upgrade` and `Connection` are passed on to it with HTTP/1.1";
        let upgrade = if self.to_upgrade || scope.is_general() { upgrade } else { "" };
        format!(
            "At {host}: check that the server behind the reverse proxy runs where the proxy looks for it{upgrade}. Another path \
             does not help."
        )
    }

    fn is_same(&self, other: &Self) -> bool {
        (self.status, &self.server) == (other.status, &other.server)
    }

    fn merge(&mut self, other: &Self) {
        self.to_upgrade |= other.to_upgrade;
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        match context.ended() {
            AttemptEnd::Upgrade(UpgradeFailure::Refused { status }, evidence) => {
                let response = evidence.map(|evidence| &evidence.response);
                let observed = Answered::to_upgrade(context, *status, response);
                judge(context, Stage::Upgrade, *status, response, observed)
            }
            AttemptEnd::Answered(ExchangeEvidence::Https { response }) => {
                let observed = Answered::to_request(context, response);
                judge(context, Stage::Exchange, response.status, Some(response), observed)
            }
            _ => None,
        }
    }
}

fn judge(
    context: AttemptContext<'_>,
    stage: Stage,
    status: u16,
    response: Option<&HttpResponse>,
    observed: Answered,
) -> Option<AttemptVerdict> {
    let kind = context.observations.hub.kind;
    let hubs_own = response.is_some_and(|response| looks_like_hub_response(kind, response));
    if !matches!(status, 502..=504) || hubs_own {
        return None;
    }
    let server = response.and_then(|response| response.header("server")).map(clipped);
    let is_vendor_hub = !kind.facts().suffixes.is_empty() && !context.observations.hub.kind_assumed;
    let cause = GatewayWithoutBackend { status, server, to_upgrade: stage == Stage::Upgrade, is_vendor_hub };
    let occurrence = match (context.identity(), status) {
        (Some(Identity::Proven), _) => Occurrence::confirmed(cause),
        // Block pages often have this status; another cause judges requests for pages.
        (Some(Identity::Trusted), 503) if stage == Stage::Upgrade => {
            Occurrence::possible(cause, &[Code::GatewayBlockPage])
        }
        (Some(Identity::Trusted), 502 | 504) => Occurrence::likelier_than(cause, Code::TlsIntercepted),
        _ => return None,
    };
    let summary = format!("HTTP {status}: nothing answers behind the hub's reverse proxy");
    Some(AttemptVerdict::declined(summary, occurrence.at_stage(stage).evidence(observed)))
}
