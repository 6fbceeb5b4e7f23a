//! What must be at hand. Where it is not, a test is ignored and says why; where everything is required, it fails.

#![allow(clippy::print_stderr, reason = "who waits is told for what")]

use std::{
    env,
    path::PathBuf,
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use libtest_mimic::{Failed, Trial};

/// A test that runs longer says that it does.
const LONG: Duration = Duration::from_secs(20);

/// Whether a missing peer is a failure.
pub fn required() -> bool {
    env::var_os("HUBREACH_TEST_REQUIRE").is_some_and(|value| value == "1")
}

/// A trial that runs where nothing is `missing`.
pub fn trial(name: &str, missing: Option<String>, run: impl FnOnce() -> Result<(), String> + Send + 'static) -> Trial {
    match missing {
        None => {
            let running = name.to_owned();
            Trial::test(name, move || watched(&running, run).map_err(Failed::from))
        }
        Some(missing) if required() => {
            Trial::test(name, move || Err(Failed::from(format!("{missing}, but HUBREACH_TEST_REQUIRE=1"))))
        }
        // The reason is shown behind the name, where the kind of a test stands.
        Some(missing) => Trial::test(name, || Ok(())).with_kind(missing).with_ignored_flag(true),
    }
}

/// Runs a test, and tells whoever waits for it.
fn watched<T>(name: &str, run: impl FnOnce() -> T) -> T {
    // Closed at the end, however that comes.
    let (_end, ended) = mpsc::channel::<()>();
    let (name, began) = (name.to_owned(), Instant::now());
    thread::spawn(move || {
        while ended.recv_timeout(LONG) == Err(RecvTimeoutError::Timeout) {
            eprintln!("test {name} is still running after {} s", began.elapsed().as_secs());
        }
    });
    run()
}

/// The program's path: services live in directories that an ordinary user does not search.
pub fn program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let services = ["/usr/sbin", "/usr/local/sbin", "/sbin"].map(PathBuf::from);
    env::split_paths(&path).chain(services).map(|dir| dir.join(name)).find(|path| path.is_file())
}
