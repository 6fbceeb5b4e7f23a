//! What happens in a run as lines of JSON: on stdout as it happens, and kept for files.

use std::cell::RefCell;

use hubreach::{
    probe::Event,
    report::{self, Format},
};

use super::{args::Output, exit::Failure, output};

/// The events of a run; a command that runs several tells them all here.
pub struct Stream {
    is_live: bool,
    is_kept: bool,
    told: RefCell<Told>,
}

#[derive(Default)]
struct Told {
    kept: String,
    failure: Option<Failure>,
}

impl Stream {
    pub fn new(to: &Output) -> Self {
        Self {
            is_live: to.format == Format::Ndjson,
            is_kept: to.output.iter().any(|path| Format::of_path(path) == Some(Format::Ndjson)),
            told: RefCell::default(),
        }
    }

    /// Tells what just happened.
    pub fn tell(&self, event: &Event) {
        if !self.is_live && !self.is_kept {
            return;
        }
        let line = report::json_line(event);
        let mut told = self.told.borrow_mut();
        // One failure is enough: the run goes on, for there may be files to write.
        if self.is_live && told.failure.is_none() {
            told.failure = output::stdout(&line).err();
        }
        if self.is_kept {
            told.kept.push_str(&line);
        }
    }

    /// The events for files, or why stdout took none.
    pub fn end(self) -> (String, Result<(), Failure>) {
        let told = self.told.into_inner();
        (told.kept, told.failure.map_or(Ok(()), Err))
    }
}
