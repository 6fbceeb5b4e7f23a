//! `hubreach diff`: two files, one answer.

use std::{fs, path::Path};

use hubreach::report::{Format, Report, render};

use super::{
    assert_narrow, hubreach, read, run,
    support::{samples, schema},
};

/// A directory with `before.json` and `after.json`.
struct Saved(tempfile::TempDir);

impl Saved {
    fn new(before: &[Report], after: &[Report]) -> Self {
        let dir = tempfile::tempdir().expect("temporary directory");
        for (name, reports) in [("before.json", before), ("after.json", after)] {
            fs::write(dir.path().join(name), render(reports, Format::Json)).expect("writable");
        }
        Self(dir)
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    fn diff(&self, more: &[&str]) -> (i32, String, String) {
        let (before, after) = (self.path("before.json"), self.path("after.json"));
        run(&[&["diff", &before, &after], more].concat())
    }
}

#[test]
fn what_is_allowed_now_is_fixed() {
    let saved = Saved::new(&[samples::field()], &[samples::healthy()]);
    let (status, screen, stderr) = saved.diff(&[]);
    assert_eq!((status, stderr.as_str()), (0, ""));
    assert!(screen.starts_with("Nothing that was allowed is lost: 2 fixed, 3 unchanged."), "{screen}");
    assert_narrow(&screen);
}

#[test]
fn what_is_allowed_no_more_is_status_1_in_every_format() {
    let saved = Saved::new(&[samples::healthy()], &[samples::field()]);
    let (text, page) = (saved.path("diff.txt"), saved.path("diff.md"));
    let (status, json, stderr) = saved.diff(&["--format", "json", "--output", &text, "--output", &page]);
    assert_eq!((status, stderr.as_str()), (1, ""));
    let value = serde_json::from_str(&json).expect("JSON");
    schema::validate_diff(&value);
    assert_eq!((&value["regressed"], &value["counts"]["broken"]), (&true.into(), &2.into()));
    assert_eq!(fs::read_to_string(text).expect("written"), saved.diff(&[]).1);
    assert_eq!(fs::read_to_string(page).expect("written"), saved.diff(&["--format", "markdown"]).1);
}

#[test]
fn an_audit_is_compared_hub_by_hub_and_one_side_may_be_stdin() {
    let saved = Saved::new(&samples::audit(), &[]);
    let output = hubreach(&["diff", &saved.path("before.json"), "-"])
        .write_stdin(render(&samples::audit()[..2], Format::Ndjson))
        .output()
        .expect("runs");
    let (status, screen, stderr) = read(&output);
    assert_eq!((status, stderr.as_str()), (0, ""));
    assert!(screen.contains("10 unchanged") && screen.contains("not tested after"), "{screen}");
}

#[test]
fn what_cannot_be_compared_is_told_in_one_line() {
    let saved = Saved::new(&[samples::field()], &[samples::strained()]);
    fs::write(saved.path("notes.txt"), "MQTT is blocked").expect("writable");
    fs::write(saved.path("other.json"), "{\"schema\":\"hubreach.diff/1\"}").expect("writable");
    let before = saved.path("before.json");
    for (other, told) in [
        ("after.json", "no check in common"),
        ("notes.txt", "notes.txt: this is not JSON"),
        ("other.json", "other.json: this JSON has the schema `hubreach.diff/1`"),
        ("missing.json", "cannot read"),
        ("", "cannot read"),
    ] {
        let other = saved.path(other);
        for arguments in [["diff", &before, &other], ["diff", &other, &before]] {
            let (status, stdout, stderr) = run(&arguments);
            assert_eq!((status, stdout.as_str(), stderr.lines().count()), (2, "", 1), "{stderr}");
            assert!(stderr.contains(told), "{stderr}");
        }
    }
    assert!(Path::new(&before).is_file());
}
