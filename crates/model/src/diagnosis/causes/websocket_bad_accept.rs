//! 101 with a wrong accept key or subprotocol.

use std::fmt;

use serde::Serialize;

use crate::{
    diagnosis::{
        Entry, Forgery, Owner, Severity, attempt_context::AttemptContext, attempt_end::AttemptEnd,
        attempt_verdict::AttemptVerdict, cause_kind::CauseKind, evidence::Statement, occurrence::Occurrence, phrases,
        scope::Scope, text::clipped,
    },
    observation::{Identity, Stage, UpgradeFailure},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct WebsocketBadAccept {
    wrong: WrongHeader,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum WrongHeader {
    #[default]
    Accept,
    Subprotocol,
}

impl CauseKind for WebsocketBadAccept {
    const ENTRY: Entry = Entry {
        stage: Stage::Upgrade,
        severity: Severity::Error,
        owner: Owner::HubOwner,
        forgery: Forgery::Nobody,
        explanation: "The answer is 101, but its key or its subprotocol does not answer the request: something that does not \
            understand WebSocket, or a cache, repeated an old answer.",
        proof: "A fresh key is answered wrongly twice: the upgrade is made again. Inside TLS that is not known to be the hub's, \
            `likely` at most.",
    };

    fn title(&self, _: &Scope) -> String {
        "The WebSocket upgrade is answered wrongly".to_owned()
    }

    fn fix(&self, _: &Scope) -> String {
        "Mend the WebSocket support of what answers; the evidence shows what came.".to_owned()
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let (wrong, answer) = match context.ended() {
            AttemptEnd::Upgrade(UpgradeFailure::BadAccept, _) => (WrongHeader::Accept, WrongAnswer::Accept),
            AttemptEnd::Upgrade(UpgradeFailure::BadSubprotocol, evidence) => {
                let asked = evidence.map_or_else(|| "the protocol".to_owned(), |evidence| clipped(&evidence.offered));
                let chosen = evidence.and_then(|evidence| evidence.subprotocol.as_deref()).map(clipped);
                (WrongHeader::Subprotocol, WrongAnswer::Subprotocol { asked, chosen })
            }
            _ => return None,
        };
        let observed = Observed { port: context.port(), answer, identity: context.identity() };
        let occurrence = Occurrence::likely(Self { wrong }).confirmed_if_repeated().evidence(observed);
        let summary = match wrong {
            WrongHeader::Accept => "101 with a wrong Sec-WebSocket-Accept",
            WrongHeader::Subprotocol => "101 with a wrong subprotocol",
        };
        Some(match context.identity() {
            Some(Identity::Proven) => AttemptVerdict::declined(summary, occurrence),
            Some(Identity::Intercepted) => {
                let by_the_gateway = occurrence.owner(Owner::ProxyAdmin).forgeable_by(Forgery::OnlyTheAccused);
                AttemptVerdict::blocked(summary, by_the_gateway)
            }
            _ => AttemptVerdict::blocked(summary, occurrence.forgeable_by(Forgery::AnyoneOnPath)),
        })
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Observed {
    port: u16,
    answer: WrongAnswer,
    identity: Option<Identity>,
}

#[derive(Debug, Clone, PartialEq)]
enum WrongAnswer {
    Accept,
    Subprotocol { asked: String, chosen: Option<String> },
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the answer on port {} is 101, but ", self.port)?;
        match &self.answer {
            WrongAnswer::Accept => write!(f, "its Sec-WebSocket-Accept does not answer our key")?,
            WrongAnswer::Subprotocol { asked, chosen } => {
                let chosen = chosen.as_deref().unwrap_or("none");
                write!(f, "{asked} was asked for, and it chose the subprotocol {chosen}")?;
            }
        }
        write!(f, ", {}", phrases::identity(self.identity))
    }
}
