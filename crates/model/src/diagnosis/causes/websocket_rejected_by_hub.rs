//! The hub refuses the upgrade.

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        attempt_end::AttemptEnd,
        attempt_verdict::AttemptVerdict,
        cause_kind::CauseKind,
        http_answers::{Answered, came_through_a_proxy},
        hubs_own::looks_like_hub_response,
        occurrence::Occurrence,
        scope::Scope,
    },
    observation::{Identity, Stage, UpgradeFailure},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct WebsocketRejectedByHub {
    status: u16,
    /// Proxies left their names in the answer.
    #[serde(skip)]
    came_through_a_proxy: bool,
}

impl CauseKind for WebsocketRejectedByHub {
    const ENTRY: Entry = Entry {
        stage: Stage::Upgrade,
        severity: Severity::Error,
        owner: Owner::HubOwner,
        forgery: Forgery::Nobody,
        explanation: "The answer comes from the hub itself, inside TLS that proves it: no firewall is at fault. The path may \
            be wrong, or the hub does not offer this protocol.",
        proof: "A 4xx or 5xx answer inside TLS that proves the hub; `likely` where the hub's own roots are not known.",
    };

    fn title(&self, scope: &Scope) -> String {
        format!("The hub refuses the WebSocket upgrade (HTTP {})", scope.or_placeholder("STATUS", self.status))
    }

    fn fix(&self, scope: &Scope) -> String {
        let host = scope.host();
        if self.came_through_a_proxy {
            return format!(
                "The answer came through a proxy (`via` or `x-cache` in the evidence). Where it is this network's, its \
                 administrator must let it pass WebSocket upgrades to {host} on; where it stands before the hub, the hub's \
                 owner must, with `Upgrade` and `Connection` and with HTTP/1.1."
            );
        }
        match self.status {
            200..=299 => format!(
                "A web page is served there: say which path of {host} is its WebSocket's; a reverse proxy before it must pass \
                 `Upgrade` and `Connection` on."
            ),
            300..=399 => format!("Say where the WebSocket of {host} is: the answer leads to another place."),
            400 | 426 => format!(
                "At {host}: the request came there without its upgrade, or with one that is not wanted. A reverse proxy \
                 must pass `Upgrade` and `Connection` on, with HTTP/1.1; a broker must know the subprotocol."
            ),
            403 => format!(
                "Look at what {host} lets in: an IP filter, a rule of its web firewall, the origins and the path that it takes."
            ),
            500..=599 => format!("Look into the log of {host}: the server itself fails at this request."),
            _ => format!("Enable the protocol at {host}."),
        }
    }

    fn first_step(&self, _: &Scope) -> Option<String> {
        let step = match self.status {
            _ if self.came_through_a_proxy => return None,
            200..=299 => "Try another path with `--ws-path`, where you know it.",
            300..=399 => "Check the name, and `--ws-path`, against `location` in the evidence.",
            400 | 403 | 426 | 500..=599 => return None,
            _ => "For a broker of another make, try `--ws-path`.",
        };
        Some(step.to_owned())
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let AttemptEnd::Upgrade(UpgradeFailure::Refused { status }, evidence) = context.ended() else { return None };
        let response = evidence.map(|evidence| &evidence.response);
        let cause = Self { status: *status, came_through_a_proxy: false };
        let observed = Answered::to_upgrade(context, *status, response);
        match context.identity() {
            Some(Identity::Proven) => Some(AttemptVerdict::declined(
                format!("the hub refuses the upgrade: HTTP {status}"),
                Occurrence::confirmed(cause).evidence(observed),
            )),
            Some(Identity::Intercepted) => None,
            _ => {
                let hubs_own =
                    response.is_some_and(|response| looks_like_hub_response(context.observations.hub.kind, response));
                let occurrence = match (status, hubs_own) {
                    (403 | 451 | 503, false) => Occurrence::possible(cause, &[Code::GatewayBlockPage]),
                    (_, false) if response.is_some_and(came_through_a_proxy) => {
                        let cause = Self { came_through_a_proxy: true, ..cause };
                        Occurrence::possible(cause, &[Code::WebsocketStripped])
                    }
                    _ => Occurrence::likely(cause),
                };
                let summary = format!("the upgrade is refused: HTTP {status}");
                Some(AttemptVerdict::declined(summary, occurrence.evidence(observed)))
            }
        }
    }
}
