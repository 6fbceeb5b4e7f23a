//! The proxy itself is not reached. Why, the rules for the way to a hub say of the way to the proxy.

use std::net::IpAddr;

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity, cause::Cause, cause_kind::CauseKind, judged_check::JudgedCheck,
        occurrence::Occurrence, scope::Scope, text::clipped,
    },
    observation::{ProxyObservations, Stage},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct ProxyUnreachable {
    /// Its URL, without credentials.
    proxy: String,
    /// What stops the way to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Code>,
    #[serde(skip)]
    host: String,
    #[serde(skip)]
    port: u16,
    #[serde(skip)]
    cause: Option<Cause>,
}

impl CauseKind for ProxyUnreachable {
    const ENTRY: Entry = Entry {
        stage: Stage::Connect,
        severity: Severity::Error,
        owner: Owner::ProxyAdmin,
        forgery: Forgery::OnlyTheAccused,
        explanation: "The TCP connection to the proxy itself fails: the proxy does not run, its name is not known, or something \
            between this device and the proxy stops the way. What stops it is found by the same measurements as on the way to a \
            hub; `facts.reason` holds that code, and `hubreach explain` tells what it means.",
        proof: "No address of the proxy completes a TCP handshake; the reason is proved as its own code asks for.",
    };

    fn title(&self, scope: &Scope) -> String {
        let proxy = scope.or_placeholder("PROXY", &self.proxy);
        match &self.cause {
            Some(cause) => {
                format!("The proxy {proxy} is not reached: {}", in_sentence(&cause.title(&self.of_proxy(scope))))
            }
            None => format!("The proxy {proxy} is not reached"),
        }
    }

    fn fix(&self, scope: &Scope) -> String {
        match &self.cause {
            Some(cause) => cause.fix(&self.of_proxy(scope)),
            None => "Check that the proxy runs, and that nothing between this device and the proxy stops the way."
                .to_owned(),
        }
    }

    fn first_step(&self, scope: &Scope) -> Option<String> {
        self.cause.as_ref()?.first_step(&self.of_proxy(scope))
    }

    fn device(&self) -> Option<IpAddr> {
        self.cause.as_ref()?.device()
    }

    fn is_same(&self, other: &Self) -> bool {
        let causes = match (&self.cause, &other.cause) {
            (Some(one), Some(other)) => one.is_same(other),
            (None, None) => true,
            _ => false,
        };
        (&self.proxy, self.reason) == (&other.proxy, other.reason) && causes
    }

    fn merge(&mut self, other: &Self) {
        if let (Some(cause), Some(other)) = (&mut self.cause, &other.cause) {
            cause.merge(other);
        }
    }
}

impl ProxyUnreachable {
    /// What is wrong with the way to the proxy is told of the proxy, not of the hub.
    fn of_proxy(&self, scope: &Scope) -> Scope {
        Scope::of(&self.host, vec![self.port], scope.locations().to_vec())
    }
}

/// A title in the middle of a sentence, unless it begins with an abbreviation.
fn in_sentence(title: &str) -> String {
    let mut letters = title.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if second.is_lowercase() || second == ' ' => {
            first.to_lowercase().chain([second]).chain(letters).collect()
        }
        _ => title.to_owned(),
    }
}

/// The verdict of a check through a proxy of which the `way` there is not open.
pub(in crate::diagnosis) fn instead(proxy: &ProxyObservations, way: JudgedCheck) -> JudgedCheck {
    let is_root = |cause: &Occurrence| cause.severity == Severity::Error && cause.symptom_of.is_none();
    let of_proxy = |occurrence: Occurrence| {
        let owner = if occurrence.owner == Owner::HubOwner { Owner::ProxyAdmin } else { occurrence.owner };
        let unreachable = ProxyUnreachable {
            proxy: clipped(&proxy.url()),
            reason: Some(occurrence.code()),
            host: proxy.host.clone(),
            port: proxy.port,
            cause: Some(occurrence.cause.clone()),
        };
        occurrence.told_as(unreachable).owner(owner)
    };
    let scope = Scope::of(&proxy.host, vec![proxy.port], Vec::new());
    let why = match way.causes.iter().find(|cause| is_root(cause)) {
        Some(root) => in_sentence(&root.cause.title(&scope)),
        None => way.summary,
    };
    JudgedCheck {
        summary: clipped(&format!("the proxy is not reached: {why}")),
        causes: way.causes.into_iter().filter(is_root).map(of_proxy).collect(),
        ..way
    }
}
