//! What the lab recorded, a folder each: judged as it was, and said as it was.

use std::{collections::BTreeSet, fs};

use hubreach::diagnosis::{Code, Finding, Severity};
use libtest_mimic::{Failed, Trial};

use crate::{
    recorded::{self, Recorded},
    sound::assert_sound,
    words::{assert_fits, assert_well_said},
};

/// A test of each.
pub fn trials() -> Vec<Trial> {
    let trial = |name: String| Trial::test(format!("cases::{name}"), move || judge(&name));
    names().into_iter().map(trial).collect()
}

fn judge(name: &str) -> Result<(), Failed> {
    let recorded = Recorded::read(name)?;
    let (seen, diagnosis) = (&recorded.report().observations, recorded.diagnosis());
    assert_sound(seen, &diagnosis);
    assert_fits(seen, &diagnosis);
    assert_well_said(&diagnosis);
    match recorded::is_recording() {
        true => Ok(recorded.keep()?),
        false => Ok(recorded.is_as_kept()?),
    }
}

/// Each cause was made by the real kernel, and found.
pub fn every_code_was_recorded() {
    let all: Vec<Recorded> = names().iter().map(|name| Recorded::read(name).expect("a recorded run")).collect();
    let found: BTreeSet<Code> =
        all.iter().flat_map(|recorded| recorded.diagnosis().findings).map(|finding| finding.code).collect();
    let missing: Vec<&Code> = Code::ALL.iter().filter(|code| !found.contains(code)).collect();
    assert!(missing.is_empty(), "no run of the lab was kept that shows {missing:?}");
}

/// A terminal of 24 rows shows all of what has one cause: the answer has not scrolled away.
pub fn one_cause_fits_a_screen() {
    let is_a_cause = |finding: &Finding| finding.severity != Severity::Info && finding.depends_on.is_none();
    let is_alone =
        |recorded: &Recorded| recorded.diagnosis().findings.iter().filter(|finding| is_a_cause(finding)).count() == 1;
    let mut fitting = 0;
    for name in names() {
        if is_alone(&Recorded::read(&name).expect("a recorded run")) {
            let screen = fs::read_to_string(recorded::folder().join(&name).join("screen.txt")).expect("recorded");
            assert!(screen.lines().count() <= 24, "{name}:\n{screen}");
            fitting += 1;
        }
    }
    assert!(fitting > 200, "{fitting}");
}

pub fn names() -> BTreeSet<String> {
    let entries = fs::read_dir(recorded::folder()).expect("the folder").map(|entry| entry.expect("an entry"));
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}
