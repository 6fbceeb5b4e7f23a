//! The user's screen.

use std::io;

use hubreach::report::Screen;
use terminal_size::{Width, terminal_size_of};

use super::args::Verbosity;

/// As wide as stdout's terminal, or as `COLUMNS` says; unfolded where the user asks for more.
pub fn screen(verbosity: &Verbosity) -> Screen {
    let configured =
        std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).filter(|columns| *columns > 0);
    let measured = || {
        terminal_size_of(io::stdout()).map(|(Width(columns), _)| usize::from(columns)).filter(|columns| *columns > 0)
    };
    Screen::new(configured.or_else(measured).unwrap_or(Screen::USUAL), verbosity.verbose)
}
