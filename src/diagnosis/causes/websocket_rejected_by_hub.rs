//! The hub refuses the upgrade.

use serde::Serialize;

use super::CauseKind;
use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        attempt_context::{AttemptContext, is_the_hubs},
        http_answers::Answered,
        ladder::Ended,
        occurrence::Occurrence,
        scope::Scope,
        verdict::AttemptVerdict,
    },
    observation::{Identity, Stage, UpgradeFailure},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct WebsocketRejectedByHub {
    status: u16,
}

impl CauseKind for WebsocketRejectedByHub {
    const ENTRY: Entry = Entry {
        word: "websocket-rejected-by-hub",
        stage: Stage::Upgrade,
        severity: Severity::Error,
        owner: Owner::HubOwner,
        forgery: Forgery::Nobody,
        explanation: "The answer comes from the hub itself, inside TLS that proves it: no firewall is at fault. The path may \
            be wrong, or the hub does not offer this protocol.",
        proof: "A 4xx or 5xx answer inside TLS that proves the hub; `likely` where the hub's own roots are not known.",
    };

    fn title(&self, scope: &Scope) -> String {
        format!("The hub refuses the WebSocket upgrade (HTTP {})", scope.or_word("STATUS", self.status))
    }

    fn fix(&self, _: &Scope) -> String {
        "Enable the protocol at the hub; for a broker of another make, try `--ws-path` first.".to_owned()
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let Ended::Upgrade(UpgradeFailure::Refused { status }, evidence) = context.ended() else { return None };
        let response = evidence.map(|evidence| &evidence.response);
        let cause = Self { status: *status };
        let seen = Answered::to_upgrade(context, *status, response);
        match context.identity() {
            Some(Identity::Proven) => Some(AttemptVerdict::declined(
                format!("the hub refuses the upgrade: HTTP {status}"),
                Occurrence::confirmed(cause).evidence(seen),
            )),
            Some(Identity::Intercepted) => None,
            _ => {
                let hubs_own = response.is_some_and(|response| is_the_hubs(context.seen.hub.kind, response));
                let occurrence = match (status, hubs_own) {
                    (403 | 451 | 503, false) => Occurrence::possible(cause, &[Code::GatewayBlockPage]),
                    _ => Occurrence::likely(cause),
                };
                let summary = format!("the upgrade is refused: HTTP {status}");
                Some(AttemptVerdict::declined(summary, occurrence.evidence(seen)))
            }
        }
    }
}
