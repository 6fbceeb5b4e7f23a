//! A WebSocket server that we did not write: PyPI's `websockets`.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use super::{certificate::Files, installed, process::Group};

/// A running server.
#[derive(Debug)]
pub struct Web {
    pub port: u16,
    _group: Group,
}

impl Web {
    /// Upgrades on `path` and passes each subprotocol on to a port of loopback.
    pub fn start(dir: &Path, files: &Files, path: &str, pass_on: &[(&str, u16)]) -> Result<Self, String> {
        let mut command = Command::new(installed::python());
        command.arg("-I").arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/hub.py"));
        command.arg("--certificate").arg(&files.chain).arg("--key").arg(&files.key).args(["--path", path]);
        for (subprotocol, port) in pass_on {
            command.args(["--pass-on", &format!("{subprotocol}={port}")]);
        }
        let log = tempfile::NamedTempFile::new_in(dir).map_err(|error| error.to_string())?.into_temp_path();
        let log = log.keep().map_err(|error| error.to_string())?;
        let mut group = Group::start(&mut command, &log, Some(Stdio::piped()))?;
        let stdout = group.child().stdout.take().ok_or("no stdout")?;
        let (tell, told) = mpsc::channel();
        thread::spawn(move || {
            let mut line = String::new();
            let _ = BufReader::new(stdout).read_line(&mut line);
            let _ = tell.send(line);
        });
        let line = told.recv_timeout(Duration::from_secs(20)).map_err(|_| format!("no port:\n{}", group.said()))?;
        let port = line.trim().parse().map_err(|_| format!("said {line:?} instead of its port:\n{}", group.said()))?;
        Ok(Self { port, _group: group })
    }
}
