//! What a made case must come to.

use std::collections::BTreeMap;

use hubreach::{
    diagnosis::{Code, Confidence, Diagnosis, Location, Owner, Severity, Verdict},
    hub::{CheckId, Protocol},
    observation::Observations,
};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// What must come out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// The checks that are not allowed.
    #[serde(default)]
    pub verdicts: BTreeMap<CheckId, Verdict>,
    /// Some of the summaries.
    #[serde(default)]
    pub summaries: BTreeMap<CheckId, String>,
    /// All the findings, in order; only the usual refusal of the login goes without saying.
    pub findings: Vec<ExpectedFinding>,
    /// The protocol, where it matters.
    pub recommendation: Option<Protocol>,
}

/// One finding that must come out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedFinding {
    pub code: Code,
    pub severity: Severity,
    pub confidence: Confidence,
    pub owner: Owner,
    /// Empty means every check.
    #[serde(default)]
    pub affects: Vec<CheckId>,
    #[serde(default)]
    pub alternatives: Vec<Code>,
    /// The code of the finding that it depends on.
    pub depends_on: Option<Code>,
    pub title: Option<String>,
    /// Part of the fix, or of what is done before it.
    pub fix: Option<String>,
    /// `null` means none; left out, any will do.
    #[serde(default, deserialize_with = "present")]
    pub location: Option<Option<Location>>,
    /// Some of the facts.
    #[serde(default)]
    pub facts: Map<String, Value>,
    /// Parts of sentences of the evidence.
    #[serde(default)]
    pub evidence: Vec<String>,
}

fn present<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Option<Location>>, D::Error> {
    Option::deserialize(value).map(Some)
}

impl Expected {
    pub fn assert(&self, seen: &Observations, diagnosis: &Diagnosis) {
        for judged in &diagnosis.verdicts {
            let expected = self.verdicts.get(&judged.id).copied().unwrap_or(Verdict::Allowed);
            assert_eq!(judged.verdict, expected, "{}: {}", judged.id, judged.summary);
            if let Some(summary) = self.summaries.get(&judged.id) {
                assert_eq!(judged.summary, *summary, "{}", judged.id);
            }
        }
        let unsaid = |code| code == Code::AuthenticationRefused && !self.findings.iter().any(|one| one.code == code);
        let findings: Vec<_> = diagnosis.findings.iter().filter(|finding| !unsaid(finding.code)).collect();
        let codes: Vec<Code> = findings.iter().map(|finding| finding.code).collect();
        assert_eq!(codes, self.findings.iter().map(|one| one.code).collect::<Vec<_>>(), "{findings:#?}");
        let every: Vec<CheckId> = seen.checks.iter().map(|check| check.id.clone()).collect();
        for (finding, expected) in findings.into_iter().zip(&self.findings) {
            let code = finding.code;
            assert_eq!((finding.severity, finding.confidence), (expected.severity, expected.confidence), "{code}");
            assert_eq!(finding.owner, expected.owner, "{code}");
            assert_eq!(
                finding.affects,
                *if expected.affects.is_empty() { &every } else { &expected.affects },
                "{code}"
            );
            assert_eq!(finding.alternatives, expected.alternatives, "{code}");
            let root = finding.depends_on.as_ref().and_then(|id| diagnosis.findings.iter().find(|one| one.id == *id));
            assert_eq!(root.map(|root| root.code), expected.depends_on, "{code}");
            if let Some(title) = &expected.title {
                assert_eq!(finding.title(), *title);
            }
            if let Some(fix) = &expected.fix {
                let steps: Vec<String> = finding.first_step().into_iter().chain([finding.fix()]).collect();
                assert!(steps.join(" ").contains(fix), "{steps:?}");
            }
            if let Some(location) = &expected.location {
                assert_eq!(finding.location, *location, "{code}");
            }
            for (name, value) in &expected.facts {
                assert_eq!(finding.facts().get(name), Some(value), "{code}: {name}");
            }
            for part in &expected.evidence {
                assert!(finding.evidence().iter().any(|said| said.contains(part)), "{part}: {:#?}", finding.evidence());
            }
        }
        if let Some(protocol) = self.recommendation {
            assert_eq!(diagnosis.recommendation.as_ref().map(|recommended| recommended.protocol), Some(protocol));
        }
    }
}
