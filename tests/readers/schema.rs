//! The JUnit report, held by `xmllint` against the schema that CI servers use: `junit-10.xsd` of Jenkins's xUnit plugin.
//! `HUBREACH_TEST_JUNIT_XSD` names a copy; pytest's source package holds one (`CONTRIBUTING.md`).

use std::{env, fs, path::PathBuf, process::Command};

use hubreach::report::{Format, Report, render};
use libtest_mimic::Trial;

use super::{need, samples};

pub fn trial() -> Trial {
    let missing = match (need::program("xmllint"), schema()) {
        (None, _) => Some("xmllint is not installed".to_owned()),
        (_, None) => Some("HUBREACH_TEST_JUNIT_XSD names no schema".to_owned()),
        _ => None,
    };
    need::trial("junit_is_as_ci_servers_expect_it", missing, run)
}

fn schema() -> Option<PathBuf> {
    env::var_os("HUBREACH_TEST_JUNIT_XSD").map(PathBuf::from).filter(|path| path.is_file())
}

fn run() -> Result<(), String> {
    let strict = |mut report: Report| {
        report.observations.requirement = hubreach::hub::Requirement::All;
        report
    };
    validate(&samples::audit())?;
    validate(&samples::audit().into_iter().map(strict).collect::<Vec<_>>())?;
    validate(&[])
}

fn validate(reports: &[Report]) -> Result<(), String> {
    let dir = tempfile::tempdir().map_err(|error| error.to_string())?;
    let path = dir.path().join("report.xml");
    fs::write(&path, render(reports, Format::Junit)).map_err(|error| error.to_string())?;
    let mut command = Command::new(need::program("xmllint").ok_or("xmllint is gone")?);
    command.args(["--nonet", "--noout", "--schema"]).arg(schema().ok_or("the schema is gone")?).arg(&path);
    let output = command.output().map_err(|error| error.to_string())?;
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}
