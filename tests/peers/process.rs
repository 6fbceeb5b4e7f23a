//! Processes of ours: each in a group of its own that ends with the test, failed or not.

use std::{
    fs::File,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};

/// A process and all that it starts; killed when dropped.
#[derive(Debug)]
pub struct Group {
    child: Child,
    log: PathBuf,
}

impl Group {
    /// Starts `command`; what it says on stderr, and on stdout unless that is piped, goes to `log`.
    pub fn start(command: &mut Command, log: &Path, stdout: Option<Stdio>) -> Result<Self, String> {
        let file = File::create(log).map_err(|error| format!("{}: {error}", log.display()))?;
        let copy = file.try_clone().map_err(|error| error.to_string())?;
        let child = command
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(stdout.unwrap_or_else(|| file.into()))
            .stderr(copy)
            .spawn()
            .map_err(|error| format!("{}: {error}", command.get_program().display()))?;
        Ok(Self { child, log: log.to_owned() })
    }

    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Waits until each of `ports` of 127.0.0.1 accepts a connection.
    pub fn wait_for(&mut self, ports: &[u16], limit: Duration) -> Result<(), String> {
        let began = Instant::now();
        for port in ports {
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, *port));
            while TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_err() {
                if let Ok(Some(status)) = self.child.try_wait() {
                    return Err(format!("ended early, {status}:\n{}", self.said()));
                }
                if began.elapsed() > limit {
                    return Err(format!("nobody listens on {port} after {limit:?}:\n{}", self.said()));
                }
                sleep(Duration::from_millis(20));
            }
        }
        Ok(())
    }

    /// What it has said so far.
    pub fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    fn wait(&mut self, limit: Duration) -> Option<ExitStatus> {
        let began = Instant::now();
        while began.elapsed() < limit {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Some(status);
            }
            sleep(Duration::from_millis(5));
        }
        None
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // The process is not reaped before the end of this function, so its id cannot have passed to another.
        if let Ok(id) = i32::try_from(self.child.id()) {
            let _ = killpg(Pid::from_raw(id), Signal::SIGKILL);
        }
        let _ = self.child.wait();
    }
}

/// What a process that has ended left.
#[derive(Debug)]
pub struct Ended {
    pub status: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// Runs `command` to its end, for `limit` at most.
pub fn run(command: &mut Command, dir: &Path, limit: Duration) -> Result<Ended, String> {
    let file = tempfile::NamedTempFile::new_in(dir).map_err(|error| error.to_string())?;
    let log = tempfile::NamedTempFile::new_in(dir).map_err(|error| error.to_string())?;
    let stdout = file.reopen().map_err(|error| error.to_string())?;
    let mut group = Group::start(command, log.path(), Some(stdout.into()))?;
    drop(group.child.stdin.take());
    let status = group.wait(limit).ok_or_else(|| format!("still running after {limit:?}:\n{}", group.said()))?;
    let stdout = std::fs::read_to_string(file.path()).map_err(|error| error.to_string())?;
    Ok(Ended { status: status.code(), stdout, stderr: group.said() })
}

/// Ports of 127.0.0.1 that were free a moment ago.
pub fn free_ports<const N: usize>() -> [u16; N] {
    // All are held at once, so that they differ.
    let held = [(); N].map(|()| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has free ports"));
    held.map(|listener| listener.local_addr().expect("bound").port())
}
