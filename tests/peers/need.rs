//! What must be installed. Where it is not, a test is ignored and says why; where everything is required, it fails.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

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

/// The Python that has the packages of `tests/requirements.txt`.
pub fn python() -> PathBuf {
    env::var_os("HUBREACH_TEST_PYTHON").map_or_else(|| "python3".into(), PathBuf::from)
}

/// What stands in the way of `mosquitto`.
pub fn mosquitto() -> Option<String> {
    program("mosquitto").is_none().then(|| "mosquitto is not installed".to_owned())
}

/// What stands in the way of RabbitMQ.
pub fn rabbitmq() -> Option<String> {
    if !Path::new(super::rabbitmq::SERVER).exists() {
        return Some("rabbitmq-server is not installed".to_owned());
    }
    program("epmd").is_none().then(|| "epmd is not installed".to_owned())
}

/// What stands in the way of PyPI's `websockets`.
pub fn websockets() -> Option<String> {
    let probe = ["-c", "import websockets.asyncio.server"];
    let works = Command::new(python()).args(probe).stdout(Stdio::null()).stderr(Stdio::null()).status();
    let reason =
        "Python has no `websockets` (pip install -r tests/requirements.txt; HUBREACH_TEST_PYTHON names a Python)";
    (!works.is_ok_and(|status| status.success())).then(|| reason.to_owned())
}
