//! Runs of the lab, kept: a folder each under `crates/model/tests/diagnosis/cases/`, named like its scenario.
//!
//! - `report.json`: what the program wrote in the lab's network;
//! - `findings.json`: what was found, without the words;
//! - `screen.txt`: what a technician reads;
//! - `unfolded.txt`: what they read who ask for more (`-v`).
//!
//! `HUBREACH_RECORD=1 cargo test --test lab` makes them all anew; `HUBREACH_RECORD=1 cargo test --test diagnosis` keeps the
//! reports, judges them again and writes the others, for when a rule or a sentence has changed.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use hubreach::{
    Report, diagnose,
    diagnosis::{Diagnosis, Finding},
    report::{Format, Screen},
};
use serde_json::{Value, json};

/// What the hub is called in the lab.
const HOST: &str = "hub.test";

/// Whether what comes out is to be kept rather than held against what was kept.
pub fn is_recording() -> bool {
    env::var_os("HUBREACH_RECORD").is_some_and(|value| value == "1")
}

pub fn folder() -> PathBuf {
    // The lab and other tests of the whole program read them, too.
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|root| root.join("crates/model"));
    model
        .filter(|model| model.is_dir())
        .map(|model| model.join("tests/diagnosis/cases"))
        .next()
        .expect("the model's crate")
}

/// A run that was kept.
pub struct Recorded {
    name: String,
    report: Report,
}

impl Recorded {
    /// One that has just been made. What is true of this machine alone is left out.
    pub fn new(name: &str, mut written: Value) -> Result<Self, String> {
        written["vantage"]["host"] = json!("device-07");
        // Whether tests run in a container is chance; but one scenario is about that.
        let marks = if name.starts_with("container-") { json!(["docker"]) } else { json!([]) };
        if let Some(container) = written["vantage"]["network"].get_mut("container") {
            *container = marks;
        }
        let report = Report::from_json(&written.to_string()).map_err(|error| error.to_string())?;
        Ok(Self { name: name.to_owned(), report: judged(report) })
    }

    pub fn read(name: &str) -> Result<Self, String> {
        Self::of_host(name, HOST)
    }

    /// The same as if the hub had another name.
    pub fn of_host(name: &str, host: &str) -> Result<Self, String> {
        let text = read(name, "report.json")?.replace(HOST, host);
        let report = Report::from_json(&text).map_err(|error| format!("{name}: {error}"))?;
        Ok(Self { name: name.to_owned(), report: judged(report) })
    }

    /// As it is judged today.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Writes all of them.
    pub fn keep(&self) -> io::Result<()> {
        let folder = folder().join(&self.name);
        fs::create_dir_all(&folder)?;
        let report: Value = serde_json::from_str(&self.report.render(Format::Json))?;
        fs::write(folder.join("report.json"), format!("{report}\n"))?;
        fs::write(folder.join("findings.json"), self.findings())?;
        fs::write(folder.join("screen.txt"), self.screen())?;
        fs::write(folder.join("unfolded.txt"), self.unfolded())
    }

    /// Whether today's judgement, and its words, are those that were kept.
    pub fn is_as_kept(&self) -> Result<(), String> {
        let today =
            [("findings.json", self.findings()), ("screen.txt", self.screen()), ("unfolded.txt", self.unfolded())];
        for (file, today) in today {
            let kept = read(&self.name, file)?;
            if kept != today {
                return Err(format!("{file} differs; it was\n{kept}\nand is\n{today}"));
            }
        }
        Ok(())
    }

    pub fn diagnosis(&self) -> Diagnosis {
        diagnose(&self.report.observations)
    }

    fn findings(&self) -> String {
        let diagnosis = self.diagnosis();
        let verdicts: serde_json::Map<String, Value> =
            diagnosis.verdicts.iter().map(|judged| (judged.id.to_string(), json!(judged.verdict))).collect();
        let found: Vec<Value> = diagnosis.findings.iter().map(|one| without_words(one, &diagnosis)).collect();
        let recommended = diagnosis.recommendation.as_ref().map(|recommended| recommended.protocol);
        let all = json!({ "verdicts": verdicts, "findings": found, "recommendation": recommended });
        format!("{all:#}\n")
    }

    fn screen(&self) -> String {
        let screen = self.report.render_on(Screen::new(Screen::USUAL, false), Format::Human);
        anstream::adapter::strip_str(&screen).to_string()
    }

    fn unfolded(&self) -> String {
        anstream::adapter::strip_str(&self.report.render(Format::Human)).to_string()
    }
}

/// The same facts, with today's opinion of them.
fn judged(report: Report) -> Report {
    let diagnosis = diagnose(&report.observations);
    Report::new(report.observations, diagnosis)
}

fn without_words(finding: &Finding, diagnosis: &Diagnosis) -> Value {
    let root = finding.depends_on.as_ref();
    let root = root.and_then(|id| diagnosis.findings.iter().find(|other| other.id == *id)).map(|other| other.code);
    json!({
        "code": finding.code, "severity": finding.severity, "confidence": finding.confidence, "owner": finding.owner,
        "affects": finding.affects, "location": finding.location, "alternatives": finding.alternatives,
        "depends_on": root,
    })
}

pub fn read(name: &str, file: &str) -> Result<String, String> {
    let path = folder().join(name).join(file);
    fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
}
