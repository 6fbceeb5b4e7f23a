//! The events of a run as lines of JSON: on stdout as they happen, and collected for files.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hubreach::{
    probe::Event,
    report::{self, Format, Report, Screen},
};

use super::{args::Output, exit::CliError, output, printer::Printer};

/// The events of a run.
pub struct EventStream(Arc<Mutex<StreamState>>);

#[derive(Default)]
struct StreamState {
    live: Option<Printer>,
    keeps_lines: bool,
    lines: String,
    failure: Option<CliError>,
}

impl EventStream {
    pub fn new(to: &Output) -> Self {
        Self(Arc::new(Mutex::new(StreamState {
            live: (to.format == Format::Ndjson).then(Printer::start),
            keeps_lines: to.output.iter().any(|path| Format::of_path(path) == Some(Format::Ndjson)),
            ..StreamState::default()
        })))
    }

    /// Writes each event.
    pub fn listener(&self) -> impl Fn(&Event) + Send + Sync + use<> {
        let state = Arc::clone(&self.0);
        move |event| lock(&state).write(event)
    }

    /// Writes the report to its outputs, after the events.
    pub fn end(self, report: Report, to: &Output, screen: Screen) -> Result<(), CliError> {
        let StreamState { live, lines, failure, .. } = std::mem::take(&mut *lock(&self.0));
        let printer = live.unwrap_or_else(Printer::start);
        output::deliver_as(&|format| report.render(format), &lines, to, || match failure {
            Some(failure) => Err(failure),
            None => printer.print(report.render_on(screen, to.format)).and(printer.end()),
        })
    }
}

impl StreamState {
    fn write(&mut self, event: &Event) {
        if self.live.is_none() && !self.keeps_lines {
            return;
        }
        let line = report::json_line(event);
        if self.keeps_lines {
            self.lines.push_str(&line);
        }
        // One failure is enough: the run goes on, for there may be files to write.
        if let (Some(printer), None) = (&self.live, &self.failure) {
            self.failure = printer.print(line).err();
        }
    }
}

/// Each line is stored whole or not at all.
fn lock(state: &Mutex<StreamState>) -> MutexGuard<'_, StreamState> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
