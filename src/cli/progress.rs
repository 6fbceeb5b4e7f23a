//! One live line for each check, and one for the experiments, on stderr.

use std::{collections::HashMap, io::IsTerminal, time::Duration};

use hubreach::{
    observation::Outcome,
    probe::Event,
    report::Format,
    target::{CheckId, Target},
};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::args::Volume;

/// The lines; none where nobody watches, or where they would run into other output.
pub struct Progress {
    lines: Option<Lines>,
}

struct Lines {
    all: MultiProgress,
    checks: HashMap<CheckId, ProgressBar>,
    /// Shown once the first experiment begins.
    experiments: ProgressBar,
}

impl Progress {
    pub fn start(target: &Target, format: Format, volume: &Volume) -> Self {
        let logs = volume.verbose > 0 || std::env::var_os("HUBREACH_LOG").is_some();
        let watched = std::io::stderr().is_terminal() && format == Format::Human;
        if !watched || volume.quiet || logs {
            return Self { lines: None };
        }
        let all = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        let Ok(style) = ProgressStyle::with_template("  {spinner} {prefix:<20} {wide_msg}") else {
            return Self { lines: None };
        };
        let add = |check: &hubreach::target::Check| {
            let line = all.add(ProgressBar::new_spinner().with_style(style.clone()));
            line.set_prefix(check.endpoint.protocol.label());
            line.set_message("resolving the name");
            line.enable_steady_tick(Duration::from_millis(100));
            (check.id.clone(), line)
        };
        let checks = target.checks.iter().map(add).collect();
        let experiments = ProgressBar::new_spinner().with_style(style.clone()).with_prefix("finding out why");
        Self { lines: Some(Lines { all, checks, experiments }) }
    }

    /// Shows what just happened.
    pub fn show(&self, event: &Event) {
        let Some(Lines { all, checks, experiments }) = &self.lines else { return };
        match event {
            Event::Resolved { addresses, .. } => {
                let message = if addresses.is_empty() { "no address" } else { "connecting" };
                checks.values().for_each(|line| line.set_message(message));
            }
            Event::Stage { check, address, stage, outcome, duration_ms } => {
                if let Some(line) = checks.get(check) {
                    line.set_message(format!("{stage} {} after {duration_ms:.0} ms, {address}", word(*outcome)));
                }
            }
            Event::CheckDone { check, climbed, duration_ms } => {
                if let Some(line) = checks.get(check) {
                    let end = if *climbed { "answered" } else { "did not get through" };
                    line.finish_with_message(format!("{end} after {duration_ms:.0} ms"));
                }
            }
            Event::ExperimentBegan { kind } => {
                if experiments.is_hidden() {
                    all.add(experiments.clone()).enable_steady_tick(Duration::from_millis(100));
                }
                experiments.set_message(format!("experiment: {kind}"));
            }
            _ => {}
        }
    }
}

impl Drop for Progress {
    /// The report takes the lines' place.
    fn drop(&mut self) {
        if let Some(Lines { all, checks, experiments }) = &self.lines {
            checks.values().chain([experiments]).for_each(ProgressBar::finish_and_clear);
            // A terminal that cannot be cleared keeps its lines.
            let _ = all.clear();
        }
    }
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Ok => "done",
        Outcome::Failed => "failed",
        Outcome::NotReached => "not reached",
        Outcome::Cancelled => "cut short",
    }
}
