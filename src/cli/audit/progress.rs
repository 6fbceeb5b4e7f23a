//! How far an audit is, on stderr: counts, and who takes longest.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    io::IsTerminal,
    time::{Duration, Instant},
};

use hubreach::{
    audit::{Event, Plan},
    report::Format,
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::super::args::Volume;

/// How many of those that take longest are named.
const SLOWEST: usize = 2;
/// Who has been tested for less is not slow.
const SLOW: Duration = Duration::from_secs(2);

/// The line; none where nobody watches, or where it would run into other output.
pub struct Progress<'a> {
    plan: &'a Plan,
    bar: Option<ProgressBar>,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    /// Who is being tested, by its place in the plan, since when.
    running: BTreeMap<usize, Instant>,
    not_ready: usize,
}

impl<'a> Progress<'a> {
    pub fn start(plan: &'a Plan, format: Format, volume: &Volume) -> Self {
        let logs = volume.verbose > 0 || std::env::var_os("HUBREACH_LOG").is_some();
        let watched = std::io::stderr().is_terminal() && format == Format::Human;
        let style = ProgressStyle::with_template("  {spinner} {pos} of {len} tested {wide_msg}");
        let bar = match style {
            Ok(style) if watched && !volume.quiet && !logs => {
                let bar = ProgressBar::with_draw_target(Some(plan.targets.len() as u64), ProgressDrawTarget::stderr());
                bar.set_style(style);
                bar.enable_steady_tick(Duration::from_millis(100));
                Some(bar)
            }
            _ => None,
        };
        Self { plan, bar, state: RefCell::default() }
    }

    /// Shows what just happened.
    pub fn show(&self, event: &Event<'_>) {
        let Some(bar) = &self.bar else { return };
        let mut state = self.state.borrow_mut();
        match event {
            Event::Began(place) => _ = state.running.insert(*place, Instant::now()),
            Event::Finished(place, report) => {
                state.running.remove(place);
                state.not_ready += usize::from(!report.requirement.met);
                bar.inc(1);
            }
            Event::Failed(place, _) => {
                state.running.remove(place);
                state.not_ready += 1;
                bar.inc(1);
            }
            _ => {}
        }
        bar.set_message(self.message(&state));
    }

    /// `- 3 not ready - waiting for a.example (8 s), b.example (5 s)`
    fn message(&self, state: &State) -> String {
        let mut parts = Vec::new();
        if state.not_ready > 0 {
            parts.push(format!("- {} not ready", state.not_ready));
        }
        let mut slow: Vec<(Duration, usize)> = state
            .running
            .iter()
            .map(|(place, since)| (since.elapsed(), *place))
            .filter(|(took, _)| *took >= SLOW)
            .collect();
        slow.sort_by(|one, other| other.cmp(one));
        let named = slow.iter().take(SLOWEST).filter_map(|(took, place)| {
            Some(format!("{} ({} s)", self.plan.targets.get(*place)?.target.host, took.as_secs()))
        });
        let named: Vec<String> = named.collect();
        if !named.is_empty() {
            parts.push(format!("- waiting for {}", named.join(", ")));
        }
        parts.join(" ")
    }
}

impl Drop for Progress<'_> {
    /// The report takes the line's place.
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
