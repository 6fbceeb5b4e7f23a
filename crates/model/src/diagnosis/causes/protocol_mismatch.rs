//! The answer is not this protocol.

use std::fmt;

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity, attempt_context::AttemptContext, attempt_end::AttemptEnd,
        attempt_verdict::AttemptVerdict, cause_kind::CauseKind, evidence::Statement, http_answers::Answered,
        occurrence::Occurrence, phrases, scope::Scope,
    },
    hub::Protocol,
    observation::{
        Ending, ExchangeEvidence, ExchangeFailure, FirstBytes, HttpResponse, Identity, Stage, UpgradeFailure,
    },
};

/// This many characters distinguish most answers.
const MAX_BEGINNING: usize = 32;
/// The answer of an AMQP 0-9-1 broker to any other version (section 4.2.2 of its specification).
const OLDER_AMQP: &[u8] = b"AMQP\0\0\x09\x01";

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct ProtocolMismatch {
    /// The start of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    begins: Option<String>,
    /// Its status, if it is HTTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    /// It is AMQP of a version before 1.0.
    #[serde(skip)]
    is_older_amqp: bool,
}

impl CauseKind for ProtocolMismatch {
    const ENTRY: Entry = Entry {
        stage: Stage::Exchange,
        severity: Severity::Error,
        owner: Owner::HubOwner,
        forgery: Forgery::Nobody,
        explanation: "The secure connection stands, but the answer inside it is something else: the port belongs to another \
            service, or, where TLS is inspected, to the gateway.",
        proof: "The same kind of answer twice, inside TLS that proves the hub or is intercepted; inside any other it is \
            `likely` at most.",
    };

    fn title(&self, scope: &Scope) -> String {
        match self.is_older_amqp {
            true => format!("What answers on {} speaks AMQP 0-9-1, not AMQP 1.0", scope.tcp()),
            false => format!("What answers on {} does not speak this protocol", scope.tcp()),
        }
    }

    fn fix(&self, scope: &Scope) -> String {
        if self.is_older_amqp {
            return format!(
                "Switch AMQP 1.0 on at {} (RabbitMQ before 4.0: the plugin rabbitmq_amqp1_0), which its devices need; or have \
                 them use AMQP 0-9-1.",
                scope.host()
            );
        }
        format!("Say what is served on {} of {}, and where its hub is.", scope.tcp(), scope.host())
    }

    fn first_step(&self, _: &Scope) -> Option<String> {
        let step = "Check host, port and `--kind`: the first bytes of the answer usually name what speaks there.";
        (!self.is_older_amqp).then(|| step.to_owned())
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let protocol = context.check.protocol;
        match context.ended() {
            AttemptEnd::Upgrade(UpgradeFailure::NotHttp { first_bytes }, _) => {
                Some(mismatch(context, Stage::Upgrade, Answer::Bytes(first_bytes.clone())))
            }
            AttemptEnd::Upgrade(UpgradeFailure::TooLarge, _) => {
                Some(mismatch(context, Stage::Upgrade, Answer::LongHead))
            }
            AttemptEnd::Exchange(ExchangeFailure::Mismatch { first_bytes }) => {
                Some(mismatch(context, Stage::Exchange, Answer::Bytes(first_bytes.clone())))
            }
            AttemptEnd::Exchange(ExchangeFailure::Ended(Ending::BadFrames)) if protocol.subprotocol().is_some() => {
                Some(mismatch(context, Stage::Exchange, Answer::BadFrames))
            }
            AttemptEnd::Upgrade(UpgradeFailure::Ended(Ending::Flood { bytes_received, messages }), _) => {
                Some(flood(context, Stage::Upgrade, *bytes_received, *messages))
            }
            AttemptEnd::Exchange(ExchangeFailure::Ended(Ending::Flood { bytes_received, messages })) => {
                Some(flood(context, Stage::Exchange, *bytes_received, *messages))
            }
            AttemptEnd::Answered(ExchangeEvidence::Https { response }) if !context.is_hub_response(response) => {
                Some(not_the_hubs(context, response))
            }
            _ => None,
        }
    }
}

