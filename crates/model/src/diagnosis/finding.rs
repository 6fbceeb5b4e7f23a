//! What a diagnosis is made of.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{
    Code,
    told::{Told, Wire},
};
use crate::{
    enum_words,
    hub::{CheckId, Protocol, Route},
    observation::Stage,
};

/// The verdict of one run.
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

/// What one check comes to.
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

/// A named cause with its evidence, place, owner and fix. In JSON its texts stand among the other keys.
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
    /// Who can mend it.
    pub owner: Owner,
    /// The finding that causes this one.
    pub depends_on: Option<String>,
    pub(super) told: Told,
}

impl Finding {
    /// The cause in a line.
    pub fn title(&self) -> String {
        self.told.title()
    }

    /// Figures and names by which programs can tell findings apart.
    pub fn facts(&self) -> serde_json::Map<String, serde_json::Value> {
        self.told.facts()
    }

    /// What was seen, a sentence each.
    pub fn evidence(&self) -> Vec<String> {
        self.told.evidence()
    }

    /// The same in short: what is said alike of several ports or addresses is said of one, and fingerprints are left out.
    pub fn evidence_in_short(&self) -> Vec<String> {
        self.told.evidence_in_short()
    }

    /// What whoever stands before the device does before anybody else is asked; `None` where nothing is left to find out.
    pub fn first_step(&self) -> Option<String> {
        self.told.first_step()
    }

    /// What its owner does about it.
    pub fn fix(&self) -> String {
        self.told.fix()
    }
}

enum_words! {
    /// How much a finding hurts.
    #[derive(PartialOrd, Ord)]
    pub enum Severity {
        /// It stops something.
        Error = "error",
        /// It works, but.
        Warning = "warning",
        /// Good to know.
        Info = "info",
    }
}

enum_words! {
    /// How sure the evidence makes a finding.
    pub enum Confidence {
        /// The proof that the taxonomy asks for is complete.
        Confirmed = "confirmed",
        /// It fits best, but the proof is not complete.
        Likely = "likely",
        /// Other causes, listed with it, fit as well.
        Possible = "possible",
    }
}

enum_words! {
    /// Who can mend a cause.
    pub enum Owner {
        /// Whoever runs this device.
        Operator = "operator",
        /// Whoever runs the network.
        NetworkAdmin = "network-admin",
        /// Whoever runs the firewall in question.
        FirewallOwner = "firewall-owner",
        /// Whoever runs the proxy.
        ProxyAdmin = "proxy-admin",
        /// Whoever decides on TLS inspection.
        SecurityTeam = "security-team",
        /// Whoever runs the name servers.
        DnsAdmin = "dns-admin",
        /// Whoever runs the hub.
        HubOwner = "hub-owner",
        /// There is nothing to mend.
        Nobody = "nobody",
    }
}

impl Location {
    /// This machine itself.
    pub(super) const THIS_MACHINE: Self = Self { hop: 0, address: None, next: None, of: None };
}

/// A place on the path.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Location {
    /// The last router that still answered; 0 is this machine. What stops the packets is that device or what stands right behind it.
    pub hop: u8,
    /// Its address.
    pub address: Option<IpAddr>,
    /// The next hop of the reference path that answers, where the place may be as far as that; `None` where it is the hop
    /// itself.
    pub next: Option<NextHop>,
    /// Hops to the hub, if known.
    pub of: Option<u8>,
}

/// The hop behind a [`Location`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NextHop {
    /// Its distance.
    pub hop: u8,
    /// Its address.
    pub address: Option<IpAddr>,
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
    /// What is to be known of it by those for whom it does not work, a sentence each.
    #[serde(default)]
    pub caveats: Vec<String>,
    /// How to choose it in each SDK.
    pub settings: SdkSettings,
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
