//! The intercepting gateway does not pass the upgrade on.

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity, attempt_context::AttemptContext, attempt_end::AttemptEnd,
        attempt_verdict::AttemptVerdict, cause_kind::CauseKind, http_answers::Answered,
        hubs_own::looks_like_hub_response, occurrence::Occurrence, remedy::Remedy, scope::Scope,
    },
    hub::Protocol,
    observation::{Stage, UpgradeFailure},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct WebsocketStripped {
    status: u16,
}

impl CauseKind for WebsocketStripped {
    const ENTRY: Entry = Entry {
        stage: Stage::Upgrade,
        severity: Severity::Error,
        owner: Owner::ProxyAdmin,
        forgery: Forgery::OnlyTheAccused,
        explanation: "HTTPS passes the inspecting gateway, but the request to go over to WebSocket does not survive it.",
        proof: "The upgrade is not answered 101 though plain HTTPS reaches the hub, and TLS is intercepted. An answer \
            with the hub's own error code leaves it `possible`: the hub itself may have refused.",
    };

    fn title(&self, scope: &Scope) -> String {
        format!(
            "The gateway that inspects TLS does not pass WebSocket on (HTTP {})",
            scope.or_placeholder("STATUS", self.status)
        )
    }

    fn fix(&self, scope: &Scope) -> String {
        format!("Allow WebSocket upgrades to {}, or exempt it from inspection.", scope.host())
    }

    fn remedy(&self) -> Remedy {
        Remedy::OpenAfter
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let AttemptEnd::Upgrade(UpgradeFailure::Refused { status }, evidence) = context.ended() else { return None };
        if !context.is_intercepted() {
            return None;
        }
        let response = evidence.map(|evidence| &evidence.response);
        let cause = Self { status: *status };
        let hubs_own =
            response.is_some_and(|response| looks_like_hub_response(context.observations.hub.kind, response));
        let occurrence = if hubs_own {
            // The request reached the hub, without its upgrade or with one that the hub does not accept.
            Occurrence::possible(cause, &[Code::WebsocketRejectedByHub])
                .evidence("the answer carries the hub's own error code")
        } else if context.hub_answered(Protocol::Https) {
            Occurrence::confirmed(cause)
                .evidence("plain HTTPS to the hub is answered by the hub through the same gateway")
        } else {
            return None;
        };
        let observed = Answered::to_upgrade(context, *status, response);
        let gateway = if context.proxy().is_some() { "proxy" } else { "gateway" };
        let summary = format!("the {gateway} strips the upgrade: HTTP {status}");
        Some(AttemptVerdict::blocked(summary, occurrence.evidence(observed)))
    }
}
