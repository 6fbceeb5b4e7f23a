//! How far an audit is, on stderr: counts, and who takes longest.

use std::{
    collections::BTreeMap,
    fmt::Write,
    io::IsTerminal,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use hubreach::{
    audit::{Event, Plan},
    report::Format,
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::super::args::Volume;

/// How many of those that take longest are named.
const SLOWEST: usize = 2;
/// Who has been tested for less is not slow.
const SLOW: Duration = Duration::from_secs(2);

/// The line; none where nobody watches, or where it would run into other output.
pub struct Progress {
    bar: Option<ProgressBar>,
    /// Read by the line whenever it is drawn, from a thread of its own.
    state: Arc<Mutex<State>>,
}

struct State {
    /// By their places in the plan.
    hosts: Vec<String>,
    /// Who is being tested, by its place in the plan, since when.
    running: BTreeMap<usize, Instant>,
    not_ready: usize,
}

impl Progress {
    pub fn start(plan: &Plan, format: Format, volume: &Volume) -> Self {
        let hosts = plan.targets.iter().map(|planned| planned.target.host.to_string()).collect();
        let state = Arc::new(Mutex::new(State { hosts, running: BTreeMap::new(), not_ready: 0 }));
        let logs = volume.verbose > 0 || std::env::var_os("HUBREACH_LOG").is_some();
        let watched = std::io::stderr().is_terminal() && format == Format::Human;
        let style = ProgressStyle::with_template("  {spinner} {pos} of {len} tested {told:54!}");
        let bar = match style {
            Ok(style) if watched && !volume.quiet && !logs => {
                let told = Arc::clone(&state);
                let style = style.with_key("told", move |_: &ProgressState, line: &mut dyn Write| {
                    // A line cannot fail to be written to.
                    let _ = line.write_str(&told.lock().unwrap_or_else(PoisonError::into_inner).told());
                });
                let bar = ProgressBar::with_draw_target(Some(plan.targets.len() as u64), ProgressDrawTarget::stderr());
                bar.set_style(style);
                bar.enable_steady_tick(Duration::from_millis(100));
                Some(bar)
            }
            _ => None,
        };
        Self { bar, state }
    }

    /// Shows what just happened.
    pub fn show(&self, event: &Event<'_>) {
        let Some(bar) = &self.bar else { return };
        let ended = self.state.lock().unwrap_or_else(PoisonError::into_inner).note(event);
        if ended {
            bar.inc(1);
        }
    }
}

impl State {
    /// Gives whether a target is done with.
    fn note(&mut self, event: &Event<'_>) -> bool {
        let (place, is_ready) = match event {
            Event::Began(place) => {
                self.running.insert(*place, Instant::now());
                return false;
            }
            Event::Finished(place, report) => (place, report.requirement.met),
            Event::Failed(place, _) => (place, false),
            _ => return false,
        };
        self.running.remove(place);
        self.not_ready += usize::from(!is_ready);
        true
    }

    /// `- 3 not ready - waiting for a.example (8 s), b.example (5 s)`
    fn told(&self) -> String {
        let mut told = String::new();
        if self.not_ready > 0 {
            told = format!("- {} not ready ", self.not_ready);
        }
        let took = self.running.iter().map(|(place, since)| (since.elapsed(), *place));
        let mut slow: Vec<(Duration, usize)> = took.filter(|(took, _)| *took >= SLOW).collect();
        slow.sort_by(|one, other| other.cmp(one));
        let named = slow.iter().take(SLOWEST).filter_map(|(took, place)| {
            let host = self.hosts.get(*place)?;
            Some(format!("{host} ({} s)", took.as_secs()))
        });
        let named: Vec<String> = named.collect();
        if !named.is_empty() {
            told += &format!("- waiting for {}", named.join(", "));
        }
        told
    }
}

impl Drop for Progress {
    /// The report takes the line's place.
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
