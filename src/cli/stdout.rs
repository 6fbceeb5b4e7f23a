//! Stdout.

use std::io::{self, ErrorKind, Write};

use anstream::AutoStream;

use super::{exit::CliError, file};

/// Prints on stdout, in colour where it is wanted.
pub fn print(text: &str) -> Result<(), CliError> {
    print_counted(text, &|_| ()).map_err(|error| not_printed(&error))
}

/// Prints bytes that are for a program on stdout.
pub fn raw(bytes: &[u8]) -> Result<(), CliError> {
    print(&String::from_utf8_lossy(bytes))
}

/// The same, telling how many bytes the reader has taken. Whoever closed the pipe has read enough.
pub fn print_counted(text: &str, taken: &dyn Fn(usize)) -> io::Result<()> {
    let mut stream = AutoStream::auto(io::stdout().lock());
    let (mut rest, mut printed) = (text, Ok(()));
    while printed.is_ok() && !rest.is_empty() {
        let mut end = rest.len().min(file::PIECE);
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let (piece, after) = rest.split_at(end);
        printed = stream.write_all(piece.as_bytes()).and_then(|()| stream.flush());
        taken(piece.len());
        rest = after;
    }
    printed.or_else(|error| if is_closed(&error) { Ok(()) } else { Err(error) })
}

/// Whether the reader has closed the pipe. Windows has several words for it: `ERROR_BROKEN_PIPE`, `ERROR_NO_DATA`,
/// `ERROR_PIPE_NOT_CONNECTED`.
fn is_closed(error: &io::Error) -> bool {
    let is_windows_word = cfg!(windows) && matches!(error.raw_os_error(), Some(109 | 232 | 233));
    error.kind() == ErrorKind::BrokenPipe || is_windows_word
}

/// What to say where stdout takes no more.
pub fn not_printed(error: &io::Error) -> CliError {
    CliError::cannot_run(format!("cannot write to stdout: {error}; give the output a place with room"))
}
