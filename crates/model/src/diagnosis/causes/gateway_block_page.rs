//! An HTTP answer that is not the hub's.

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity, attempt_context::AttemptContext, attempt_end::AttemptEnd,
        attempt_verdict::AttemptVerdict, cause_kind::CauseKind, http_answers::Answered, occurrence::Occurrence,
        remedy::Remedy, scope::Scope,
    },
    hub::Protocol,
    observation::{ExchangeEvidence, HttpResponse, Identity, Stage, UpgradeFailure},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct GatewayBlockPage {
    status: u16,
}

impl CauseKind for GatewayBlockPage {
    const ENTRY: Entry = Entry {
        stage: Stage::Upgrade,
        severity: Severity::Error,
        owner: Owner::SecurityTeam,
        forgery: Forgery::OnlyTheAccused,
        explanation: "The HTTP answer does not look like the hub's: an inspecting gateway shows a page of its own, usually to \
            say that the site is not allowed.",
        proof: "The peer is not proven to be the hub, and the answer is not one that the hub gives.",
    };

    fn title(&self, scope: &Scope) -> String {
        format!("A gateway answers in the hub's place (HTTP {})", scope.or_placeholder("STATUS", self.status))
    }

    fn fix(&self, scope: &Scope) -> String {
        format!("Allow {}, and exempt it from TLS inspection.", scope.host())
    }

    fn remedy(&self) -> Remedy {
        Remedy::OpenAfter
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        match context.ended() {
            AttemptEnd::Upgrade(UpgradeFailure::Refused { status }, evidence)
                if context.identity() == Some(Identity::Intercepted) =>
            {
                Some(to_upgrade(context, *status, evidence.map(|evidence| &evidence.response)))
            }
            AttemptEnd::Answered(ExchangeEvidence::Https { response }) if !context.is_hub_response(response) => {
                to_request(context, response)
            }
            _ => None,
        }
    }
}

/// Plain HTTPS shows whether the gateway blocks the hub or only WebSocket: `websocket-stripped` comes first.
fn to_upgrade(context: AttemptContext<'_>, status: u16, response: Option<&HttpResponse>) -> AttemptVerdict {
    let cause = GatewayBlockPage { status };
    let occurrence = match context.exchange_finished(Protocol::Https) {
        true => Occurrence::likely(cause),
        false => Occurrence::possible(cause, &[Code::WebsocketStripped]),
    };
    let observed = Answered::to_upgrade(context, status, response);
    AttemptVerdict::blocked(format!("a gateway answers: HTTP {status}"), occurrence.evidence(observed))
}

fn to_request(context: AttemptContext<'_>, response: &HttpResponse) -> Option<AttemptVerdict> {
    let cause = GatewayBlockPage { status: response.status };
    let occurrence = match (context.is_intercepted(), response.status) {
        (_, 300..=399) => Occurrence::possible(cause, &[Code::CaptivePortal]),
        // The hub also answers 401; only its error code is missing, which may have been removed on the path.
        (true, 401) => Occurrence::possible(cause, &[Code::AuthenticationRefused]),
        (true, _) => Occurrence::confirmed(cause),
        (false, 403 | 451 | 503) => Occurrence::possible(cause, &[Code::ProtocolMismatch]),
        (false, _) => return None,
    };
    let observed = Answered::not_the_hubs(context, response);
    Some(AttemptVerdict::blocked(observed.summary(), occurrence.evidence(observed)))
}
