//! A ClientHello of more than one segment is dropped.

use std::fmt;

use serde::Serialize;

use super::upstream_mtu;
use crate::{
    diagnosis::{
        Entry, Forgery, Owner, Severity, attempt_context::AttemptContext, attempt_verdict::AttemptVerdict,
        cause_kind::CauseKind, evidence::Statement, occurrence::Occurrence, scope::Scope,
    },
    observation::Stage,
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct LargeClientHelloDropped {
    /// The size of the dropped hello, in bytes.
    bytes: usize,
}

impl CauseKind for LargeClientHelloDropped {
    const ENTRY: Entry = Entry {
        stage: Stage::Tls,
        severity: Severity::Warning,
        owner: Owner::NetworkAdmin,
        forgery: Forgery::OnlyTheAccused,
        explanation: "With post-quantum key exchange, which newer TLS libraries use by default, the first message no longer \
            fits into one segment. Some firewalls look only at the first and drop the rest. Devices of today may work, and \
            fail after an update.",
        proof: "A small hello is answered and one of post-quantum size is not, in turn, twice each, and other messages that \
            fill a packet arrive. Tried with `--large-hello`, and in audits.",
    };

    fn title(&self, scope: &Scope) -> String {
        format!("A large TLS hello is dropped on {}; small ones pass", scope.tcp())
    }

    fn fix(&self, scope: &Scope) -> String {
        format!(
            "Have the firewall take a ClientHello of several segments, by an update or by exempting {} from inspection; until \
             then keep post-quantum key exchange off in the device's TLS library.",
            scope.host()
        )
    }

    fn is_same(&self, _: &Self) -> bool {
        true
    }

    fn amend(context: AttemptContext<'_>, verdict: AttemptVerdict) -> AttemptVerdict {
        // Everything works; only a larger hello would fail.
        if !context.passed_tls() {
            return verdict;
        }
        // All full packets are lost there; a hello in small segments is not.
        if upstream_mtu::loses_full_packets(context) {
            return verdict;
        }
        let Some((small, large)) = context.large_hello_dropped() else { return verdict };
        let observed = Observed { port: context.port(), small, large };
        verdict.with(Occurrence::confirmed(Self { bytes: large }).evidence(observed))
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Observed {
    port: u16,
    small: usize,
    large: usize,
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { port, small, large } = self;
        write!(f, "on port {port} a hello of {small} bytes is answered and one of {large} is not, in turn, twice each")
    }
}
