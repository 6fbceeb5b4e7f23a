//! What must be installed.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

pub use super::need::{program, trial};

/// The Python that has the packages of `tests/requirements.txt`.
pub fn python() -> PathBuf {
    env::var_os("HUBREACH_TEST_PYTHON").map_or_else(|| "python3".into(), PathBuf::from)
}

/// What stands in the way of `mosquitto`.
pub fn mosquitto() -> Option<String> {
    program("mosquitto").is_none().then(|| "mosquitto is not installed".to_owned())
}

/// What stands in the way of OpenSSL's test server.
pub fn openssl() -> Option<String> {
    program("openssl").is_none().then(|| "openssl is not installed".to_owned())
}

/// What stands in the way of RabbitMQ.
pub fn rabbitmq() -> Option<String> {
    if !Path::new(super::rabbitmq::SERVER).exists() {
        return Some("rabbitmq-server is not installed".to_owned());
    }
    program("epmd").is_none().then(|| "epmd is not installed".to_owned())
}

/// What stands in the way of PyPI's `websockets` (`tests/requirements.txt`; `HUBREACH_TEST_PYTHON` names a Python).
pub fn websockets() -> Option<String> {
    let probe = ["-c", "import websockets.asyncio.server"];
    let works = Command::new(python()).args(probe).stdout(Stdio::null()).stderr(Stdio::null()).status();
    let reason = "no Python with `websockets`";
    (!works.is_ok_and(|status| status.success())).then(|| reason.to_owned())
}
