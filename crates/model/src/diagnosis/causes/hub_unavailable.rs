//! The hub answers that it does not serve: its own doing, not the network's.

use std::fmt;

use serde::Serialize;

use crate::{
    diagnosis::{
        Entry, Forgery, Owner, Severity,
        attempt_context::{AttemptContext, tls_version},
        attempt_end::AttemptEnd,
        attempt_verdict::{AttemptOutcome, AttemptVerdict},
        cause_kind::CauseKind,
        connack::{Connack, Meaning},
        evidence::Statement,
        http_answers::Answered,
        hub_error::HubError,
        hubs_own::looks_like_hub_response,
        occurrence::Occurrence,
        phrases,
        scope::Scope,
    },
    observation::{ExchangeEvidence, HttpResponse, Identity, Stage, UpgradeFailure},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct HubUnavailable {
    /// The code of its CONNACK.
    #[serde(skip_serializing_if = "Option::is_none")]
    connack: Option<u8>,
    /// Its HTTP status.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    /// What its own error code says in addition.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<HubError>,
}

impl CauseKind for HubUnavailable {
    const ENTRY: Entry = Entry {
        stage: Stage::Exchange,
        severity: Severity::Warning,
        owner: Owner::HubOwner,
        forgery: Forgery::Nobody,
        explanation: "The hub itself answers, so the network works; but it says that it does not serve, or not from here. That is \
            no refusal of a login: an IP filter, disabled public access, a quota, a rate limit or a hub that moved answers so, \
            and so does a hub that was asked for by another name than its own. One that speaks another version of MQTT says that \
            (information).",
        proof: "The answer: a CONNACK that says so (return code 3; of MQTT 5 the reasons 0x88 to 0x8B, 0x96 to 0x98, 0x9C, \
            0x9D, 0x9F and 0xA0; of versions 1 and 0x84), HTTP 429, 503 with the hub's own error code, or any error with one that says so \
            (IotHubSuspended, IotHubNotFound, IotHubQuotaExceeded, ThrottlingException), inside TLS that proves the hub; `likely` \
            in any other.",
    };

    fn title(&self, scope: &Scope) -> String {
        let answer = scope.or_placeholder("ANSWER", self.answer_text());
        match self.connack {
            Some(0x01 | 0x84) => format!("The hub speaks another version of MQTT: {answer}"),
            _ => format!("The hub answers, but does not serve: {answer}"),
        }
    }

    fn first_step(&self, _: &Scope) -> Option<String> {
        (self.error == Some(HubError::NotFound)).then(|| "Check the spelling of the hub's name.".to_owned())
    }

    fn fix(&self, scope: &Scope) -> String {
        let host = scope.host();
        match self.error {
            Some(HubError::Suspended) => {
                return format!(
                    "Look at the subscription of {host}: it is suspended, as when a spending limit is reached. No network has to be \
                     changed."
                );
            }
            Some(HubError::NotFound) => {
                return format!("Say whether {host} still exists, and in which cloud.");
            }
            Some(HubError::QuotaExceeded) => {
                return format!(
                    "Add units to {host}, or have devices send less: the messages that it takes in a day are used up. No network has \
                     to be changed."
                );
            }
            Some(HubError::Throttled) | None => {}
        }
        match (self.connack, self.status) {
            (Some(0x01 | 0x84), _) => format!(
                "Nothing to do in the network. This program speaks MQTT 3.1.1, and {host} another version, 5 as a rule: see that \
                 the devices are set to the same."
            ),
            (Some(0x9c | 0x9d), _) => {
                format!("Say which server devices are to use in the place of {host}.")
            }
            (Some(0x8a | 0x98), _) => {
                format!("See whether {host} bans this site's address or its devices.")
            }
            _ if self.is_throttled() => format!(
                "Look at the quota, the throttling and the connection rate of {host}; devices must wait longer before they \
                 connect again."
            ),
            _ => format!(
                "Look at the IP filter, the public network access, the quota and the health of {host}, and at whether that is \
                 the name that it serves. No network has to be changed."
            ),
        }
    }

    /// The upgrade itself is refused with such an error.
    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let AttemptEnd::Upgrade(UpgradeFailure::Refused { status }, Some(evidence)) = context.ended() else {
            return None;
        };
        let is_its_own = reports_unavailable(context, &evidence.response);
        (is_its_own && !context.is_intercepted()).then(|| {
            let observed = Answered::to_upgrade(context, *status, Some(&evidence.response));
            let occurrence = of(context, Self::answered(&evidence.response)).at_stage(Stage::Upgrade);
            let summary = format!("{}, hub answered {status}", tls_version(context));
            AttemptVerdict::allowed(summary).with(occurrence.evidence(observed))
        })
    }

    fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        let AttemptEnd::Answered(evidence) = context.ended() else { return verdict };
        let occurrence = match evidence {
            ExchangeEvidence::Mqtt { return_code, .. } => {
                let connack = Connack(*return_code);
                matches!(connack.meaning(), Meaning::Unavailable | Meaning::Version).then(|| {
                    let observed = ConnackRefusal { port: context.port(), connack, identity: context.identity() };
                    let occurrence =
                        of(context, Self { connack: Some(connack.0), ..Self::default() }).evidence(observed);
                    match connack.meaning() {
                        // Devices may well speak that version.
                        Meaning::Version => occurrence.owner(Owner::Operator).severity(Severity::Info),
                        _ => occurrence,
                    }
                })
            }
            ExchangeEvidence::Https { response } => reports_unavailable(context, response).then(|| {
                let observed = Answered::to_request(context, response);
                of(context, Self::answered(response)).evidence(observed)
            }),
            ExchangeEvidence::Amqp { .. } => None,
        };
        match occurrence {
            Some(occurrence) if verdict.outcome == AttemptOutcome::Allowed => verdict.with(occurrence),
            _ => verdict,
        }
    }
}

