//! A report as it is written: facts and diagnosis in one object, in the contract's order.

use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::SerializeStruct};

use super::{Check, PlanEntry, Report, Tool};
use crate::{
    diagnosis::{CheckVerdict, Diagnosis, Finding, Recommendation, Verdict},
    hub::{CheckId, Depth, Protocol, Requirement, Role, Route},
    observation::{
        Attempt, CheckObservations, Experiment, HubSummary, Observations, ProxyObservations, Resolution, Vantage,
    },
};

/// What is required, and whether it is allowed.
#[derive(Serialize, Deserialize)]
struct RequirementMet {
    spec: Requirement,
    met: bool,
}

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (observations, diagnosis) = (&self.observations, &self.diagnosis);
        let requirement = RequirementMet { spec: observations.requirement.clone(), met: diagnosis.requirement_met };
        let mut object = serializer.serialize_struct("Report", 17 + usize::from(self.plan.is_some()))?;
        object.serialize_field("schema", &self.schema)?;
        object.serialize_field("tool", &self.tool)?;
        object.serialize_field("started_at", &observations.started_at)?;
        object.serialize_field("duration_ms", &observations.duration_ms)?;
        object.serialize_field("deadline_reached", &observations.deadline_reached)?;
        object.serialize_field("partial", &observations.partial)?;
        object.serialize_field("vantage", &observations.vantage)?;
        object.serialize_field("hub", &observations.hub)?;
        if let Some(plan) = &self.plan {
            object.serialize_field("plan", plan)?;
        }
        object.serialize_field("depth", &observations.depth)?;
        object.serialize_field("role", &observations.role)?;
        object.serialize_field("requirement", &requirement)?;
        object.serialize_field("resolution", &observations.resolution)?;
        object.serialize_field("proxy", &observations.proxy)?;
        object.serialize_field("checks", &self.checks().collect::<Vec<_>>())?;
        object.serialize_field("experiments", &observations.experiments)?;
        object.serialize_field("findings", &diagnosis.findings)?;
        object.serialize_field("recommendation", &diagnosis.recommendation)?;
        object.end()
    }
}

impl Serialize for Check<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Check", 8)?;
        object.serialize_field("id", &self.observations.id)?;
        object.serialize_field("protocol", &self.observations.protocol)?;
        object.serialize_field("port", &self.observations.port)?;
        object.serialize_field("route", &self.observations.route)?;
        object.serialize_field("verdict", &self.verdict)?;
        object.serialize_field("duration_ms", &self.observations.duration_ms)?;
        object.serialize_field("summary", &self.summary)?;
        object.serialize_field("attempts", &self.observations.attempts)?;
        object.end()
    }
}

/// A report as it is read.
#[derive(Deserialize)]
#[serde(rename = "Report")]
struct Wire {
    schema: String,
    tool: Tool,
    started_at: String,
    duration_ms: f64,
    deadline_reached: bool,
    partial: bool,
    vantage: Vantage,
    hub: HubSummary,
    plan: Option<PlanEntry>,
    depth: Depth,
    #[serde(default)]
    role: Role,
    requirement: RequirementMet,
    resolution: Resolution,
    #[serde(default)]
    proxy: Option<ProxyObservations>,
    checks: Vec<CheckWire>,
    experiments: Vec<Experiment>,
    findings: Vec<Finding>,
    recommendation: Option<Recommendation>,
}

#[derive(Deserialize)]
struct CheckWire {
    id: CheckId,
    protocol: Protocol,
    port: u16,
    route: Route,
    verdict: Verdict,
    duration_ms: f64,
    summary: String,
    attempts: Vec<Attempt>,
}

impl<'de> Deserialize<'de> for Report {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Wire::deserialize(deserializer).map(Self::from)
    }
}

impl From<Wire> for Report {
    fn from(wire: Wire) -> Self {
        let checks = wire.checks.into_iter().map(|check| {
            let CheckWire { id, protocol, port, route, verdict, duration_ms, summary, attempts } = check;
            let judged = CheckVerdict { id: id.clone(), verdict, summary };
            (CheckObservations { id, protocol, port, route, duration_ms, attempts }, judged)
        });
        let (checks, verdicts) = checks.unzip();
        Self {
            schema: wire.schema,
            tool: wire.tool,
            plan: wire.plan,
            observations: Observations {
                started_at: wire.started_at,
                duration_ms: wire.duration_ms,
                deadline_reached: wire.deadline_reached,
                partial: wire.partial,
                vantage: wire.vantage,
                hub: wire.hub,
                depth: wire.depth,
                role: wire.role,
                requirement: wire.requirement.spec,
                resolution: wire.resolution,
                proxy: wire.proxy,
                checks,
                experiments: wire.experiments,
            },
            diagnosis: Diagnosis {
                verdicts,
                findings: wire.findings,
                recommendation: wire.recommendation,
                requirement_met: wire.requirement.met,
            },
        }
    }
}
