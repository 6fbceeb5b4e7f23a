//! The program as a process: how long it takes, and how much memory. Time for which it was ready to run and other processes
//! ran instead is not counted: that is a busy machine's fault.

#![allow(dead_code, reason = "no test uses all of it")]

#[path = "../support/environment.rs"]
mod environment;

use std::{
    fs::{self, File},
    path::Path,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

/// The most memory that it may take, in KiB.
pub const MOST_KIB: u64 = 32_000;
/// What a machine may add to any time otherwise: a process has to be started and ended.
const SLACK: Duration = Duration::from_millis(200);
/// How long it may take to end at Ctrl-C.
const AT_CTRL_C: Duration = Duration::from_millis(200);
/// Longer than anything takes; what takes longer is killed.
const LIMIT: Duration = Duration::from_secs(30);

/// A program under way; killed when dropped.
pub struct Program {
    child: Child,
    began: Instant,
    output: tempfile::TempDir,
    peak_kib: u64,
    queued: Duration,
}

/// A program that has ended.
#[derive(Debug)]
pub struct Ended {
    pub status: Option<i32>,
    /// Without the time in which others ran.
    pub took: Duration,
    pub peak_kib: u64,
    pub stdout: String,
    pub stderr: String,
}

impl Program {
    pub fn start(args: &[&str]) -> Self {
        let output = tempfile::tempdir().expect("a directory");
        let file = |name: &str| File::create(output.path().join(name)).expect("created");
        let mut command = Command::new(env!("CARGO_BIN_EXE_hubreach"));
        environment::silence(command.args(args));
        let (began, quiet) = (Instant::now(), Stdio::null());
        let child = command.stdin(quiet).stdout(file("out")).stderr(file("err")).spawn().expect("it starts");
        Self { child, began, output, peak_kib: 0, queued: Duration::ZERO }
    }

    /// Waits until it has written `wanted` to `out` or `err`; gives all that it has.
    pub fn wait_until_said(&mut self, stream: &str, wanted: &str) -> String {
        while self.began.elapsed() < LIMIT {
            let said = self.said(stream);
            if said.contains(wanted) {
                return said;
            }
            assert!(self.child.try_wait().expect("a child").is_none(), "ended early: {}", self.said("err"));
            sleep(Duration::from_millis(5));
        }
        panic!("it does not say {wanted}: {}", self.said("err"));
    }

    /// Presses Ctrl-C, at which it has to end soon.
    #[track_caller]
    pub fn ends_at_ctrl_c(mut self) -> Ended {
        let (pressed, queued) = (self.began.elapsed(), self.queued());
        let id = i32::try_from(self.child.id()).expect("a process id");
        kill(Pid::from_raw(id), Signal::SIGINT).expect("it is there");
        let ended = self.end();
        let took = (ended.took + queued).saturating_sub(pressed);
        assert!(took < AT_CTRL_C + SLACK, "{took:?} after Ctrl-C: {ended:?}");
        assert!(ended.peak_kib < MOST_KIB, "{} KiB", ended.peak_kib);
        ended
    }

    /// The most memory that it has had so far, in KiB.
    pub fn peak_kib(&mut self) -> u64 {
        let status = read(Path::new(&format!("/proc/{}/status", self.child.id())));
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse().ok());
        // A process that has ended has none any more.
        self.peak_kib = self.peak_kib.max(peak.unwrap_or_default());
        self.peak_kib
    }

    /// For how long it was ready to run and others ran, so far.
    pub fn queued(&mut self) -> Duration {
        self.queued = self.queued.max(queued(&format!("/proc/{}/schedstat", self.child.id())));
        self.queued
    }

    /// Waits for its end.
    pub fn end(mut self) -> Ended {
        loop {
            let (peak_kib, queued) = (self.peak_kib(), self.queued());
            if let Some(status) = self.child.try_wait().expect("a child") {
                let took = self.began.elapsed().saturating_sub(queued);
                let (stdout, stderr) = (self.said("out"), self.said("err"));
                return Ended { status: status.code(), took, peak_kib, stdout, stderr };
            }
            assert!(self.began.elapsed() < LIMIT, "it does not end: {}", self.said("err"));
            sleep(Duration::from_millis(2));
        }
    }

    fn said(&self, stream: &str) -> String {
        read(&self.output.path().join(stream))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Ended {
    /// It ended by its deadline, give or take a tenth, and in little memory.
    #[track_caller]
    pub fn is_bounded(&self, what: &str, deadline: Duration) {
        assert!(self.took <= deadline.mul_f64(1.1) + SLACK, "{what} took {:?}", self.took);
        assert!(self.peak_kib < MOST_KIB, "{what} took {} KiB", self.peak_kib);
    }
}

/// Runs it to its end.
pub fn run(args: &[&str]) -> Ended {
    Program::start(args).end()
}

/// The second number of a `schedstat` (proc_pid_schedstat(5)), in nanoseconds.
pub fn queued(path: &str) -> Duration {
    let told = read(Path::new(path)).split_whitespace().nth(1).and_then(|nanos| nanos.parse().ok());
    told.map(Duration::from_nanos).unwrap_or_default()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}
