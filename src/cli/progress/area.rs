//! Lines on stderr that are drawn again and again, and gone in the end. A thread of its own draws them: a terminal that takes
//! nothing, as after Ctrl-S, holds up no measurement.

use std::{
    io::{self, IsTerminal, Write},
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender},
    time::Duration,
};

use anstyle_query::{term_supports_color, windows};
use terminal_size::{Height, Width, terminal_size_of};

use super::super::{args::Volume, signals};

/// How often the lines are drawn; what is over by then was never shown.
const TICK: Duration = Duration::from_millis(100);
/// How long the terminal has to take the last of it.
const PATIENCE: Duration = Duration::from_secs(1);
/// Columns left free at the end of a line: Ctrl-C leaves `^C` where the cursor stands.
const MARGIN: usize = 4;
/// Where the terminal does not tell.
const SIZE: (Width, Height) = (Width(80), Height(24));
const SPINNER: [char; 8] = ['⠁', '⠂', '⠄', '⡀', '⢀', '⠠', '⠐', '⠈'];

/// Lines that stay until it is dropped.
#[derive(Debug)]
pub struct Area {
    /// Closed to end it.
    _more: Option<Sender<()>>,
    /// Closed once the lines are gone.
    gone: Receiver<()>,
}

impl Area {
    /// Draws what `lines` gives, with the spinner's face of the moment. `None` where nobody watches, or where it would run into
    /// other output.
    pub fn start(
        is_for_people: bool,
        volume: &Volume,
        lines: impl Fn(char) -> Vec<String> + Send + 'static,
    ) -> Option<Self> {
        let logs = std::env::var_os("HUBREACH_LOG").is_some();
        if !is_for_people || volume.quiet || logs || !can_be_drawn_on() {
            return None;
        }
        let (more, is_more) = mpsc::channel();
        let (last, gone) = mpsc::channel();
        let drawing = signals::spawn("progress", move || {
            draw(&is_more, &lines);
            drop(last);
        });
        drawing.ok().map(|()| Self { _more: Some(more), gone })
    }
}

impl Drop for Area {
    /// What comes next is printed in place of the lines.
    fn drop(&mut self) {
        self._more = None;
        // Closed or too late: there is nothing else to do.
        let _ = self.gone.recv_timeout(PATIENCE);
    }
}

/// A terminal whose cursor can be moved.
fn can_be_drawn_on() -> bool {
    let moves = !cfg!(windows) || windows::enable_ansi_colors() == Some(true);
    io::stderr().is_terminal() && term_supports_color() && moves
}

fn draw(is_more: &Receiver<()>, lines: &impl Fn(char) -> Vec<String>) {
    let mut drawn = 0;
    for face in SPINNER.into_iter().cycle() {
        if is_more.recv_timeout(TICK) == Err(RecvTimeoutError::Disconnected) {
            break;
        }
        let (Width(columns), Height(rows)) = terminal_size_of(io::stderr()).unwrap_or(SIZE);
        let lines: Vec<String> = lines(face)
            .into_iter()
            .take(usize::from(rows).saturating_sub(1))
            .map(|line| line.chars().take(usize::from(columns).saturating_sub(MARGIN)).collect())
            .collect();
        put(&(erased(drawn) + &lines.join("\r\n")));
        drawn = lines.len();
    }
    put(&erased(drawn));
}

/// To the beginning of the first of `drawn` lines, of which nothing is left.
fn erased(drawn: usize) -> String {
    match drawn {
        0 => String::new(),
        1 => "\r\x1b[J".to_owned(),
        more => format!("\r\x1b[{}A\x1b[J", more - 1),
    }
}

fn put(text: &str) {
    // A terminal that is gone shows nothing.
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
