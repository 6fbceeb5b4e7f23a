//! Lines on stderr that are drawn again and again, and gone in the end; on a terminal that cannot take them back, a plain line
//! every few seconds. A thread of its own draws them: a terminal that takes nothing, as after Ctrl-S, holds up no measurement.

use std::{
    borrow::Cow,
    io::{self, IsTerminal, Write},
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender},
    time::Duration,
};

use anstyle_query::{term_supports_color, windows};
use terminal_size::{Height, Width, terminal_size_of};
use textwrap::Options;

use super::super::{args::Verbosity, signals};

/// How often the lines are drawn. Work that is over by then never shows.
const REDRAW_INTERVAL: Duration = Duration::from_millis(100);
/// Limits the wait for the terminal to take the last lines.
const LAST_DRAW_TIMEOUT: Duration = Duration::from_secs(1);
/// No line is wider than the narrowest terminal that we are made for. A terminal that is given another size meanwhile would wrap
/// longer ones, or not, as its make is: then nobody knows how many rows there are to be erased.
const WIDTH: usize = 39;
/// What stands before the rest of a line that was too long.
const REST: &str = "    ";
/// Where the terminal does not tell.
const SIZE: (Width, Height) = (Width(80), Height(24));
const SPINNER: [char; 8] = ['⠁', '⠂', '⠄', '⡀', '⢀', '⠠', '⠐', '⠈'];
/// For who reads no more than ASCII.
const PLAIN_SPINNER: [char; 4] = ['|', '/', '-', '\\'];
/// How often a terminal that cannot redraw gets a line.
const PLAIN_INTERVAL: Duration = Duration::from_secs(3);

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
        verbosity: &Verbosity,
        lines: impl Fn(char) -> Vec<String> + Send + 'static,
    ) -> Option<Self> {
        let logs = std::env::var_os("HUBREACH_LOG").is_some();
        if !is_for_people || verbosity.quiet || logs || !io::stderr().is_terminal() {
            return None;
        }
        let can_be_drawn_on = can_be_drawn_on();
        let (more, is_more) = mpsc::channel();
        let (last, gone) = mpsc::channel();
        let drawing = signals::spawn("progress", move || {
            match can_be_drawn_on {
                true => draw(&is_more, &lines),
                false => tell(&is_more, &lines),
            }
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
        let _ = self.gone.recv_timeout(LAST_DRAW_TIMEOUT);
    }
}

/// A terminal whose cursor can be moved.
fn can_be_drawn_on() -> bool {
    let can_move_cursor = !cfg!(windows) || windows::enable_ansi_colors() == Some(true);
    term_supports_color() && can_move_cursor
}

/// Whether the user's locale has more characters than ASCII (POSIX, "Environment Variables"). Windows Terminal has them; the
/// fonts of older consoles lack the spinner's.
fn is_unicode() -> bool {
    if cfg!(windows) {
        return std::env::var_os("WT_SESSION").is_some();
    }
    let variable = |name| std::env::var(name).ok().filter(|locale| !locale.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(variable).unwrap_or_default().to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

/// The first of the lines that has something new to say, now and then.
fn tell(is_more: &Receiver<()>, lines: &impl Fn(char) -> Vec<String>) {
    let mut shown = Vec::new();
    while is_more.recv_timeout(PLAIN_INTERVAL) != Err(RecvTimeoutError::Disconnected) {
        let now: Vec<String> = lines(' ').iter().map(|line| line.trim().to_owned()).collect();
        let news = now.iter().rfind(|line| !shown.contains(*line));
        if let Some(line) = news.or(now.last()) {
            put(&format!("{line}\r\n"));
        }
        shown = now;
    }
}

fn draw(is_more: &Receiver<()>, lines: &impl Fn(char) -> Vec<String>) {
    let mut drawn = 0;
    let faces: &[char] = if is_unicode() { &SPINNER } else { &PLAIN_SPINNER };
    for face in faces.iter().copied().cycle() {
        if is_more.recv_timeout(REDRAW_INTERVAL) == Err(RecvTimeoutError::Disconnected) {
            break;
        }
        let (Width(columns), Height(rows)) = terminal_size_of(io::stderr()).unwrap_or(SIZE);
        let width = WIDTH.min(usize::from(columns).saturating_sub(1)).max(REST.len() + 1);
        let mut lines: Vec<String> = lines(face).iter().flat_map(|line| fitted(line, width)).collect();
        lines.truncate(usize::from(rows).saturating_sub(1));
        // Ctrl-C leaves `^C` where the cursor stands: where the lines are blank.
        put(&(erased(drawn) + &lines.join("\r\n") + "\r"));
        drawn = lines.len();
    }
    put(&erased(drawn));
}

/// The rows that a line takes.
fn fitted(line: &str, width: usize) -> Vec<String> {
    let options = Options::new(width).subsequent_indent(REST);
    textwrap::wrap(line, options).into_iter().map(Cow::into_owned).collect()
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
