//! Clients that we did not write log in to the responder, and each must learn from its own protocol that it may not; some also
//! through proxies, with the settings that a check recommends.
//!
//! `HUBREACH_TEST_PYTHON` names the interpreter, else `python3`; it needs `azure-iot-device` and `uamqp`. Node needs
//! Debian's `node-mqtt` and `node-https-proxy-agent`. A test whose package is missing is ignored, unless
//! `HUBREACH_TEST_REQUIRE=1`.

#[allow(dead_code, reason = "no test uses all of it")]
#[path = "../support/need.rs"]
mod need;
#[cfg(target_os = "linux")]
#[allow(dead_code, reason = "no test uses all of it")]
#[allow(clippy::expect_used, reason = "a test fails by panicking, in its helpers too")]
#[path = "../peers/process.rs"]
mod process;
#[cfg(target_os = "linux")]
mod through;

use std::{
    env,
    error::Error,
    ffi::OsString,
    fs,
    io::Write,
    path::PathBuf,
    process::{Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

use hubreach::responder::{CertificateAuthority, Responder, ResponderConfig, Validity, WsPath};
use libtest_mimic::Arguments;
use tempfile::NamedTempFile;

const TIME_LIMIT: Duration = Duration::from_secs(60);

struct Case {
    name: &'static str,
    package: &'static str,
    script: &'static str,
    words: &'static [&'static str],
    /// Each must be in what the client says.
    says: &'static [&'static str],
}

const CASES: &[Case] = &[
    Case {
        name: "azure_iot_device::mqtt",
        package: "azure.iot.device",
        script: "mqtt.py",
        words: &["websockets=False"],
        says: &["UnauthorizedError", "not authorised"],
    },
    Case {
        name: "azure_iot_device::mqtt_ws",
        package: "azure.iot.device",
        script: "mqtt.py",
        words: &["websockets=True"],
        says: &["UnauthorizedError", "not authorised"],
    },
    // Of the version that the device SDK brings.
    Case {
        name: "paho::mqtt5",
        package: "azure.iot.device",
        script: "mqtt5.py",
        words: &["tcp"],
        says: &["reason 135: Not authorized"],
    },
    Case {
        name: "paho::mqtt5_ws",
        package: "azure.iot.device",
        script: "mqtt5.py",
        words: &["websocket"],
        says: &["reason 135: Not authorized"],
    },
    Case {
        name: "uamqp::amqp::token",
        package: "uamqp",
        script: "amqp.py",
        words: &["tcp", "token"],
        says: &["ErrorCodes.UnauthorizedAccess", "amqp:unauthorized-access"],
    },
    Case {
        name: "uamqp::amqp::plain",
        package: "uamqp",
        script: "amqp.py",
        words: &["tcp", "plain"],
        // Its exception says no more than that the connection failed; its log tells why.
        says: &["SASL handshake failed with code 01"],
    },
    Case {
        name: "uamqp::amqp_ws::token",
        package: "uamqp",
        script: "amqp.py",
        words: &["websocket", "token"],
        says: &["ErrorCodes.UnauthorizedAccess", "amqp:unauthorized-access"],
    },
];

fn main() -> ExitCode {
    let trials = CASES.iter().map(|case| need::trial(case.name, missing(case.package), || run(case)));
    #[cfg(target_os = "linux")]
    let trials = trials.chain(through::trials());
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

fn python() -> OsString {
    env::var_os("HUBREACH_TEST_PYTHON").unwrap_or_else(|| "python3".into())
}

/// Why a package cannot be used, if it cannot.
fn missing(package: &str) -> Option<String> {
    match Command::new(python()).args(["-c", &format!("import {package}")]).output() {
        Ok(output) if output.status.success() => None,
        Ok(_) => Some(format!("Python has no {package}")),
        Err(error) => Some(format!("no Python: {error}")),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn run(case: &Case) -> Result<(), String> {
    speak(case).await.map_err(|error| error.to_string())
}

/// Has the case's client log in, and looks at what it says.
async fn speak(case: &Case) -> Result<(), Box<dyn Error>> {
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
    let identity = CertificateAuthority::new()?.issue(&names, Validity::default())?;
    // uAMQP asks for the path of another service of the same vendor.
    let responder =
        Responder::start(ResponderConfig { ws_path: WsPath::Any, ..ResponderConfig::loopback(identity) }).await?;
    let port = match (case.script, case.words[0]) {
        (_, "websocket" | "websockets=True") => responder.web(),
        ("mqtt.py" | "mqtt5.py", _) => responder.mqtt(),
        _ => responder.amqp(),
    };
    let mut ca = NamedTempFile::new()?;
    ca.write_all(responder.ca_pem().ok_or("no CA")?.as_bytes())?;
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/sdk").join(case.script);
    let said = say(script, port.ok_or("no port")?.port(), &ca, case.words).await?;
    match case.says.iter().find(|word| !said.contains(**word)) {
        None => Ok(()),
        Some(word) => Err(format!("expected {word:?} in:\n{said}").into()),
    }
}

/// Runs the script beside the responder, which lives on this thread.
async fn say(
    script: PathBuf,
    port: u16,
    ca: &NamedTempFile,
    words: &'static [&'static str],
) -> Result<String, Box<dyn Error>> {
    let said = NamedTempFile::new()?;
    let log = said.reopen()?;
    let mut child = Command::new(python())
        .arg(script)
        .arg(port.to_string())
        .arg(ca.path())
        .args(words)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()?;
    let deadline = Instant::now() + TIME_LIMIT;
    let ended = loop {
        if child.try_wait()?.is_some() {
            break true;
        }
        if Instant::now() > deadline {
            child.kill()?;
            child.wait()?;
            break false;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let text = String::from_utf8_lossy(&fs::read(said.path())?).into_owned();
    if ended { Ok(text) } else { Err(format!("no end after {TIME_LIMIT:?}:\n{text}").into()) }
}
