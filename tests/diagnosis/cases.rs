//! Every recorded case of `cases/`, and that no code lacks one.

use std::{fs, path::Path};

use hubreach::{Report, diagnose, diagnosis::Code, report::Format};

use crate::{
    case::Case,
    sound::assert_sound,
    words::{assert_fits, assert_well_said},
};

fn cases() -> Vec<(String, Case)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnosis/cases");
    let mut cases: Vec<(String, Case)> = fs::read_dir(folder)
        .expect("the folder of cases")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            let text = fs::read_to_string(&path).expect("a readable file");
            (name.clone(), serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}")))
        })
        .collect();
    cases.sort_by(|(one, _), (other, _)| one.cmp(other));
    cases
}

#[test]
fn every_case_is_judged_as_recorded() {
    let mut wrong = Vec::new();
    for (name, case) in cases() {
        let judged = std::panic::catch_unwind(|| {
            let seen = case.observations();
            let diagnosis = diagnose(&seen);
            case.expected.assert(&seen, &diagnosis);
            assert_sound(&seen, &diagnosis);
            assert_fits(&seen, &diagnosis);
            assert_well_said(&diagnosis);
        });
        if judged.is_err() {
            wrong.push(format!("{name}: {}", case.about));
        }
    }
    assert!(wrong.is_empty(), "judged otherwise than recorded (each is said above):\n{}", wrong.join("\n"));
}

#[test]
fn a_saved_report_is_judged_alike() {
    for (name, case) in cases() {
        let seen = case.observations();
        let first = diagnose(&seen);
        let saved = Report::new(seen, first.clone()).render(Format::Json);
        let read = Report::from_json(&saved).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(diagnose(&read.observations()), first, "{name}");
    }
}

#[test]
fn every_code_has_a_case_of_its_name() {
    let cases = cases();
    for code in Code::ALL.iter().copied() {
        let (_, case) =
            cases.iter().find(|(name, _)| name == code.id()).unwrap_or_else(|| panic!("no case named {code}"));
        let found = case.expected.findings.iter().any(|finding| finding.code == code);
        assert!(found, "{code} is not found there");
    }
}

/// Each cause is made by the real kernel in the lab, too, and found there.
#[test]
fn every_code_has_a_scenario_in_the_lab() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lab/scenarios");
    let files = fs::read_dir(folder).expect("the scenarios").map(|entry| entry.expect("a file").path());
    let texts: Vec<String> = files.map(|path| fs::read_to_string(path).expect("a scenario")).collect();
    for code in Code::ALL {
        let line = format!("code = \"{code}\"");
        assert!(texts.iter().any(|text| text.lines().any(|one| one == line)), "no scenario expects {code}");
    }
}
