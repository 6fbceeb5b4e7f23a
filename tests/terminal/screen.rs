//! A program in a terminal of 80 columns, whose screen is kept as a person sees it.

use std::{
    fs::File,
    io::{Read, Write},
    num::NonZeroU16,
    os::{
        fd::{AsFd, OwnedFd},
        unix::fs::OpenOptionsExt,
    },
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use nix::{
    fcntl::OFlag,
    poll::{PollFd, PollFlags, poll},
    pty::{grantpt, posix_openpt, ptsname_r, unlockpt},
};
use vt100::{Parser, Screen};

use super::program::{PROGRAM, command, until};

const ROWS: NonZeroU16 = NonZeroU16::new(50).expect("not zero");
const COLUMNS: NonZeroU16 = NonZeroU16::new(80).expect("not zero");

/// A program that runs in a terminal of its own, which Ctrl-C comes from and a lost line takes away.
pub struct Terminal {
    pub child: Child,
    keyboard: Option<File>,
    /// What the screen shows.
    screen: Arc<Mutex<Parser>>,
    /// Every state that the screen was in.
    seen: Arc<Mutex<Vec<String>>>,
    watching: Option<JoinHandle<()>>,
    is_lost: Arc<AtomicBool>,
}

/// How fast what is written to a terminal is shown.
#[derive(Clone, Copy)]
enum Line {
    Fast,
    /// 9600 baud: 960 characters a second.
    Slow,
}

impl Line {
    /// The most that is taken at a time.
    fn bytes(self) -> usize {
        match self {
            Self::Fast => 4096,
            Self::Slow => 48,
        }
    }

    fn pause(self) -> Duration {
        match self {
            Self::Fast => Duration::ZERO,
            Self::Slow => Duration::from_millis(50),
        }
    }
}

/// Both ends of a terminal, which no program of another test inherits: it would keep it from being gone.
fn open() -> (File, File) {
    let master = posix_openpt(OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC).expect("a terminal");
    grantpt(&master).expect("granted");
    unlockpt(&master).expect("unlocked");
    let name = ptsname_r(&master).expect("named");
    let flags = OFlag::O_NOCTTY.bits();
    let slave = File::options().read(true).write(true).custom_flags(flags).open(name).expect("opens");
    (File::from(OwnedFd::from(master)), slave)
}

/// The screen as it is once its lines have been wrapped anew, with the cursor at the character where it was.
fn wrapped(screen: &Screen, columns: NonZeroU16) -> Parser {
    let (row, column) = screen.cursor_position();
    let (_, before) = screen.size();
    let rows: Vec<String> = screen.rows(0, before.get()).take(usize::from(row) + 1).collect();
    let (last, above) = rows.split_last().expect("the cursor's row");
    let mut parser = Parser::new(ROWS, columns, 0);
    above.iter().for_each(|row| parser.process(format!("{row}\r\n").as_bytes()));
    let (start, _) = parser.screen().cursor_position();
    parser.process(last.as_bytes());
    let (row, column) = (start + column / columns, column % columns);
    parser.process(format!("\x1b[{};{}H", row + 1, column + 1).as_bytes());
    parser
}

impl Terminal {
    pub fn start(args: &[String]) -> Self {
        Self::of_kind(args, "xterm", "C.UTF-8")
    }

    /// One whose `TERM` and `LC_ALL` are these.
    pub fn of_kind(args: &[String], kind: &str, locale: &str) -> Self {
        Self::of(command(PROGRAM).args(args), kind, locale)
    }

    /// One at the end of a serial line of 9600 baud.
    pub fn on_a_slow_line(args: &[String]) -> Self {
        Self::at_the_end_of(command(PROGRAM).args(args), "xterm", "C.UTF-8", Line::Slow)
    }

    /// The same of any program.
    pub fn of(program: &Command, kind: &str, locale: &str) -> Self {
        Self::at_the_end_of(program, kind, locale, Line::Fast)
    }

    fn at_the_end_of(program: &Command, kind: &str, locale: &str, line: Line) -> Self {
        let (keyboard, slave) = open();
        let end = || Stdio::from(slave.try_clone().expect("a copy"));
        let (rows, columns) = (ROWS.to_string(), COLUMNS.to_string());
        let sized = command("stty").args(["rows", &rows, "cols", &columns]).stdin(end()).status().expect("runs");
        assert!(sized.success());
        let mut child = command("setsid");
        child.arg("--ctty").arg(program.get_program()).args(program.get_args());
        for (name, value) in program.get_envs() {
            match value {
                Some(value) => child.env(name, value),
                None => child.env_remove(name),
            };
        }
        if let Some(directory) = program.get_current_dir() {
            child.current_dir(directory);
        }
        let child = child
            .env("TERM", kind)
            .env("LC_ALL", locale)
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .spawn()
            .expect("runs");
        drop(slave);
        let mut output = keyboard.try_clone().expect("a copy");
        let screen = Arc::new(Mutex::new(Parser::new(ROWS, COLUMNS, 0)));
        let shown = Arc::clone(&screen);
        let seen = Arc::new(Mutex::new(Vec::new()));
        let states = Arc::clone(&seen);
        let is_lost = Arc::new(AtomicBool::new(false));
        let lost = Arc::clone(&is_lost);
        let watching = thread::spawn(move || {
            let mut piece = vec![0; line.bytes()];
            while !lost.load(Ordering::Relaxed) {
                let mut ready = [PollFd::new(output.as_fd(), PollFlags::POLLIN)];
                if poll(&mut ready, 20_u16) == Ok(0) {
                    continue;
                }
                let mut parser = shown.lock().expect("whole");
                match output.read(&mut piece) {
                    Ok(read) if read > 0 => parser.process(&piece[..read]),
                    // A terminal that nobody has open gives an error.
                    _ => return,
                }
                states.lock().expect("whole").push(parser.screen().contents());
                drop(parser);
                thread::sleep(line.pause());
            }
        });
        Self { child, keyboard: Some(keyboard), screen, seen, watching: Some(watching), is_lost }
    }

    /// Waits until the screen shows `text`.
    #[track_caller]
    pub fn shows(&self, text: &str) {
        until(Duration::from_secs(10), || self.saw(text).then_some(()));
    }

    /// Whether the screen ever showed `text`.
    pub fn saw(&self, text: &str) -> bool {
        self.seen.lock().expect("whole").iter().any(|screen| screen.contains(text))
    }

    /// Whether it ever showed a character such as this.
    pub fn saw_any(&self, such: impl Fn(char) -> bool) -> bool {
        self.seen.lock().expect("whole").iter().any(|screen| screen.chars().any(|char| such(char) && char != '\n'))
    }

    pub fn press(&mut self, keys: &[u8]) {
        self.keyboard.as_mut().expect("there").write_all(keys).expect("typed");
    }

    /// Gives the terminal another width. Most wrap anew what they show, others cut it off: `is_wrapped` says which.
    pub fn widen(&mut self, columns: NonZeroU16, is_wrapped: bool) {
        let mut parser = self.screen.lock().expect("whole");
        match is_wrapped {
            true => *parser = wrapped(parser.screen(), columns),
            false => parser.screen_mut().set_size(ROWS, columns),
        }
        // The kernel tells the program.
        let terminal = self.keyboard.as_ref().expect("there").try_clone().expect("a copy");
        let sized = command("stty").args(["cols", &columns.to_string()]).stdin(terminal).status().expect("runs");
        assert!(sized.success());
    }

    /// How often it was drawn on.
    pub fn states(&self) -> usize {
        self.seen.lock().expect("whole").len()
    }

    /// Takes the terminal away.
    pub fn hang_up(&mut self) {
        self.is_lost.store(true, Ordering::Relaxed);
        self.watching.take().expect("once").join().expect("watched");
        self.keyboard = None;
    }

    /// What the screen shows once the program has ended, and the program's status.
    #[track_caller]
    pub fn end(mut self) -> (i32, String) {
        let status = self.child.wait().expect("ends");
        self.watching.take().expect("once").join().expect("watched");
        let last = self.seen.lock().expect("whole").last().cloned().unwrap_or_default();
        (status.code().unwrap_or_else(|| panic!("{status}: {last}")), last)
    }
}
