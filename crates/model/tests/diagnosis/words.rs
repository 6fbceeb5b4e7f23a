//! How everything is said, whatever was observed.

use hubreach::{
    Report,
    diagnosis::{Diagnosis, Owner},
    observation::Observations,
    report::{Format, Screen},
};
use textwrap::core::display_width;

/// What stands for a library's own words in generated observations.
pub const LIBRARY: &str = "rustls::Error";

/// Words of a library, and words that stand in general texts for what a report fills in.
const NEVER: [&str; 13] = [
    LIBRARY,
    "peer certificate:",
    "BadSignature",
    "UnknownIssuer",
    "peer is incompatible",
    "tungstenite",
    "HOST",
    "PORTS",
    "STATUS",
    "ISSUER",
    "NAMES",
    "ADDRESSES",
    "FAMILY",
];

/// The screen is never wider than a terminal.
pub fn assert_fits(seen: &Observations, diagnosis: &Diagnosis) {
    let report = Report::new(seen.clone(), diagnosis.clone());
    for (columns, unfolded) in [(40, false), (80, false), (80, true), (120, true)] {
        let screen = report.render_on(Screen::new(columns, unfolded), Format::Human);
        for line in anstream::adapter::strip_str(&screen).to_string().lines() {
            assert!(display_width(line) <= columns, "{} columns: {line}", display_width(line));
        }
    }
}

/// Every sentence of ours is whole. Holds where peers' text has no odd spaces and braces of its own.
pub fn assert_well_said(diagnosis: &Diagnosis) {
    let summaries = diagnosis.verdicts.iter().map(|verdict| verdict.summary.clone());
    let findings = diagnosis.findings.iter().flat_map(|finding| {
        let mut said = finding.evidence();
        said.extend([finding.title(), finding.fix()]);
        said.extend(finding.first_step());
        said
    });
    for finding in &diagnosis.findings {
        let is_sent_to_itself = finding.owner == Owner::HubOwner && finding.fix().starts_with("Ask ");
        assert!(!is_sent_to_itself, "the hub's owner is told to ask the hub's owner: {}", finding.fix());
    }
    let advice = diagnosis.recommendation.iter();
    let advice = advice.flat_map(|recommended| [&recommended.reason].into_iter().chain(&recommended.caveats).cloned());
    for said in summaries.chain(findings).chain(advice) {
        assert!(!said.contains("  "), "a doubled space: {said:?}");
        assert!(!said.contains(['{', '}']), "a placeholder: {said:?}");
        assert!(!said.contains(['\n', '\t']) && said.trim() == said, "not a line: {said:?}");
        for word in NEVER {
            assert!(!said.contains(word), "{word} is nobody's to read: {said:?}");
        }
    }
}
