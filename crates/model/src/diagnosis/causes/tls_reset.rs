//! The connection was closed or reset after the hello.

use std::fmt;

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity, attempt_context::AttemptContext, attempt_end::AttemptEnd,
        attempt_verdict::AttemptVerdict, cause_kind::CauseKind, comparisons::HelloTerminator, evidence::Statement,
        occurrence::Occurrence, remedy::Remedy, scope::Scope, text::duration_in_sentence,
    },
    observation::{Stage, TlsFailure},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct TlsReset {
    /// What points to the hub itself.
    #[serde(skip)]
    hub_suspicion: Option<Suspicion>,
}

/// What points to the hub itself.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Suspicion {
    /// The distance of whoever ends the connection.
    Distance(HelloTerminator),
    /// It was closed in order, after a delay.
    SlowClose,
}

/// A filter acts at once; a load balancer without a server behind it tries for a while first.
const SLOW_CLOSE_MS: f64 = 1000.0;

impl CauseKind for TlsReset {
    const ENTRY: Entry = Entry {
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::FirewallOwner,
        forgery: Forgery::AnyoneOnPath,
        explanation: "The TCP connection was made, then closed or reset as soon as TLS began. Firewalls that recognise TLS or \
            the hub's name do this; so does a server that is not set up for it.",
        proof: "A reset proves nothing about who sent it: always `possible`. Where another name is answered instead, it is an \
            `sni-filter`. Where it comes from as far away as the handshake did, or before a hello is sent, or only after a \
            second or more in good order, the hub's owner is asked first.",
    };

    fn title(&self, scope: &Scope) -> String {
        format!("TLS on {} is cut off after our first message", scope.tcp())
    }

    fn fix(&self, scope: &Scope) -> String {
        if self.hub_suspicion.is_some() {
            return format!(
                "Look for what ends TLS on {} of {}: a listener that waits for something else than TLS, a load balancer without a \
                 server behind it, or an IP filter at the hub, is like that.",
                scope.tcp(),
                scope.host()
            );
        }
        format!(
            "Allow TLS to {} on {}. Where other networks fail too, it is the hub's owner who must look: an IP filter at the hub \
             ends connections so, too.",
            scope.host(),
            scope.tcp()
        )
    }

    fn first_step(&self, _: &Scope) -> Option<String> {
        let step = match self.hub_suspicion.is_some() {
            true => "Compare from another network: if it works there, ask this network's firewall owner instead.",
            false => "Compare from another network: if it works there, it is this network that ends TLS.",
        };
        Some(step.to_owned())
    }

    fn remedy(&self) -> Remedy {
        if self.hub_suspicion.is_some() { Remedy::Own } else { Remedy::OpenAfter }
    }

    /// The kind of suspicion does not matter: not every port is measured in the same way.
    fn is_same(&self, other: &Self) -> bool {
        self.hub_suspicion.is_some() == other.hub_suspicion.is_some()
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let (how, bytes) = match context.ended() {
            AttemptEnd::Tls(TlsFailure::Closed { bytes_received }) => ("closed", *bytes_received),
            AttemptEnd::Tls(TlsFailure::Reset { bytes_received }) => ("reset", *bytes_received),
            _ => return None,
        };
        let observed = Observed { port: context.port(), how, bytes, took_ms: context.took_ms() };
        let port = context.port();
        let from = context.comparisons.hello_terminator(port);
        let waited = how == "closed" && bytes == 0 && context.took_ms() >= SLOW_CLOSE_MS;
        let hub_suspicion = match from {
            Some(HelloTerminator::Nearer) => None,
            Some(from) => Some(Suspicion::Distance(from)),
            None => waited.then_some(Suspicion::SlowClose),
        };
        let occurrence = Occurrence::possible(Self { hub_suspicion }, &[Code::SniFilter]).evidence(observed);
        let occurrence = match hub_suspicion {
            Some(suspicion) => occurrence.owner(Owner::HubOwner).evidence(Suspected { port, suspicion }),
            None => occurrence,
        };
        let occurrence = match context.wants_client_certificate() {
            true => occurrence
                .or_possibly(Code::ClientCertificateRequired)
                .evidence("the peer had asked for a client certificate"),
            false => occurrence,
        };
        let when = if bytes == 0 { "as soon as TLS begins" } else { "in the middle of TLS" };
        Some(AttemptVerdict::blocked(format!("{how} {when}"), occurrence))
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Observed {
    port: u16,
    how: &'static str,
    bytes: u64,
    took_ms: f64,
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { port, how, bytes, took_ms } = self;
        let took = duration_in_sentence(*took_ms);
        write!(f, "the connection to port {port} was {how} {took} into TLS, after {bytes} bytes")
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Suspected {
    port: u16,
    suspicion: Suspicion,
}

impl Statement for Suspected {}

impl fmt::Display for Suspected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { port, suspicion } = self;
        match suspicion {
            Suspicion::Distance(HelloTerminator::Unprompted) => {
                write!(f, "port {port} ends connections before a hello is sent, too")
            }
            Suspicion::Distance(HelloTerminator::AtPeerDistance) => {
                write!(f, "what ends it comes from as far away as the TCP handshake of port {port}")
            }
            Suspicion::Distance(HelloTerminator::Nearer) => {
                write!(f, "what ends it comes from nearer than the TCP handshake of port {port}")
            }
            Suspicion::SlowClose => write!(f, "it was closed in good order, and not at once: a filter does not wait"),
        }
    }
}
