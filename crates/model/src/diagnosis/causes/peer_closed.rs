//! Closed before an answer. Only a close inside TLS is known to come from the peer itself.

use std::fmt;

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        attempt_context::{AttemptContext, is_sent_by_peer},
        attempt_end::AttemptEnd,
        attempt_verdict::AttemptVerdict,
        cause_kind::CauseKind,
        evidence::Statement,
        occurrence::Occurrence,
        phrases,
        scope::Scope,
        text::{clipped, duration_in_sentence},
    },
    observation::{Ending, ExchangeFailure, Identity, Stage, UpgradeFailure},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct PeerClosed {
    /// Whether it is known to be a vendor's hub, not a self-run broker.
    #[serde(skip)]
    is_vendor_hub: bool,
}

impl CauseKind for PeerClosed {
    const ENTRY: Entry = Entry {
        stage: Stage::Exchange,
        severity: Severity::Error,
        owner: Owner::HubOwner,
        forgery: Forgery::Nobody,
        explanation: "The secure connection stood and was ended before an answer. A farewell inside TLS comes from the hub \
            itself: an IP filter, disabled public access, a quota, or, of a broker, a login that it does not take. A bare TCP end proves nothing about who cut it.",
        proof: "A close or an alert inside TLS that proves the hub; otherwise, or where the hub had asked for a client \
            certificate, `possible`.",
    };

    fn title(&self, scope: &Scope) -> String {
        format!("The connection on {} is closed before the hub answers", scope.tcp())
    }

    fn fix(&self, _: &Scope) -> String {
        match self.is_vendor_hub {
            true => "Look at the hub's IP filter, public network access and quota.".to_owned(),
            false => "Look into the hub's own log: brokers end a connection so for a client, user or virtual host that they do \
                      not take, without a CONNACK, and hubs for an IP filter, disabled public access or a quota."
                .to_owned(),
        }
    }

    fn first_step(&self, _: &Scope) -> Option<String> {
        Some("Compare from another network: if it works there, ask this network's administrator instead.".to_owned())
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let (stage, ending) = ending(context)?;
        let hub = &context.observations.hub;
        let cause = Self { is_vendor_hub: !hub.kind_assumed && !hub.kind.facts().suffixes.is_empty() };
        let by_the_hub = is_sent_by_peer(ending) && context.identity() == Some(Identity::Proven);
        let occurrence = match (by_the_hub, ending) {
            (true, _) => Occurrence::confirmed(cause),
            // A close inside TLS that does not prove the hub may come from a box that opened the TLS.
            (false, Ending::CloseNotify | Ending::Alert { .. } | Ending::WebSocketClose { .. } | Ending::BadFrames) => {
                Occurrence::possible(cause, &[Code::TlsIntercepted])
            }
            (false, Ending::Reset) => Occurrence::possible(cause, &[Code::TcpReset]),
            // A box that relays the connection ends it with its own FIN.
            (false, Ending::Fin | Ending::Flood { .. } | Ending::Other { .. }) => {
                Occurrence::possible(cause, &[Code::TransparentProxy])
            }
        };
        let occurrence = match context.wants_client_certificate() {
            true => occurrence
                .or_possibly(Code::ClientCertificateRequired)
                .evidence("the peer had asked for a client certificate"),
            false => occurrence,
        };
        let observed = Observed {
            port: context.port(),
            ending: ending.clone(),
            took_ms: context.took_ms(),
            identity: context.identity(),
        };
        let occurrence = occurrence.at_stage(stage).evidence(observed);
        Some(match by_the_hub {
            true => AttemptVerdict::declined("the hub closes the connection before it answers", occurrence),
            false => AttemptVerdict::blocked("the connection is cut before an answer", occurrence),
        })
    }
}

/// How the connection ended before an answer, and at which stage.
pub(super) fn ending<'a>(context: AttemptContext<'a>) -> Option<(Stage, &'a Ending)> {
    match context.ended() {
        AttemptEnd::Upgrade(UpgradeFailure::Ended(ending), _) => Some((Stage::Upgrade, ending)),
        AttemptEnd::Exchange(ExchangeFailure::Ended(ending)) => Some((Stage::Exchange, ending)),
        _ => None,
    }
}

/// How a connection ended, as text.
pub(super) fn ending_text(ending: &Ending) -> String {
    match ending {
        Ending::CloseNotify => "closed by the peer (TLS close_notify)".to_owned(),
        Ending::Alert { name, .. } => format!("ended by the peer's TLS alert {}", clipped(name)),
        Ending::WebSocketClose { code, reason } => {
            let code = code.map_or_else(|| "without a code".to_owned(), |code| format!("with code {code}"));
            format!("closed by the peer (WebSocket close {code}) {}", clipped(reason)).trim_end().to_owned()
        }
        Ending::BadFrames => "ended by us, for the peer broke the WebSocket protocol,".to_owned(),
        Ending::Fin => "closed by a bare TCP FIN".to_owned(),
        Ending::Reset => "reset (TCP RST)".to_owned(),
        Ending::Flood { .. } => "ended by us, for it did not end,".to_owned(),
        Ending::Other { .. } => "ended in a way that this program does not know".to_owned(),
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Observed {
    port: u16,
    ending: Ending,
    took_ms: f64,
    identity: Option<Identity>,
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "port {}: {} {} after our first message, {}",
            self.port,
            ending_text(&self.ending),
            duration_in_sentence(self.took_ms),
            phrases::identity(self.identity)
        )
    }
}
