//! What happens in a run as lines of JSON: on stdout as it happens, and kept for files.

use std::cell::RefCell;

use hubreach::{
    probe::Event,
    report::{self, Format, Report, Screen},
};

use super::{args::Output, exit::CliError, output, printer::Printer};

/// The events of a run.
pub struct Stream {
    live: Option<Printer>,
    is_kept: bool,
    told: RefCell<Told>,
}

#[derive(Default)]
struct Told {
    kept: String,
    failure: Option<CliError>,
}

impl Stream {
    pub fn new(to: &Output) -> Self {
        Self {
            live: (to.format == Format::Ndjson).then(Printer::start),
            is_kept: to.output.iter().any(|path| Format::of_path(path) == Some(Format::Ndjson)),
            told: RefCell::default(),
        }
    }

    /// Tells what just happened.
    pub fn tell(&self, event: &Event) {
        if self.live.is_none() && !self.is_kept {
            return;
        }
        let line = report::json_line(event);
        let mut told = self.told.borrow_mut();
        if self.is_kept {
            told.kept.push_str(&line);
        }
        // One failure is enough: the run goes on, for there may be files to write.
        if let (Some(printer), None) = (&self.live, &told.failure) {
            told.failure = printer.print(line).err();
        }
    }

    /// Writes the report to where it belongs, behind the events.
    pub fn end(self, report: Report, to: &Output, screen: Screen) -> Result<(), CliError> {
        let Told { kept, failure } = self.told.into_inner();
        let printer = self.live.unwrap_or_else(Printer::start);
        output::deliver_as(&|format| report.render(format), &kept, to, || match failure {
            Some(failure) => Err(failure),
            None => printer.print(report.render_on(screen, to.format)).and(printer.end()),
        })
    }
}
