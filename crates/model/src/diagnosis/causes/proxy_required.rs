//! The direct route is stopped, and the proxy works: the network is meant to be left through it.

use std::fmt;

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity, Verdict, cause_kind::CauseKind, evidence::Statement,
        judged_check::JudgedCheck, occurrence::Occurrence, scope::Scope, text::clipped,
    },
    hub::{Depth, Protocol, Route},
    observation::{Observations, Stage},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct ProxyRequired {
    /// Its URL, without credentials.
    proxy: String,
}

impl CauseKind for ProxyRequired {
    const ENTRY: Entry = Entry {
        stage: Stage::Connect,
        severity: Severity::Warning,
        owner: Owner::Operator,
        forgery: Forgery::Nobody,
        explanation: "The direct way to the hub is stopped, and the proxy connects: where that is so of every port, this network is \
            meant to be left through the proxy. Nothing needs to be opened in the firewall; the device needs the proxy in its settings, and a protocol that \
            its SDK can speak through one.",
        proof: "The same protocol of the same hub is stopped on the direct route, and answered by the hub through the proxy, in \
            one run. If only TCP handshakes were asked for, the proxy's word is all there is: `likely`.",
    };

    fn title(&self, scope: &Scope) -> String {
        let proxy = scope.or_placeholder("PROXY", &self.proxy);
        format!("Only the proxy {proxy} gets through to {} of {}", scope.tcp(), scope.host())
    }

    fn fix(&self, scope: &Scope) -> String {
        format!(
            "Give the proxy {} to the device's SDK or its environment, and choose a protocol that passes through it.",
            scope.or_placeholder("PROXY", &self.proxy)
        )
    }
}

/// What is stopped on the direct route and passes through the proxy is no fault: its causes are told, as what they are, but
/// nothing is to be done about them.
pub(in crate::diagnosis) fn excuse_the_direct_route(observations: &Observations, judged: &mut [JudgedCheck]) {
    let Some(proxy) = &observations.proxy else { return };
    let passes: Vec<Protocol> = observations
        .checks
        .iter()
        .zip(judged.iter())
        .filter(|(check, judged)| check.route == Route::Proxy && judged.verdict == Verdict::Allowed)
        .map(|(check, _)| check.protocol)
        .collect();
    for (check, judged) in observations.checks.iter().zip(judged) {
        if check.route != Route::Direct || !passes.contains(&check.protocol) {
            continue;
        }
        // The hub itself would refuse through the proxy, too.
        if !matches!(judged.verdict, Verdict::Blocked | Verdict::Unknown) || judged.causes.is_empty() {
            continue;
        }
        judged.excused_by = Some(Code::ProxyRequired);
        let required = ProxyRequired { proxy: clipped(&proxy.url()) };
        let passes = Passes { protocol: check.protocol, to_the_hub: observations.depth != Depth::Connect };
        // A proxy can say that it connects before it does.
        let occurrence = if passes.to_the_hub { Occurrence::confirmed(required) } else { Occurrence::likely(required) };
        judged.causes.push(occurrence.evidence(passes));
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Passes {
    protocol: Protocol,
    to_the_hub: bool,
}

impl Statement for Passes {
    fn is_like(&self, _: &Self) -> bool {
        true
    }
}

impl fmt::Display for Passes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let protocol = self.protocol.label();
        match self.to_the_hub {
            true => write!(f, "the hub answers {protocol} through the proxy, and not directly"),
            false => write!(f, "the proxy says that it connects to the hub for {protocol}; directly nothing does"),
        }
    }
}
