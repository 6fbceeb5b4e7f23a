//! What is being done, on stderr, where somebody watches: a line for each check, and one for the experiments.

mod area;
mod finding_out;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hubreach::{
    hub::{CheckId, Target},
    observation::Outcome,
    probe::Event,
    report::{Format, duration},
};

pub use self::area::Area;
use self::finding_out::finding_out;
use super::args::Verbosity;

/// The lines of one run, until it is dropped.
#[derive(Debug)]
pub struct Progress {
    _area: Option<Area>,
    /// Read from another thread whenever it is drawn.
    lines: Arc<Mutex<Lines>>,
}

#[derive(Debug)]
struct Lines {
    checks: Vec<(CheckId, Line)>,
    /// From the first experiment on.
    experiments: Option<Line>,
}

#[derive(Debug)]
struct Line {
    label: &'static str,
    message: String,
    is_over: bool,
}

impl Progress {
    pub fn start(target: &Target, format: Format, volume: &Verbosity) -> Self {
        let line = |label| Line { label, message: "resolving".to_owned(), is_over: false };
        let checks = target.checks.iter().map(|check| (check.id.clone(), line(check.endpoint.protocol.label())));
        let lines = Arc::new(Mutex::new(Lines { checks: checks.collect(), experiments: None }));
        let drawn = Arc::clone(&lines);
        let area = Area::start(format == Format::Human, volume, move |face| lock(&drawn).drawn(face));
        Self { _area: area, lines }
    }

    /// Shows what just happened.
    pub fn listener(&self) -> impl Fn(&Event) + Send + Sync + use<> {
        let lines = Arc::clone(&self.lines);
        move |event| lock(&lines).note(event)
    }
}

impl Lines {
    fn note(&mut self, event: &Event) {
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
                let message = finding_out(kind).to_owned();
                self.experiments = Some(Line { label: "finding out why", message, is_over: false });
            }
            _ => {}
        }
    }

    fn say(&mut self, check: &CheckId, message: String, is_over: bool) {
        if let Some((_, line)) = self.checks.iter_mut().find(|(id, _)| id == check) {
            (line.message, line.is_over) = (message, is_over);
        }
    }

    fn drawn(&self, face: char) -> Vec<String> {
        let lines = self.checks.iter().map(|(_, line)| line).chain(&self.experiments);
        let drawn = lines.map(|Line { label, message, is_over }| {
            let face = if *is_over { ' ' } else { face };
            format!("  {face} {label:<19} {message}")
        });
        drawn.collect()
    }
}

/// What is told to be drawn is there whole or not at all.
fn lock(lines: &Mutex<Lines>) -> MutexGuard<'_, Lines> {
    lines.lock().unwrap_or_else(PoisonError::into_inner)
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Ok => "done",
        Outcome::Failed => "failed",
        Outcome::NotReached => "not due",
        Outcome::Cancelled => "ended",
    }
}
