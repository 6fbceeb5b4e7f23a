//! What holds of every diagnosis, whatever was observed.

use std::collections::HashSet;

use hubreach::{
    diagnosis::{Code, Confidence, Diagnosis, Forgery, Severity, Verdict},
    hub::CheckId,
    observation::Observations,
};

/// Longer than any sentence of ours filled in with bounded pieces of a peer's.
const LONGEST: usize = 1500;

pub fn assert_sound(seen: &Observations, diagnosis: &Diagnosis) {
    assert_eq!(
        diagnosis.verdicts.iter().map(|verdict| &verdict.id).collect::<Vec<_>>(),
        seen.checks.iter().map(|check| &check.id).collect::<Vec<_>>()
    );
    let verdict = |id: &CheckId| diagnosis.verdicts.iter().find(|judged| judged.id == *id).map(|judged| judged.verdict);
    let ids: HashSet<&str> = diagnosis.findings.iter().map(|finding| finding.id.as_str()).collect();
    assert_eq!(ids.len(), diagnosis.findings.len(), "ids are unique");
    assert!(diagnosis.findings.is_sorted_by_key(|finding| finding.severity), "the gravest first");
    for finding in &diagnosis.findings {
        let code = finding.code;
        assert!(!finding.affects.is_empty(), "{code} affects something");
        assert!(finding.affects.iter().all(|id| verdict(id).is_some()), "{code} affects checks that exist");
        if finding.severity == Severity::Error {
            assert!(
                finding.affects.iter().any(|id| verdict(id) != Some(Verdict::Allowed)),
                "{code} is an error, so it stops something"
            );
        }
        match finding.confidence {
            Confidence::Possible => assert!(!finding.alternatives.is_empty(), "{code}: what else could it be?"),
            Confidence::Confirmed => {
                assert_ne!(code.entry().forgery, Forgery::AnyoneOnPath, "{code} is confirmed: nobody made it up");
                assert!(finding.alternatives.is_empty(), "{code} is confirmed: nothing else remains")
            }
            Confidence::Likely => {}
        }
        assert!(!finding.alternatives.contains(&code), "{code} is no alternative to itself");
        assert_eq!(finding.alternatives.iter().collect::<HashSet<_>>().len(), finding.alternatives.len(), "{code}");
        if let Some(root) = &finding.depends_on {
            assert!(ids.contains(root.as_str()) && *root != finding.id, "{code} depends on a finding that exists");
            assert_ne!(finding.severity, Severity::Error, "{code} is a symptom");
        }
        assert!(!finding.evidence().is_empty(), "{code} says what was seen");
        for text in finding.evidence().iter().chain([&finding.title(), &finding.fix()]) {
            assert!(!text.is_empty() && text.chars().count() <= LONGEST, "{code}: {text}");
        }
    }
    for judged in &diagnosis.verdicts {
        assert!(!judged.summary.is_empty() && judged.summary.chars().count() <= 210, "{}", judged.summary);
        let explained = |severities: &[Severity]| {
            diagnosis
                .findings
                .iter()
                .any(|finding| finding.affects.contains(&judged.id) && severities.contains(&finding.severity))
        };
        if matches!(judged.verdict, Verdict::Blocked | Verdict::Declined) {
            // A port that nobody said the hub offers is no error.
            let forgiven = seen.hub.kind_assumed
                && diagnosis
                    .findings
                    .iter()
                    .any(|finding| finding.code == Code::PortClosed && finding.affects.contains(&judged.id));
            // What passes through the proxy is meant to.
            let meant = diagnosis
                .findings
                .iter()
                .any(|finding| finding.code == Code::ProxyRequired && finding.affects.contains(&judged.id));
            assert!(
                forgiven || meant || explained(&[Severity::Error]),
                "{} is {:?}, and nothing says why",
                judged.id,
                judged.verdict
            );
        }
    }
    let allowed = |id: &CheckId| verdict(id) == Some(Verdict::Allowed);
    match &diagnosis.recommendation {
        Some(recommended) => assert!(
            seen.checks.iter().any(|check| {
                (check.protocol, check.route) == (recommended.protocol, recommended.route) && allowed(&check.id)
            }),
            "what is recommended is allowed"
        ),
        None => assert!(!seen.checks.iter().any(|check| allowed(&check.id)), "something is allowed"),
    }
}
