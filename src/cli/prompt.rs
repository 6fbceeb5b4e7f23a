//! Asks a user who types `hubreach` alone for the hub: only on a terminal, never in a pipe.

use std::io::{self, BufRead, IsTerminal};

use super::stderr;

/// The answer that runs the demonstration instead of a check.
pub const DEMO: &str = "demo";

const QUESTION: &str =
    "Which hub? Type its hostname, such as contoso.azure-devices.net, or demo to see what a check looks like.\n> ";

/// The hub that the user types; `None` without a terminal.
pub fn hub() -> Option<String> {
    if ![io::stdin().is_terminal(), io::stdout().is_terminal(), io::stderr().is_terminal()].iter().all(|is| *is) {
        return None;
    }
    stderr::put(QUESTION.as_bytes());
    stderr::flush();
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).ok()?;
    Some(line.trim().to_owned()).filter(|hub| !hub.is_empty())
}