impl HubUnavailable {
    fn answered(response: &HttpResponse) -> Self {
        Self { connack: None, status: Some(response.status), error: HubError::of(response) }
    }

    fn is_throttled(&self) -> bool {
        let said_by_mqtt = matches!(self.connack, Some(0x89 | 0x96 | 0x97 | 0x9f | 0xa0));
        said_by_mqtt || self.status == Some(429) || self.error == Some(HubError::Throttled)
    }

    fn answer_text(&self) -> String {
        match (self.connack, self.status) {
            (Some(code), _) => Connack(code).name().to_owned(),
            (None, Some(status)) => match self.error {
                Some(error) => format!("HTTP {status}, {}", error.description()),
                None => format!("HTTP {status}"),
            },
            (None, None) => String::new(),
        }
    }
}

/// Whether an HTTP response says so in the hub's name. A proxy in front of the hub also answers 503, without the hub's
/// error code.
pub(super) fn reports_unavailable(context: AttemptContext<'_>, response: &HttpResponse) -> bool {
    let hubs_own = looks_like_hub_response(context.observations.hub.kind, response);
    match response.status {
        429 => hubs_own || context.is_verified(),
        503 => hubs_own,
        _ => hubs_own && HubError::of(response).is_some(),
    }
}

fn of(context: AttemptContext<'_>, cause: HubUnavailable) -> Occurrence {
    match context.identity() {
        Some(Identity::Proven) => Occurrence::confirmed(cause),
        _ => Occurrence::likely(cause),
    }
}

#[derive(Debug, Clone, PartialEq)]
struct ConnackRefusal {
    port: u16,
    connack: Connack,
    identity: Option<Identity>,
}

impl Statement for ConnackRefusal {}

impl fmt::Display for ConnackRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "port {} answered {}, {}", self.port, self.connack, phrases::identity(self.identity))
    }
}
