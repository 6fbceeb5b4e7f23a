//! TLS is established, but the protocol's first answer never comes.

use std::fmt;

use serde::Serialize;

use super::websocket_frames_blocked::{SentFrame, frames, is_in_websocket};
use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        attempt_verdict::AttemptVerdict,
        cause_kind::CauseKind,
        evidence::Statement,
        missing_answer::Silence,
        occurrence::Occurrence,
        scope::Scope,
        text::{duration_in_sentence, listed},
    },
    observation::{FrameOutcome, Stage},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct NoProtocolReply {
    /// What the probe sent was never acknowledged although the connection was established: it was lost, not ignored.
    lost: bool,
}

impl CauseKind for NoProtocolReply {
    const ENTRY: Entry = Entry {
        stage: Stage::Exchange,
        severity: Severity::Error,
        owner: Owner::HubOwner,
        forgery: Forgery::AnyoneOnPath,
        explanation: "The secure connection stands, our first message was sent, and nothing usable came back in time. The hub \
            may be overloaded, or a box on the path holds the data back; where our bytes were never acknowledged, they were lost.",
        proof: "Whether our bytes were acknowledged, and the same packet over another transport; one run leaves it `possible`.",
    };

    fn title(&self, scope: &Scope) -> String {
        match self.lost {
            false => format!("TLS works on {}, but the protocol's first answer never comes", scope.tcp()),
            true => format!("TLS works on {}, but what is sent inside is lost on the way", scope.tcp()),
        }
    }

    fn fix(&self, scope: &Scope) -> String {
        if self.lost {
            return format!(
                "Let connections to {} of {} pass to their end, and not only their beginning.",
                scope.tcp(),
                scope.host()
            );
        }
        format!("Find out why {} of {} accepts connections, and TLS, and then says nothing.", scope.tcp(), scope.host())
    }

    fn first_step(&self, _: &Scope) -> Option<String> {
        let step = match self.lost {
            true => "Compare from another network: if it does not work there either, ask the hub's owner instead.",
            false => {
                "Try again later and from another network: if it fails here alone, ask this network's administrator instead."
            }
        };
        Some(step.to_owned())
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let silence = Silence::of(context)?;
        // The hub may have closed the connection, and the close was lost.
        let lost = silence.acknowledged == Some(false);
        let occurrence = Occurrence::possible(Self { lost }, &[Code::PeerClosed]);
        let occurrence = if lost { occurrence.owner(Owner::FirewallOwner) } else { occurrence };
        if silence.stage == Stage::Exchange && is_in_websocket(context) {
            // Frames pass, so the service behind them is silent.
            let answered = frames(context, FrameOutcome::Answered).collect();
            let occurrence = occurrence.evidence(FramesPass { answered });
            return Some(AttemptVerdict::blocked(silence.summary_in_websocket(), occurrence.evidence(silence)));
        }
        let occurrence = occurrence
            .at_stage(silence.stage)
            .or_possibly_if(context.wants_client_certificate(), Code::ClientCertificateRequired);
        let summary = format!("TLS works, but {} in {}", silence.received(), duration_in_sentence(silence.took_ms));
        Some(AttemptVerdict::blocked(summary, occurrence.evidence(silence)))
    }
}

#[derive(Debug, Clone, PartialEq)]
struct FramesPass {
    answered: Vec<SentFrame>,
}

impl Statement for FramesPass {}

impl fmt::Display for FramesPass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "in a fresh WebSocket {} was answered: frames do pass", listed(&self.answered))
    }
}