fn mismatch(context: AttemptContext<'_>, stage: Stage, answer: Answer) -> AttemptVerdict {
    let begins = answer.to_string().chars().take(MAX_BEGINNING).collect();
    let is_older_amqp = matches!(&answer, Answer::Bytes(bytes) if bytes.as_slice().starts_with(OLDER_AMQP));
    let cause = ProtocolMismatch { begins: Some(begins), status: None, is_older_amqp };
    let observed = Observed::Answer { port: context.port(), protocol: context.check.protocol, stage, answer };
    let occurrence = Occurrence::likely(cause).at_stage(stage).evidence(observed);
    inside_tls(context, "the answer is not this protocol", occurrence)
}

/// A peer that keeps sending without an answer.
fn flood(context: AttemptContext<'_>, stage: Stage, bytes: u64, messages: u32) -> AttemptVerdict {
    let observed = Observed::Flood { port: context.port(), bytes, messages };
    let occurrence = Occurrence::likely(ProtocolMismatch::default()).at_stage(stage).evidence(observed);
    inside_tls(context, "what answers keeps sending without an answer", occurrence)
}

fn inside_tls(context: AttemptContext<'_>, summary: &str, occurrence: Occurrence) -> AttemptVerdict {
    let identity = context.identity();
    let occurrence = occurrence.confirmed_if_repeated().evidence(Observed::Inside { identity });
    match identity {
        Some(Identity::Proven) => AttemptVerdict::declined(summary, occurrence),
        Some(Identity::Intercepted) => {
            let by_the_gateway = occurrence.owner(Owner::SecurityTeam).forgeable_by(Forgery::OnlyTheAccused);
            AttemptVerdict::blocked(summary, by_the_gateway)
        }
        _ => AttemptVerdict::blocked(summary, occurrence.forgeable_by(Forgery::AnyoneOnPath)),
    }
}

/// HTTP that is not the hub's, inside TLS that does not prove the hub.
fn not_the_hubs(context: AttemptContext<'_>, response: &HttpResponse) -> AttemptVerdict {
    let cause = ProtocolMismatch { status: Some(response.status), ..ProtocolMismatch::default() };
    let observed = Answered::not_the_hubs(context, response);
    AttemptVerdict::blocked(
        observed.summary(),
        Occurrence::possible(cause, &[Code::GatewayBlockPage]).evidence(observed),
    )
}

#[derive(Debug, Clone, PartialEq)]
enum Answer {
    Bytes(FirstBytes),
    /// More headers than any server sends.
    LongHead,
    /// Frames that break the WebSocket protocol.
    BadFrames,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(first_bytes) => f.write_str(&first_bytes.readable()),
            Self::LongHead => write!(f, "more than 64 KiB of headers"),
            Self::BadFrames => write!(f, "frames that break the WebSocket protocol"),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Observed {
    Answer { port: u16, protocol: Protocol, stage: Stage, answer: Answer },
    Flood { port: u16, bytes: u64, messages: u32 },
    Inside { identity: Option<Identity> },
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer { port, protocol, stage, answer } => {
                let asked = if *stage == Stage::Upgrade { "the upgrade" } else { protocol.label() };
                write!(f, "port {port} answered {asked} with: {answer}")
            }
            Self::Flood { port, bytes, messages: 0 } => {
                write!(f, "port {port} sent {bytes} bytes, without an answer among them")
            }
            Self::Flood { port, bytes, messages } => write!(
                f,
                "port {port} sent {bytes} bytes in {messages} WebSocket messages, without an answer among them"
            ),
            Self::Inside { identity } => write!(f, "it came {}", phrases::identity(*identity)),
        }
    }
}
