//! What a diagnosis is made of.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    Code, Confidence, Location, Owner, Severity,
    finding_content::{FindingContent, Texts},
};
use crate::{
    enum_words,
    hub::{CheckId, Protocol, Route},
    observation::Stage,
};

/// The diagnosis of one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// One for each check, in the order of the observations.
    pub verdicts: Vec<CheckVerdict>,
    /// The causes, the gravest first.
    pub findings: Vec<Finding>,
    /// What to use; `None` when nothing is allowed.
    pub recommendation: Option<Recommendation>,
    /// Whether what the user requires is allowed.
    pub requirement_met: bool,
}

/// The verdict of one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckVerdict {
    /// The check.
    pub id: CheckId,
    /// The verdict.
    pub verdict: Verdict,
    /// The verdict's reason in a few words, without the protocol's name.
    pub summary: String,
}

enum_words! {
    /// What the network, and the hub behind it, let a device do.
    pub enum Verdict {
        /// The hub itself answered in this protocol, at one address at least.
        Allowed = "allowed",
        /// No answer of the hub that this device can accept got through.
        Blocked = "blocked",
        /// The verified hub answered, but not with this protocol: no network owner can help.
        Declined = "declined",
        /// Not determined.
        Unknown = "unknown",
    }
}

/// A named cause with its evidence, location, owner and fix. In JSON its texts are keys like the others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Wire", into = "Wire")]
pub struct Finding {
    /// `f1`, `f2`, ...: unique within a report.
    pub id: String,
    /// The cause's name.
    pub code: Code,
    /// How much it hurts.
    pub severity: Severity,
    /// How sure the evidence makes it.
    pub confidence: Confidence,
    /// At which stage it shows.
    pub stage: Stage,
    /// The checks it concerns.
    pub affects: Vec<CheckId>,
    /// Where on the path, if known.
    pub location: Option<Location>,
    /// The causes that remain possible, where the confidence is `possible`.
    pub alternatives: Vec<Code>,
    /// Who can fix it.
    pub owner: Owner,
    /// The finding that causes this one.
    pub depends_on: Option<String>,
    pub(super) content: FindingContent,
}

impl Finding {
    /// The cause in a line.
    pub fn title(&self) -> String {
        self.content.title()
    }

    /// Figures and names by which programs can tell findings apart.
    pub fn facts(&self) -> Map<String, Value> {
        self.content.facts()
    }

    /// What was seen, a sentence each.
    pub fn evidence(&self) -> Vec<String> {
        self.content.evidence()
    }

    /// The same in short: statements that differ only by port or address appear once, and fingerprints are left out.
    pub fn evidence_in_short(&self) -> Vec<String> {
        self.content.evidence_in_short()
    }

    /// What the operator of the device does first; `None` if nothing remains to be found out.
    pub fn first_step(&self) -> Option<String> {
        self.content.first_step()
    }

    /// What the owner does.
    pub fn fix(&self) -> String {
        self.content.fix()
    }
}

/// A finding as it is serialised, in the contract's order.
#[derive(Serialize, Deserialize)]
struct Wire {
    id: String,
    code: Code,
    severity: Severity,
    confidence: Confidence,
    stage: Stage,
    affects: Vec<CheckId>,
    location: Option<Location>,
    title: String,
    facts: Map<String, Value>,
    evidence: Vec<String>,
    alternatives: Vec<Code>,
    owner: Owner,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first_step: Option<String>,
    fix: String,
    depends_on: Option<String>,
}

impl From<Finding> for Wire {
    fn from(finding: Finding) -> Self {
        let Texts { title, facts, evidence, first_step, fix } = finding.content.texts();
        let Finding {
            id, code, severity, confidence, stage, affects, location, alternatives, owner, depends_on, ..
        } = finding;
        Self {
            id,
            code,
            severity,
            confidence,
            stage,
            affects,
            location,
            title,
            facts,
            evidence,
            alternatives,
            owner,
            first_step,
            fix,
            depends_on,
        }
    }
}

impl From<Wire> for Finding {
    fn from(wire: Wire) -> Self {
        let Wire { id, code, severity, confidence, stage, affects, location, alternatives, owner, depends_on, .. } =
            wire;
        let content = FindingContent::Read(Texts {
            title: wire.title,
            facts: wire.facts,
            evidence: wire.evidence,
            first_step: wire.first_step,
            fix: wire.fix,
        });
        Self { id, code, severity, confidence, stage, affects, location, alternatives, owner, depends_on, content }
    }
}

/// What a device here should use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recommendation {
    /// The protocol.
    pub protocol: Protocol,
    /// The route.
    pub route: Route,
    /// Why, in a sentence or two.
    pub reason: String,
    /// What users for whom it does not work must know, a sentence each.
    #[serde(default)]
    pub caveats: Vec<String>,
    /// How to choose it in each SDK.
    pub settings: SdkSettings,
    /// How to give the proxy to each SDK, if the route leads through one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<ProxySdkSettings>,
}

/// How to choose a protocol in each SDK; `None` where the SDK does not offer it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SdkSettings {
    /// `TransportType` of the .NET SDK.
    pub dotnet: Option<String>,
    /// `IotHubClientProtocol` of the Java SDK.
    pub java: Option<String>,
    /// Arguments of the Python SDK's client.
    pub python: Option<String>,
    /// The class in the Node SDK's transport package.
    pub node: Option<String>,
    /// `UpstreamProtocol` of IoT Edge.
    pub iot_edge: Option<String>,
}

/// How to give a proxy to each SDK, a line of code or configuration each; `None` where the SDK cannot use such a proxy for the
/// protocol. A login that the proxy needs is written `USER` and `PASSWORD`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ProxySdkSettings {
    /// The proxy as in `https_proxy`: `http://USER:PASSWORD@proxy.corp:3128`.
    pub url: String,
    /// The option of the C SDK.
    pub c: Option<String>,
    /// The transport settings of the .NET SDK.
    pub dotnet: Option<String>,
    /// The `ProxySettings` of the Java SDK, for its client options.
    pub java: Option<String>,
    /// An argument of the Python SDK's client.
    pub python: Option<String>,
    /// The client options of the Node SDK, with an agent of the package `https-proxy-agent`.
    pub node: Option<String>,
    /// The line in `[agent.env]` of IoT Edge's `config.toml`.
    pub iot_edge: Option<String>,
    /// The line under `[Service]` of IoT Edge's systemd units.
    pub iot_edge_service: Option<String>,
}
