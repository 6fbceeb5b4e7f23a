//! Whatever was observed, contradictions and hostile text included, gets a diagnosis that holds together.

use hubreach::{
    diagnose,
    diagnosis::{Code, Diagnosis, Finding, Owner, Severity},
    hub::{CheckId, Route},
    observation::{Observations, Stage},
};
use proptest::prelude::*;

use crate::{
    random,
    sound::assert_sound,
    words::{assert_fits, assert_well_said},
};

pub fn every_diagnosis_holds_together() {
    proptest!(config(), |(seen in random::observations())| {
        let diagnosis = diagnose(&seen);
        assert_sound(&seen, &diagnosis);
        assert_fits(&seen, &diagnosis);
        assert_nobody_behind_the_proxy_is_accused(&seen, &diagnosis);
        prop_assert_eq!(diagnose(&seen), diagnosis, "the same facts are judged alike");
    });
}

pub fn every_sentence_is_whole() {
    proptest!(config(), |(seen in random::ordinary_observations())| assert_well_said(&diagnose(&seen)));
}

pub fn a_proxy_makes_nothing_graver_on_the_direct_route() {
    proptest!(config(), |((without, with) in random::without_and_with_proxy())| {
        let (alone, both) = (diagnose(&without), diagnose(&with));
        for (judged, as_before) in both.verdicts.iter().zip(&alone.verdicts) {
            prop_assert_eq!(judged.verdict, as_before.verdict, "{}", judged.id);
        }
        for check in without.checks.iter().map(|check| &check.id) {
            let severity = |diagnosis: &Diagnosis, code| gravest(diagnosis, check, code);
            for code in Code::ALL.iter().copied().filter(|code| *code != Code::ProxyRequired) {
                prop_assert!(severity(&both, code) >= severity(&alone, code), "{check}: {code} became graver");
            }
        }
    });
}

/// How grave the findings of this code are for the check; of none, worse than nothing.
fn gravest(diagnosis: &Diagnosis, check: &CheckId, code: Code) -> Grave {
    let of_it = |finding: &&Finding| finding.code == code && finding.affects.contains(check);
    diagnosis
        .findings
        .iter()
        .filter(of_it)
        .map(|finding| Grave::Finding(finding.severity))
        .min()
        .unwrap_or(Grave::Nothing)
}

/// The gravest first.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Grave {
    Finding(Severity),
    Nothing,
}

/// From here nobody sees the network on the other side of a proxy.
fn assert_nobody_behind_the_proxy_is_accused(seen: &Observations, diagnosis: &Diagnosis) {
    let is_proxied = |id: &CheckId| seen.checks.iter().any(|check| check.id == *id && check.route == Route::Proxy);
    // This machine itself is no place on a path.
    let is_on_the_path = |finding: &Finding| finding.location.as_ref().is_some_and(|location| location.hop > 0);
    for finding in diagnosis.findings.iter().filter(|finding| finding.affects.iter().all(is_proxied)) {
        // A proxy that wants an address needs the hub's name to resolve here.
        if finding.code == Code::ProxyUnreachable || finding.stage == Stage::Resolve {
            continue;
        }
        let code = finding.code;
        assert!(
            !matches!(finding.owner, Owner::FirewallOwner | Owner::NetworkAdmin),
            "{code} accuses {:?}",
            finding.owner
        );
        assert!(!is_on_the_path(finding), "{code} has a place on the path");
    }
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() }
}
