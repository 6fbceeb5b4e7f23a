//! A line for each check, and one for the experiments.

use hubreach::{
    hub::{Check, CheckId, Route, Target},
    observation::Outcome,
    probe::Event,
    report::duration,
};

use super::{experiment_text::experiment_text, lines::Lines};

/// How the checks of one run stand.
#[derive(Debug)]
pub struct Checks {
    checks: Vec<(CheckId, Line)>,
    /// From the first experiment on.
    experiments: Option<Line>,
}

#[derive(Debug)]
struct Line {
    label: String,
    message: String,
    is_over: bool,
}

impl Checks {
    pub fn of(target: &Target) -> Self {
        let goes_by_proxy = target.checks.iter().any(|check| check.route == Route::Proxy);
        let label = |check: &Check| match goes_by_proxy {
            true => check.id.to_string(),
            false => check.endpoint.protocol.label().to_owned(),
        };
        let line = |label| Line { label, message: "resolving".to_owned(), is_over: false };
        let checks = target.checks.iter().map(|check| (check.id.clone(), line(label(check))));
        Self { checks: checks.collect(), experiments: None }
    }

    /// What just happened.
    pub fn note(&mut self, event: &Event) {
        match event {
            Event::Resolved { addresses, .. } => {
                let message = if addresses.is_empty() { "no address" } else { "connecting" };
                self.checks.iter_mut().for_each(|(_, line)| message.clone_into(&mut line.message));
            }
            Event::Stage { check, stage, outcome, .. } => {
                self.say(check, format!("{stage} {}", word(*outcome)), false);
            }
            Event::CheckDone { check, completed, duration_ms } => {
                let end = if *completed { "answered" } else { "failed" };
                self.say(check, format!("{end} {}", duration(*duration_ms)), true);
            }
            Event::ExperimentBegan { kind } => {
                let message = experiment_text(kind).to_owned();
                self.experiments = Some(Line { label: "finding out why".to_owned(), message, is_over: false });
            }
            _ => {}
        }
    }

    fn say(&mut self, check: &CheckId, message: String, is_over: bool) {
        if let Some((_, line)) = self.checks.iter_mut().find(|(id, _)| id == check) {
            (line.message, line.is_over) = (message, is_over);
        }
    }
}

impl Lines for Checks {
    fn drawn(&self, face: char) -> Vec<String> {
        let lines = self.checks.iter().map(|(_, line)| line).chain(&self.experiments);
        let drawn = lines.map(|Line { label, message, is_over }| {
            let face = if *is_over { ' ' } else { face };
            format!("  {face} {label:<19} {message}")
        });
        drawn.collect()
    }
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Ok => "done",
        Outcome::Failed => "failed",
        Outcome::NotReached => "not due",
        Outcome::Cancelled => "ended",
    }
}
