//! 101, but nothing answers inside WebSocket.

use std::fmt;

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity, attempt_context::AttemptContext, attempt_verdict::AttemptVerdict,
        cause_kind::CauseKind, evidence::Statement, missing_answer::Silence, occurrence::Occurrence, scope::Scope,
        text::listed,
    },
    hub::Protocol,
    observation::{Frame, FrameOutcome, FrameTrial, Stage, StageResult, kind},
};

/// A ping, a small frame and a large one.
const FRAMES_TRIED: usize = 3;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct WebsocketFramesBlocked {
    /// The box that intercepts TLS speaks WebSocket in the hub's place.
    #[serde(skip)]
    is_intercepted: bool,
}

impl CauseKind for WebsocketFramesBlocked {
    const ENTRY: Entry = Entry {
        stage: Stage::Exchange,
        severity: Severity::Error,
        owner: Owner::HubOwner,
        forgery: Forgery::OnlyTheAccused,
        explanation: "The upgrade succeeded, and what is sent inside the WebSocket is never answered.",
        proof: "In fresh WebSockets neither a ping nor a small or a large frame is answered, while the same bytes are \
            answered without WebSocket: that makes it `likely`, for anybody on the path can keep an answer back; where TLS is \
            intercepted, the interceptor's doing and `confirmed`. With less it is `possible`; where a frame is answered, the \
            service behind is mute instead (`no-protocol-reply`).",
    };

    fn title(&self, scope: &Scope) -> String {
        format!("WebSocket opens on {}, but nothing answers inside", scope.tcp())
    }

    fn fix(&self, scope: &Scope) -> String {
        match self.is_intercepted {
            true => format!("Let the frames of WebSockets to {} pass, and their answers.", scope.host()),
            false => format!(
                "Look at what stands between the WebSocket of {} and the service behind it: nothing answers inside.",
                scope.host()
            ),
        }
    }

    fn first_step(&self, _: &Scope) -> Option<String> {
        let step = "Compare from another network: if it works there, ask this network's administrator instead.";
        (!self.is_intercepted).then(|| step.to_owned())
    }

    /// WebSocket opened, but what was sent inside is not answered. The frames are the reason only if no frame is
    /// answered while the same bytes without frames are.
    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let silence = Silence::of(context).filter(|_| is_in_websocket(context))?;
        if frames(context, FrameOutcome::Answered).next().is_some() {
            return None;
        }
        let natively = match context.check.protocol {
            Protocol::MqttWs => Protocol::Mqtt,
            _ => Protocol::Amqp,
        };
        let silent: Vec<SentFrame> = frames(context, FrameOutcome::Silent).collect();
        let cause = Self { is_intercepted: context.is_intercepted() };
        let occurrence = match (context.hub_answered(natively), silent.len() == FRAMES_TRIED) {
            (true, true) => Occurrence::confirmed(cause),
            (true, false) => Occurrence::likely(cause),
            (false, _) => Occurrence::possible(cause, &[Code::NoProtocolReply]),
        };
        let occurrence = match context.hub_answered(natively) {
            true => occurrence.evidence(Observed::AnsweredNatively { protocol: natively }),
            false => occurrence,
        };
        let occurrence = match silent.is_empty() {
            true => occurrence,
            false => occurrence.evidence(Observed::Unanswered { frames: silent }),
        };
        let occurrence = match context.is_intercepted() {
            true => occurrence.owner(Owner::ProxyAdmin).forgeable_by(Forgery::OnlyTheAccused),
            false => occurrence.forgeable_by(Forgery::AnyoneOnPath),
        };
        Some(AttemptVerdict::blocked(silence.summary_in_websocket(), occurrence.evidence(silence)))
    }
}

pub(super) fn is_in_websocket(context: AttemptContext<'_>) -> bool {
    context.attempt.upgrade.as_ref().is_some_and(StageResult::is_ok)
}

/// The frames with this outcome in fresh WebSockets.
pub(super) fn frames(context: AttemptContext<'_>, outcome: FrameOutcome) -> impl Iterator<Item = SentFrame> {
    let trials =
        context.first_result::<kind::WebsocketFrames>().map(|frames| frames.trials.as_slice()).unwrap_or_default();
    trials.iter().filter(move |trial| trial.outcome == outcome).map(SentFrame::of)
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct SentFrame {
    frame: Frame,
    bytes: usize,
}

impl SentFrame {
    fn of(trial: &FrameTrial) -> Self {
        Self { frame: trial.frame, bytes: trial.bytes }
    }
}

impl fmt::Display for SentFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.frame {
            Frame::Ping => write!(f, "a ping"),
            Frame::Small | Frame::Large => write!(f, "a frame of {} bytes", self.bytes),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Observed {
    AnsweredNatively { protocol: Protocol },
    Unanswered { frames: Vec<SentFrame> },
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AnsweredNatively { protocol } => {
                write!(f, "the hub answers the same bytes over {}, without WebSocket", protocol.label())
            }
            Self::Unanswered { frames } => write!(f, "in a fresh WebSocket nothing answered {}", listed(frames)),
        }
    }
}
