//! The ClientHello is never acknowledged.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use super::path_mtu_blackhole::exclude_mtu;
use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        attempt_end::AttemptEnd,
        attempt_verdict::AttemptVerdict,
        cause_kind::CauseKind,
        client_hellos::{SegmentComparison, SniComparison},
        evidence::Statement,
        hello_rejection::{self, HelloRejection, UnattributedIcmpError},
        location,
        occurrence::Occurrence,
        phrases,
        scope::Scope,
        text::duration_in_sentence,
    },
    observation::{Stage, TlsFailure, kind},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct ClientHelloDropped {
    /// The ICMP error that answers it, in the RFC's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    icmp: Option<String>,
    /// Its sender, by the packet's source address.
    #[serde(skip_serializing_if = "Option::is_none")]
    offender: Option<IpAddr>,
    /// The sender is the hub's own address.
    #[serde(skip)]
    by_the_hub: bool,
    /// The location is so close to the hub that the hub's own edge may be what stops it.
    #[serde(skip)]
    near_the_hub: bool,
}

impl CauseKind for ClientHelloDropped {
    const ENTRY: Entry = Entry {
        stage: Stage::Tls,
        severity: Severity::Error,
        owner: Owner::NetworkAdmin,
        forgery: Forgery::OnlyTheAccused,
        explanation: "The TCP connection was made, but the ClientHello that follows never arrives: something on the path lets \
            empty packets through and stops those with content, without a word or with an ICMP error.",
        proof: "The hello is retransmitted without being acknowledged, whatever the name in it and the segment size, and its \
            path was looked for, on which no ICMP error came; with less it is `possible`. The place, where it is known: hellos \
            that may take only a few hops end before SYNs to the same port do. Where a router rejects it, the ICMP error that \
            answers a SYN with the same hello in it, and one that answers hellos on connections that stand (needs Linux).",
    };

    fn title(&self, scope: &Scope) -> String {
        match self.offender {
            None => format!("The first TLS message to {} is lost", scope.tcp()),
            Some(offender) => format!("{offender} rejects the first TLS message to {}", scope.tcp()),
        }
    }

    fn fix(&self, scope: &Scope) -> String {
        let (host, tcp, at) = (scope.host(), scope.tcp(), scope.at_location());
        if self.by_the_hub {
            return format!(
                "Let what this network sends on {tcp} of {host} in: connections open there, and the hub's own address rejects \
                 what is sent on them."
            );
        }
        if self.offender.is_some() {
            return format!(
                "Let TLS to {host} on {tcp} pass{at}: it lets connections open, and rejects what is sent on them."
            );
        }
        let edge = match self.near_the_hub {
            true => " So near the hub its own edge may be what drops it: ask the hub's owner too.",
            false => "",
        };
        format!(
            "Find what drops data on {tcp} to {host}{at}: the connection opens, and packets with content are lost.{edge}"
        )
    }

    fn device(&self) -> Option<IpAddr> {
        self.offender
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let AttemptEnd::Tls(TlsFailure::TimedOut { bytes_received: 0, acknowledged: Some(false), .. }) =
            context.ended()
        else {
            return None;
        };
        let port = context.port();
        let observed = Observed::NotAcknowledged { port, took_ms: context.took_ms() };
        if let Some(rejected) = HelloRejection::of(context) {
            let (icmp, offender) = (Some(rejected.error.name()), Some(rejected.offender));
            let summary = format!("TLS rejected by {}: {}", rejected.offender, rejected.error.name());
            let cause = Self { icmp, offender, by_the_hub: rejected.by_the_hub, near_the_hub: false };
            let occurrence = match rejected.by_the_hub {
                true => Occurrence::confirmed(cause).owner(Owner::HubOwner).forgeable_by(Forgery::AnyoneOnPath),
                false => Occurrence::confirmed(cause).owner(Owner::FirewallOwner),
            };
            let occurrence = occurrence.evidence(rejected.as_evidence(port));
            return Some(AttemptVerdict::blocked(summary, occurrence.evidence(observed).located(rejected.location)));
        }
        let paths = context.comparisons.paths_to(context.address());
        let unattributed = hello_rejection::got_icmp_error(context);
        let dropped = context.first_result::<kind::DroppedHello>().filter(|_| !unattributed);
        let location = dropped.and_then(|dropped| location::hello_drop(dropped, paths));
        let cause = Self { near_the_hub: !location::is_clear_of_hub_edge(location.as_ref()), ..Self::default() };
        let whatever_the_name = matches!(context.names_compared(), SniComparison::AllAlike | SniComparison::NoneSent);
        let occurrence = match context.segments_compared() == SegmentComparison::NoneWorks && whatever_the_name {
            // A firewall that rejects them by an ICMP error, unheard, looks the same.
            true if unattributed || context.first_result::<kind::DroppedHello>().is_none() => {
                Occurrence::possible(cause, &[Code::IcmpReject])
            }
            true => Occurrence::confirmed(cause),
            false => Occurrence::possible(cause, &[Code::SniFilter, Code::TransparentProxy]),
        };
        let occurrence = exclude_mtu(context, occurrence).evidence(observed);
        let occurrence = if unattributed { occurrence.evidence(UnattributedIcmpError { port }) } else { occurrence };
        let summary =
            format!("TLS stalls: our first message is not acknowledged in {}", duration_in_sentence(context.took_ms()));
        Some(match location {
            None => AttemptVerdict::blocked(summary, occurrence),
            Some(location) => AttemptVerdict::blocked(
                format!("TLS dropped at {}", phrases::located(&location)),
                occurrence.evidence(Observed::EndsAt { port, hop: location.hop }).located(Some(location)),
            ),
        })
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Observed {
    NotAcknowledged { port: u16, took_ms: f64 },
    EndsAt { port: u16, hop: u8 },
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAcknowledged { port, took_ms } => {
                let took = duration_in_sentence(*took_ms);
                write!(f, "the ClientHello to port {port} is retransmitted and not acknowledged in {took}")
            }
            Self::EndsAt { port, hop } => write!(
                f,
                "hellos to port {port} that may take only a few hops get no further than hop {hop}, SYNs to it do"
            ),
        }
    }
}
