//! The TCP handshake is completed before the hub: a fact, and a fault only if nothing follows.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Confidence, Entry, Forgery, Owner, Severity,
        attempt_context::AttemptContext,
        attempt_verdict::{AttemptOutcome, AttemptVerdict},
        cause_kind::CauseKind,
        evidence::Statement,
        location::{self, EarlyHandshake, EarlyProof},
        occurrence::Occurrence,
        peer::Peer,
        scope::Scope,
        text::count,
    },
    observation::{Stage, TlsFailure},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct TransparentProxy {
    /// TLS never begins.
    #[serde(skip)]
    is_silent: bool,
}

impl CauseKind for TransparentProxy {
    const ENTRY: Entry = Entry {
        stage: Stage::Connect,
        severity: Severity::Info,
        owner: Owner::NetworkAdmin,
        forgery: Forgery::OnlyTheAccused,
        explanation: "Container gateways, satellite links and clouds do this too: by itself it is a fact, not a fault. It is one \
            where the handshake succeeds and nothing comes of it.",
        proof: "SYNs that may take too few hops to reach the hub are answered with a handshake: another port of the same address \
            is two hops further away at least, or the address is on no link of this machine and the first hop answers, from no further. Looked \
            for only where something fails. Needs Linux.",
    };

    fn title(&self, scope: &Scope) -> String {
        match self.is_silent {
            false => "A box on the path completes the TCP handshake in the hub's place".to_owned(),
            true => format!(
                "TLS never begins on {}: connections are taken, in the hub's place, by a box on the path",
                scope.tcp()
            ),
        }
    }

    fn fix(&self, scope: &Scope) -> String {
        let host = scope.host();
        match self.is_silent {
            false => format!("Nothing to do while TLS works behind it; otherwise exempt {host} from it."),
            true => format!(
                "Have the box{} pass {} to {host} as it is, or see why its own connections to the hub fail.",
                scope.at_location(),
                scope.tcp()
            ),
        }
    }

    fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        if !context.attempt.connect.is_ok() {
            return verdict;
        }
        let (address, port) = (context.address(), context.port());
        let paths = context.comparisons.paths_to(address);
        let Some(EarlyHandshake { location, proof }) = location::early_handshake(paths, address, port) else {
            return match location::answers_from_hub_distance(paths, address, port) {
                true => without_proxy(verdict, port),
                false => verdict,
            };
        };
        // A machine at the first hop may have the address itself, and present its own certificate.
        let shows_its_own = !context.chain().is_empty() && context.comparisons.peer(address, port) != Some(Peer::Hub);
        if proof == EarlyProof::NotOnLink && shows_its_own {
            return verdict;
        }
        let hop = location.hop;
        let unexplained = !verdict.causes.iter().any(|cause| cause.confidence() == Confidence::Confirmed);
        let is_silent = verdict.outcome == AttemptOutcome::Blocked && unexplained && is_silent(context);
        let occurrence = Occurrence::confirmed(TransparentProxy { is_silent })
            .evidence(Observed::EarlyHandshake { address, port, hop, proof })
            .located(Some(location));
        match is_silent {
            // Causes that the TLS rules suspect beyond the box are replaced: the box explains them.
            true => AttemptVerdict::blocked(
                format!("connected at hop {hop}, not by the hub, and TLS never begins"),
                occurrence.severity(Severity::Error).evidence_from(verdict.causes),
            ),
            false => verdict.with(occurrence),
        }
    }
}

fn without_proxy(verdict: AttemptVerdict, port: u16) -> AttemptVerdict {
    verdict.map_causes(|cause| match cause.alternatives.as_slice() {
        // Another alternative must remain.
        [_, _, ..] if cause.alternatives.contains(&Code::TransparentProxy) => {
            cause.ruling_out(Code::TransparentProxy).evidence(Observed::FromTheHub { port })
        }
        _ => cause,
    })
}

fn is_silent(context: AttemptContext<'_>) -> bool {
    matches!(
        context.attempt.tls.failure(),
        Some(
            TlsFailure::TimedOut { bytes_received: 0, .. }
                | TlsFailure::Closed { bytes_received: 0 }
                | TlsFailure::Reset { bytes_received: 0 }
        )
    )
}

#[derive(Debug, Clone, PartialEq)]
enum Observed {
    EarlyHandshake { address: IpAddr, port: u16, hop: u8, proof: EarlyProof },
    FromTheHub { port: u16 },
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EarlyHandshake { address, port, hop, proof } => {
                write!(
                    f,
                    "SYNs to {address} port {port} that may take {} are answered with a handshake; ",
                    count((*hop).into(), "hop")
                )?;
                match proof {
                    EarlyProof::AnotherPort { hop } => write!(f, "another port of {address} answers at hop {hop}"),
                    EarlyProof::Routers { hop } => {
                        write!(f, "on the way to another port of {address}, routers answer up to hop {hop}")
                    }
                    EarlyProof::NotOnLink => {
                        write!(f, "{address} is not on a link of this machine, and the answer passed no router")
                    }
                }
            }
            Self::FromTheHub { port } => {
                write!(f, "the handshake on port {port} is completed as far away as those of another port")
            }
        }
    }
}
