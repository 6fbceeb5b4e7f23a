//! What must be at hand. Where it is not, a test is ignored and says why; where everything is required, it fails.

use std::{env, path::PathBuf};

use libtest_mimic::{Failed, Trial};

/// Whether a missing peer is a failure.
pub fn required() -> bool {
    env::var_os("HUBREACH_TEST_REQUIRE").is_some_and(|value| value == "1")
}

/// A trial that runs where nothing is `missing`.
pub fn trial(name: &str, missing: Option<String>, run: impl FnOnce() -> Result<(), String> + Send + 'static) -> Trial {
    match missing {
        None => Trial::test(name, || run().map_err(Failed::from)),
        Some(missing) if required() => {
            Trial::test(name, move || Err(Failed::from(format!("{missing}, but HUBREACH_TEST_REQUIRE=1"))))
        }
        // The reason is shown behind the name, where the kind of a test stands.
        Some(missing) => Trial::test(name, || Ok(())).with_kind(missing).with_ignored_flag(true),
    }
}

/// The program's path: services live in directories that an ordinary user does not search.
pub fn program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let services = ["/usr/sbin", "/usr/local/sbin", "/sbin"].map(PathBuf::from);
    env::split_paths(&path).chain(services).map(|dir| dir.join(name)).find(|path| path.is_file())
}
