//! The only place that prints.

use std::{
    fs,
    io::{self, Write},
};

use anstream::{AutoStream, adapter::strip_str};
use hubreach::report::{Format, Report};

use super::{args::Output, exit::Failure, usage};

/// Prints `report` on stdout and writes it to every file asked for; all are tried before a failure is told.
pub fn deliver(report: &Report, to: &Output) -> Result<(), Failure> {
    let mut done = stdout(&report.render(to.format));
    for path in &to.output {
        let format = Format::of_path(path).unwrap_or(to.format);
        let text = report.render(format);
        let written = fs::write(path, strip_str(&text).to_string());
        done = done.and(written.map_err(|error| {
            Failure::cannot_run(format!("cannot write {}: {error}; give --output a writable place", path.display()))
        }));
    }
    done
}

/// Prints on stdout, in colour where it is wanted. Whoever closed the pipe has read enough.
pub fn stdout(text: &str) -> Result<(), Failure> {
    let mut stream = AutoStream::auto(io::stdout().lock());
    match stream.write_all(text.as_bytes()).and_then(|()| stream.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::cannot_run(format!("cannot write to stdout: {error}; give the output a place with room")))
        }
        _ => Ok(()),
    }
}

/// Prints bytes that are for a program on stdout.
pub fn raw(bytes: &[u8]) -> Result<(), Failure> {
    stdout(&String::from_utf8_lossy(bytes))
}

/// One line on stderr: why the program did not do what it was asked.
pub fn complain(failure: &Failure) {
    stderr("error", &usage::redact(&failure.message));
}

/// One line on stderr: something good to know.
pub fn note(message: &str) {
    stderr("note", message);
}

fn stderr(label: &str, message: &str) {
    let line: String = message.chars().map(|char| if char.is_control() { ' ' } else { char }).collect();
    // Nothing is left to tell anyone if this fails.
    let _ = writeln!(AutoStream::auto(io::stderr().lock()), "{label}: {line}");
}
