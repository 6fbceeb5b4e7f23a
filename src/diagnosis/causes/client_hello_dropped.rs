//! The ClientHello is never acknowledged.

use std::fmt;

use serde::Serialize;

use super::{CauseKind, path_mtu_blackhole::without_it};
use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        client_hellos::{Segments, SniComparison},
        evidence::Statement,
        ladder::Ended,
        occurrence::Occurrence,
        scope::Scope,
        text::spoken,
        verdict::AttemptVerdict,
    },
    observation::{Stage, TlsFailure},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct ClientHelloDropped {}

impl CauseKind for ClientHelloDropped {
    const ENTRY: Entry = Entry {
        word: "client-hello-dropped",
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::NetworkAdmin,
        forgery: Forgery::OnlyTheAccused,
        explanation: "The TCP connection was made, but the ClientHello that follows never arrives: something on the path lets \
            empty packets through and stops those with content.",
        proof: "The hello is retransmitted without being acknowledged, whatever the name in it and the segment size; with \
            less it is `possible`.",
    };

    fn title(&self, scope: &Scope) -> String {
        format!("The first TLS message to {} is never acknowledged", scope.tcp())
    }

    fn fix(&self, scope: &Scope) -> String {
        format!(
            "Find what drops data on {} to {}: the connection opens, and packets with content are lost.",
            scope.tcp(),
            scope.host()
        )
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let Ended::Tls(TlsFailure::TimedOut { bytes_received: 0, acknowledged: Some(false) }) = context.ended() else {
            return None;
        };
        let whatever_the_name = matches!(context.names_compared(), SniComparison::Alike | SniComparison::NoneSent);
        let occurrence = match context.segments_compared() == Segments::NoCure && whatever_the_name {
            true => Occurrence::confirmed(Self {}),
            false => Occurrence::possible(Self {}, &[Code::SniFilter, Code::TransparentProxy]),
        };
        let seen = Seen { port: context.port(), took_ms: context.took_ms() };
        Some(AttemptVerdict::blocked(
            format!("TLS stalls: our first message is not acknowledged in {}", spoken(seen.took_ms)),
            without_it(context, occurrence).evidence(seen),
        ))
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Seen {
    port: u16,
    took_ms: f64,
}

impl Statement for Seen {}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let took = spoken(self.took_ms);
        write!(f, "the ClientHello to port {} is retransmitted and not acknowledged in {took}", self.port)
    }
}
