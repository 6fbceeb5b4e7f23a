//! What a system does not tell makes a diagnosis less precise, and accuses nobody else.
//!
//! Each recorded run is judged again without one kind of fact that only some systems tell ([`facts`]). A check may lose
//! its cause, and a cause its confidence; but whoever is accused with more than `possible` was accused before, at least
//! as surely. Whoever is to be asked first about a cause that is only `possible` stays the same too, except where
//! [`exceptions`] says why.

use std::collections::{HashMap, HashSet};

use hubreach::{
    Report, diagnose,
    diagnosis::{Code, Confidence, Diagnosis, Owner, Severity},
    hub::CheckId,
};
use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use crate::{cases, recorded};

mod exceptions;
mod facts;

/// A test of each run.
pub fn trials() -> Vec<Trial> {
    let trial = |name: String| Trial::test(format!("unknown::{name}"), move || judge_without_each(&name));
    cases::names().into_iter().map(trial).collect()
}

fn judge_without_each(name: &str) -> Result<(), Failed> {
    let text = recorded::read(name, "report.json")?;
    let whole: Value = serde_json::from_str(&text)?;
    let before = accusations(&diagnosis_of(&whole)?);
    let (mut wrong, mut asks_another) = (Vec::new(), HashSet::new());
    for (fact, forget) in facts::all() {
        let mut less = whole.clone();
        forget(&mut less);
        if less == whole {
            continue;
        }
        for (accused, now) in &accusations(&diagnosis_of(&less)?) {
            match contradiction(&before, accused, now) {
                Some(Contradiction::AsksAnotherFirst) if exceptions::is_listed(name, now.code) => {
                    asks_another.insert(now.code);
                }
                Some(contradiction) => wrong.push(format!(
                    "without {fact}: {} is {:?} by {} ({:?}): {contradiction:?}",
                    accused.0, accused.1, now.code, now.confidence
                )),
                None => {}
            }
        }
    }
    let idle = exceptions::of(name).filter(|code| !asks_another.contains(code));
    wrong.extend(idle.map(|code| format!("{code} is listed as an exception, and need not be")));
    if wrong.is_empty() { Ok(()) } else { Err(format!("{}\nbefore: {before:#?}", wrong.join("\n")).into()) }
}

/// Who is accused of stopping a check, or of harming it.
type Accused = (CheckId, Owner);
type Accusations = HashMap<Accused, Accusation>;

#[derive(Debug, Clone, Copy)]
struct Accusation {
    code: Code,
    confidence: Confidence,
}

/// The surest accusation of each owner, for each check.
fn accusations(diagnosis: &Diagnosis) -> Accusations {
    let mut all: Accusations = HashMap::new();
    for finding in diagnosis.findings.iter().filter(|finding| finding.severity != Severity::Info) {
        let accusation = Accusation { code: finding.code, confidence: finding.confidence };
        for check in &finding.affects {
            let known = all.entry((check.clone(), finding.owner)).or_insert(accusation);
            if sureness(accusation.confidence) > sureness(known.confidence) {
                *known = accusation;
            }
        }
    }
    all
}

#[derive(Debug)]
enum Contradiction {
    /// The accusation is surer than with all facts.
    Surer,
    /// Whoever is accused now was not, with all facts.
    AccusesAnother,
    /// The same cause is only `possible`, and somebody else is to be asked first.
    AsksAnotherFirst,
}

fn contradiction(before: &Accusations, accused: &Accused, now: &Accusation) -> Option<Contradiction> {
    let is_same_cause = |((check, _), known): (&Accused, &Accusation)| *check == accused.0 && known.code == now.code;
    match before.get(accused) {
        Some(known) => (sureness(known.confidence) < sureness(now.confidence)).then_some(Contradiction::Surer),
        None if now.confidence != Confidence::Possible => Some(Contradiction::AccusesAnother),
        None => before.iter().any(is_same_cause).then_some(Contradiction::AsksAnotherFirst),
    }
}

fn sureness(confidence: Confidence) -> u8 {
    match confidence {
        Confidence::Possible => 0,
        Confidence::Likely => 1,
        Confidence::Confirmed => 2,
    }
}

fn diagnosis_of(report: &Value) -> Result<Diagnosis, Failed> {
    let report = Report::from_json(&report.to_string())?;
    Ok(diagnose(&report.observations))
}
