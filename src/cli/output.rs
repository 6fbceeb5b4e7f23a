//! The only place that prints.

use std::{
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use anstream::adapter::strip_str;
use hubreach::{hub::redacted, report::Format};

use super::{
    args::Output,
    exit::CliError,
    file,
    printer::{self, Printer},
    redaction, stderr,
};

/// Writes what is rendered to every file asked for, each in its format, and has stdout to `print`; all are tried before a failure
/// is told. `events`, lines of NDJSON which stdout has had already, stand before the report in files of that format.
pub fn deliver_as(
    render: &dyn Fn(Format) -> String,
    events: &str,
    to: &Output,
    print: impl FnOnce() -> Result<(), CliError>,
) -> Result<(), CliError> {
    // What may wait for a reader comes last, so that all else is there by then.
    let (pipes, files): (Vec<_>, Vec<_>) = to.output.iter().partition(|path| file::is_stream(path));
    let save_all = |paths: &[&PathBuf]| {
        // All are tried before the first failure is told.
        let saved: Vec<_> = paths.iter().map(|path| save_as(path, render, events, to.format)).collect();
        saved.into_iter().collect::<Result<(), CliError>>()
    };
    let saved = save_all(&files);
    // What is good to know stands above the report.
    stderr::flush();
    let printed = print();
    saved.and(printed).and(save_all(&pipes))
}

fn save_as(path: &Path, render: &dyn Fn(Format) -> String, events: &str, otherwise: Format) -> Result<(), CliError> {
    let format = Format::of_path(path).unwrap_or(otherwise);
    match format {
        Format::Human => save(path, &render(format)),
        Format::Ndjson if !events.is_empty() => write(path, &format!("{events}{}", render(format))),
        // As it is: that of an audit is large.
        _ => write(path, &render(format)),
    }
}

/// Writes `text` to a file, without colour.
pub fn save(path: &Path, text: &str) -> Result<(), CliError> {
    write(path, &strip_str(text).to_string())
}

fn write(path: &Path, text: &str) -> Result<(), CliError> {
    let written = match file::is_stream(path) {
        true => printer::write_to(path, text.as_bytes().to_vec())?,
        false => file::write(path, text.as_bytes()),
    };
    written.map_err(|error| CliError::cannot_run(not_written("--output", path, &error)))
}

/// Whether the files can be written, before minutes are spent on what is to stand in them.
pub fn try_out(files: &[PathBuf]) -> Result<(), CliError> {
    files.iter().try_for_each(|path| try_one_out("--output", path))
}

/// The same of the file that `option` names.
pub fn try_one_out(option: &str, path: &Path) -> Result<(), CliError> {
    file::try_out(path).map_err(|error| refused(option, path, &error))
}

/// Another path would do, or else this machine is at fault: a full disk, for instance.
pub fn refused(option: &str, path: &Path, error: &io::Error) -> CliError {
    let is_path = matches!(
        error.kind(),
        ErrorKind::NotFound
            | ErrorKind::PermissionDenied
            | ErrorKind::ReadOnlyFilesystem
            | ErrorKind::IsADirectory
            | ErrorKind::NotADirectory
            | ErrorKind::AlreadyExists
            | ErrorKind::InvalidFilename
            | ErrorKind::InvalidInput
    );
    let message = not_written(option, path, error);
    if is_path { CliError::input(message) } else { CliError::cannot_run(message) }
}

/// What to say of a file that `option` names.
pub fn not_written(option: &str, path: &Path, error: &io::Error) -> String {
    format!("cannot write {}: {error}; give {option} a writable place", path.display())
}

/// Prints on stdout, as long as it takes anything once the user wants the end.
pub fn stdout_until(text: String) -> Result<(), CliError> {
    let printer = Printer::start();
    printer.print(text).and(printer.end())
}

/// One line on stderr: why the program did not do what it was asked.
pub fn report_error(failure: &CliError) {
    say("error", &redacted(&redaction::redact(&failure.message)));
}

/// One line on stderr: something good to know.
pub fn note(message: &str) {
    say("note", message);
}

fn say(label: &str, message: &str) {
    let line: String = message.chars().map(|char| if char.is_control() { ' ' } else { char }).collect();
    stderr::put(format!("{label}: {line}\n").as_bytes());
}
