//! Programs of the system that print settings.

use std::{
    io::Read,
    process::{Command, Stdio},
    sync::mpsc,
    time::Duration,
};

use crate::net::thread;

/// Such a program takes a tenth of it. It must not make a check that needs no proxy any longer.
const TIMEOUT: Duration = Duration::from_millis(250);
/// More than any of them prints.
const MAX_OUTPUT: u64 = 64 << 10;

/// What the program prints. It is ended if that takes too long.
pub(super) fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().ok()?;
    let output = child.stdout.take().and_then(|stdout| {
        let (give, output) = mpsc::channel();
        // A child of the program may keep the pipe open after its end: the thread is then abandoned.
        thread::start(move || {
            let mut bytes = Vec::new();
            let read = stdout.take(MAX_OUTPUT).read_to_end(&mut bytes);
            // The receiver may be gone.
            let _ = give.send(read.ok().map(|_| bytes));
        })
        .ok()?;
        output.recv_timeout(TIMEOUT).ok().flatten()
    });
    // It has printed, or takes too long. It is waited for, or it would stay as a zombie.
    let _ = child.kill();
    let _ = child.wait();
    Some(String::from_utf8_lossy(&output?).into_owned())
}

#[cfg(all(test, unix))]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn a_program_has_little_time_and_room() {
        let begin = Instant::now();
        assert_eq!(output("/bin/echo", &["text"]).as_deref(), Some("text\n"));
        assert_eq!(output("/bin/sleep", &["60"]), None);
        assert_eq!(output("/bin/sh", &["-c", "sleep 5 & echo text"]), None);
        assert_eq!(output("/absent", &[]), None);
        let endless =
            output("/bin/sh", &["-c", "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done"]);
        assert!(endless.is_none_or(|text| text.len() == 64 << 10));
        assert!(begin.elapsed() < Duration::from_secs(4), "{:?}", begin.elapsed());
    }
}
