//! The files by which this machine resolves names keep their reader waiting, as on a file system that hangs.

use std::{
    fs,
    time::{Duration, Instant},
};

use nix::{sys::stat::Mode, unistd::mkfifo};

use super::{
    netns::Namespace,
    scenario::{Device, Names},
    topology::{with_etc, write_etc},
};

/// Longer than a check takes of an address that refuses at once, shorter than any deadline here.
const AT_ONCE: Duration = Duration::from_secs(2);
const DEADLINE: Duration = Duration::from_secs(4);

/// A check of an address goes on without them; one of a name ends by its deadline.
pub fn files_that_stall_hold_nobody_up() -> Result<(), String> {
    let told = |error: std::io::Error| error.to_string();
    for file in ["resolv.conf", "hosts"] {
        let namespace = Namespace::new().map_err(told)?;
        // A network that seems to lead somewhere: nobody answers in it.
        for set in [
            "link add net0 type veth peer name net1",
            "addr add 10.77.1.2/24 dev net0",
            "link set net0 up",
            "link set net1 up",
            "route add default via 10.77.1.1",
        ] {
            namespace.ip(set).map_err(told)?;
        }
        let dir = tempfile::tempdir().map_err(told)?;
        write_etc(dir.path(), &Names::default(), &Device::default()).map_err(told)?;
        fs::remove_file(dir.path().join(file)).map_err(told)?;
        mkfifo(&dir.path().join(file), Mode::S_IRWXU).map_err(|error| error.to_string())?;
        for (more, most) in [(vec!["--address", "127.0.0.1"], AT_ONCE), (Vec::new(), DEADLINE + AT_ONCE)] {
            let mut words: Vec<String> =
                ["timeout", "-k", "2", "20", env!("CARGO_BIN_EXE_hubreach"), "check", "hub.test"]
                    .into_iter()
                    .chain(["--timeout", "4s", "--format", "json"])
                    .chain(more.clone())
                    .map(str::to_owned)
                    .collect();
            with_etc(dir.path(), &mut words);
            let began = Instant::now();
            let output = namespace.output(&words).map_err(told)?;
            let took = began.elapsed();
            if output.status.code() != Some(1) || took > most {
                let said = String::from_utf8_lossy(&output.stderr);
                return Err(format!("{file}, {more:?}: {} after {took:?}: {said}", output.status));
            }
        }
    }
    Ok(())
}
