//! A trust store that keeps its reader waiting once it is read again, as on a file system that hangs.

use std::{
    fs,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

use libtest_mimic::Trial;
use nix::{sys::stat::Mode, unistd::mkfifo};

use super::{hub::Hub, need, served::Served};

type Outcome = Result<(), String>;

/// As long as roots that were read are good for, and a little more.
const UNTIL_READ_AGAIN: Duration = Duration::from_secs(31);

pub fn trials() -> Vec<Trial> {
    vec![need::trial(
        "a_store_that_stalls_leaves_the_last_good_one",
        None,
        a_store_that_stalls_leaves_the_last_good_one,
    )]
}

fn a_store_that_stalls_leaves_the_last_good_one() -> Outcome {
    let told = |error: std::io::Error| error.to_string();
    let hub = Hub::behaving(hubreach::responder::Behaviour::default())?;
    let mut served = Served::start(&hub, &["--protocol", "mqtt"])?;
    allowed(&served)?;
    is_stale(&served, 0.0)?;
    let good = fs::read(&hub.root).map_err(told)?;
    let began = Instant::now();
    stall(&hub.root).map_err(told)?;
    sleep(UNTIL_READ_AGAIN.saturating_sub(began.elapsed()));
    // Several at once wait for one reading.
    std::thread::scope(|scope| {
        let probes: Vec<_> = (0..8).map(|_| scope.spawn(|| allowed(&served))).collect();
        let healthy = within(Duration::from_millis(500), || served.get("/-/healthy"))?;
        if healthy.status != 200 {
            return Err(format!("not healthy: {healthy:?}"));
        }
        probes.into_iter().try_for_each(|probe| probe.join().map_err(|_| "a probe panicked".to_owned())?)
    })?;
    is_stale(&served, 1.0)?;
    let mended = Instant::now();
    while is_stale(&served, 0.0).is_err() {
        // Whoever waits at the pipe gets what it waits for: the store is read for the device, and for the hub.
        write_to_reader(&hub.root, &good);
        if mended.elapsed() > Duration::from_secs(10) {
            return Err("the store is still called stale".to_owned());
        }
        sleep(Duration::from_millis(50));
    }
    allowed(&served)?;
    served.terminate()?;
    match within(Duration::from_secs(5), || served.ended())?.success() {
        true => Ok(()),
        false => Err(format!("did not end well: {}", served.said())),
    }
}

/// In place of the file a pipe that nobody writes to.
fn stall(path: &Path) -> std::io::Result<()> {
    fs::remove_file(path)?;
    Ok(mkfifo(path, Mode::S_IRWXU)?)
}

/// Writes to a pipe if somebody waits at it.
fn write_to_reader(pipe: &Path, text: &[u8]) {
    let opened = fs::File::options().write(true).custom_flags(nix::libc::O_NONBLOCK).open(pipe);
    // Where nobody waits, it cannot be opened.
    let _ = opened.and_then(|mut pipe| pipe.write_all(text));
}

fn allowed(served: &Served) -> Outcome {
    let metrics = within(Duration::from_secs(3), || served.probe(""))?;
    let met = metrics.lines().any(|line| line.starts_with("hubreach_check_allowed{") && line.ends_with(" 1.0"));
    if met { Ok(()) } else { Err(format!("not allowed: {metrics}")) }
}

fn is_stale(served: &Served, expected: f64) -> Outcome {
    let is = served.own("hubreach_exporter_trust_store_stale")?;
    if is == expected { Ok(()) } else { Err(format!("stale is {is}, not {expected}")) }
}

fn within<T>(most: Duration, work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    let began = Instant::now();
    let done = work()?;
    let took = began.elapsed();
    if took <= most { Ok(done) } else { Err(format!("took {took:?}, not at most {most:?}")) }
}
