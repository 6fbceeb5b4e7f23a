//! TEMPORARY: stands in for `hubreach::{check, diagnose, report, diagnosis::catalogue}` until they land; then this file
//! goes and `super::stub` becomes `hubreach`.
#![allow(dead_code, missing_docs, clippy::all)]

use std::{future::Future, path::Path, str::FromStr};

use hubreach::{
    SetupError,
    diagnosis::{Code, Diagnosis, Owner, Severity},
    observation::{Observations, Stage},
    probe::{Event, Settings},
    target::Target,
};

pub async fn check(
    target: &Target,
    settings: &Settings,
    stop: impl Future<Output = ()>,
    progress: &dyn Fn(&Event),
) -> Result<report::Report, SetupError> {
    let seen = hubreach::observe(target, settings, stop, progress).await?;
    let met = seen.checks.iter().any(|check| check.attempts.iter().any(|attempt| attempt.exchange.is_ok()));
    Ok(report::Report { requirement: report::RequirementSaid { met }, text: format!("{seen:#?}\n") })
}

pub fn diagnose(_: &Observations) -> Diagnosis {
    Diagnosis { verdicts: vec![], findings: vec![], recommendation: None, requirement_met: false }
}

pub mod report {
    use super::*;
    pub struct Report {
        pub requirement: RequirementSaid,
        pub text: String,
    }
    pub struct RequirementSaid {
        pub met: bool,
    }
    #[derive(Debug, thiserror::Error)]
    #[error("this is no report; give a file that `hubreach check --output FILE.json` wrote")]
    pub struct ReadError;
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub enum Format {
        #[default]
        Human,
        Json,
    }
    #[derive(Debug, thiserror::Error)]
    #[error("unknown format; use one of: human, json")]
    pub struct UnknownFormat;
    impl FromStr for Format {
        type Err = UnknownFormat;
        fn from_str(word: &str) -> Result<Self, UnknownFormat> {
            match word {
                "human" => Ok(Self::Human),
                "json" => Ok(Self::Json),
                _ => Err(UnknownFormat),
            }
        }
    }
    impl Format {
        pub fn of_path(path: &Path) -> Option<Self> {
            match path.extension()?.to_str()? {
                "json" => Some(Self::Json),
                "txt" => Some(Self::Human),
                _ => None,
            }
        }
    }
    impl Report {
        pub fn new(_: Observations, diagnosis: Diagnosis) -> Self {
            Self { requirement: RequirementSaid { met: diagnosis.requirement_met }, text: String::new() }
        }
        pub fn observations(&self) -> Observations {
            unimplemented!()
        }
        pub fn from_json(_: &str) -> Result<Self, ReadError> {
            Err(ReadError)
        }
        pub fn render(&self, _: Format) -> String {
            self.text.clone()
        }
    }
}

pub mod catalogue {
    use super::*;
    pub struct Entry {
        pub code: Code,
        pub title: &'static str,
        pub severity: Severity,
        pub stage: Stage,
        pub owner: Owner,
        pub explanation: &'static str,
        pub proof: &'static str,
        pub fix: &'static str,
    }
    pub fn entry(_: Code) -> &'static Entry {
        &Entry {
            code: Code::SilentDrop,
            title: "Nothing answers",
            severity: Severity::Error,
            stage: Stage::Connect,
            owner: Owner::FirewallOwner,
            explanation: "Explanation.",
            proof: "Proof.",
            fix: "Fix.",
        }
    }
}
