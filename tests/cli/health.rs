//! `hubreach health`: one line, two statuses, as soon as it is decided.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use hubreach::responder::{CertificateAuthority, Responder, ResponderConfig, Validity};

use super::{hubreach, read};

const SECRET: &str = "c2VjcmV0";

/// A hub on loopback, and the options by which it is reached.
struct Hub {
    _responder: Responder,
    ca: tempfile::NamedTempFile,
    mqtt: u16,
    web: u16,
}

impl Hub {
    async fn start() -> Self {
        let authority = CertificateAuthority::new().expect("an authority");
        let identity = authority.issue(&["hub.test".to_owned()], Validity::default()).expect("a certificate");
        let responder = Responder::start(ResponderConfig::loopback(identity)).await.expect("a hub");
        let ca = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(ca.path(), authority.pem()).expect("written");
        let port = |address: Option<std::net::SocketAddr>| address.expect("served").port();
        Self { mqtt: port(responder.mqtt()), web: port(responder.web()), ca, _responder: responder }
    }

    /// Runs the probe of it, in a thread that may wait.
    async fn probe(&self, ports: String, options: &[&str], variables: &[(&str, &str)]) -> (i32, String, String) {
        let mut command = hubreach(&["health", "--address", "127.0.0.1", "--kind", "azure-iot-hub", "--port", &ports]);
        command.arg("--ca").arg(self.ca.path()).args(options).envs(variables.iter().copied());
        let output = tokio::task::spawn_blocking(move || command.output().expect("runs")).await.expect("runs");
        read(&output)
    }
}

/// Listens, and never says anything.
fn silent() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
    let port = listener.local_addr().expect("bound").port();
    (listener, port)
}

fn closed() -> u16 {
    silent().1
}

#[tokio::test]
async fn the_environment_alone_says_what_is_healthy() {
    let hub = Hub::start().await;
    let variables = [("HUBREACH_HUB", "hub.test"), ("HUBREACH_PROTOCOL", "mqtt,https"), ("HUBREACH_REQUIRE", "all")];
    let (status, stdout, stderr) = hub.probe(format!("mqtt={},https={}", hub.mqtt, hub.web), &[], &variables).await;
    assert_eq!((status, stderr.as_str()), (0, ""), "{stdout}");
    assert!(stdout.starts_with("healthy: hub.test: mqtt allowed in "), "{stdout}");
    assert!(stdout.contains(", https allowed in ") && stdout.lines().count() == 1, "{stdout}");

    let (status, stdout, stderr) = hub.probe(format!("mqtt={},https={}", closed(), hub.web), &[], &variables).await;
    assert_eq!((status, stderr.as_str()), (1, ""));
    assert!(stdout.starts_with("unhealthy: hub.test: mqtt blocked (port-closed"), "{stdout}");
    assert_eq!(stdout.lines().count(), 1, "{stdout}");
}

#[tokio::test]
async fn it_ends_as_soon_as_the_requirement_is_decided() {
    let hub = Hub::start().await;
    let (_listener, silent) = silent();
    for (require, mqtt, https, wanted) in [
        // One is enough, and the other may take as long as it likes.
        ("any", hub.mqtt, silent, "healthy: hub.test: mqtt allowed"),
        // One is lost, and the other may take as long as it likes.
        ("all", closed(), silent, "unhealthy: hub.test: mqtt blocked (port-closed"),
        ("mqtt", hub.mqtt, silent, "healthy: hub.test: mqtt allowed"),
    ] {
        let began = Instant::now();
        let ports = format!("mqtt={mqtt},https={https}");
        let options = ["hub.test", "--protocol", "mqtt,https", "--require", require, "--timeout", "1h"];
        let (_, stdout, stderr) = hub.probe(ports, &options, &[]).await;
        assert!(stdout.starts_with(wanted), "{require}: {stdout}{stderr}");
        assert!(!stdout.contains("https"), "{require}: {stdout}");
        // A silent peer is judged after seven seconds at the earliest.
        assert!(began.elapsed() < Duration::from_secs(5), "{require}: {:?}", began.elapsed());
    }
}

#[tokio::test]
async fn what_is_not_required_is_left_alone() {
    let hub = Hub::start().await;
    let (listener, silent) = silent();
    listener.set_nonblocking(true).expect("set");
    let ports = format!("mqtt={},https={silent}", hub.mqtt);
    let (status, stdout, _) = hub.probe(ports, &["hub.test", "--require", "mqtt"], &[]).await;
    assert_eq!(status, 0, "{stdout}");
    assert!(listener.accept().is_err(), "HTTPS was tried although nobody asked for it");
}

#[tokio::test]
async fn the_deadline_is_kept() {
    let hub = Hub::start().await;
    let (_listener, silent) = silent();
    let began = Instant::now();
    let options = ["hub.test", "--protocol", "mqtt", "--timeout", "300ms"];
    let (status, stdout, stderr) = hub.probe(format!("mqtt={silent}"), &options, &[]).await;
    let took = began.elapsed();
    assert_eq!((status, stderr.as_str()), (1, ""));
    assert!(stdout.starts_with("unhealthy: hub.test: mqtt unknown"), "{stdout}");
    // 100 ms are for the program; the rest is for a machine that runs all other tests meanwhile.
    assert!(took < Duration::from_millis(2000), "{took:?}");
}

#[tokio::test]
async fn a_lesser_depth_asks_less() {
    let hub = Hub::start().await;
    let (_listener, silent) = silent();
    let ports = format!("mqtt={silent}");
    let (status, stdout, _) =
        hub.probe(ports.clone(), &["hub.test", "--protocol", "mqtt", "--depth", "connect"], &[]).await;
    assert_eq!(status, 0, "{stdout}");
    let variables = [("HUBREACH_DEPTH", "tls"), ("HUBREACH_TIMEOUT", "200ms")];
    let (status, stdout, _) = hub.probe(ports, &["hub.test", "--protocol", "mqtt"], &variables).await;
    assert_eq!(status, 1, "{stdout}");
}

#[tokio::test]
async fn whatever_is_wrong_is_status_one() {
    let hub = Hub::start().await;
    let connection = format!("DeviceId=d1;SharedAccessKey={SECRET}");
    for (options, hint) in [
        (&[][..], "no hub given"),
        (&["contoso"][..], "contoso"),
        (&["hub.test", "--require", "most"], "any"),
        (&["hub.test", "--timeout", "15"], "15s"),
        (&["hub.test", "--format", "json"], "--format"),
        (&["hub.test", "--protocol", "mqtt", "--require", "https"], "https is required but not tested"),
        (&["hub.test", "--hub-ca", "/nonexistent/ca.pem"], "PEM"),
        (&[&connection], "HostName"),
    ] {
        let command = ["health"].iter().chain(options).copied().collect::<Vec<_>>();
        let (status, stdout, stderr) = read(&hubreach(&command).output().expect("runs"));
        assert_eq!((status, stdout.as_str()), (1, ""), "{options:?}: {stderr}");
        assert!(stderr.lines().count() == 1 && stderr.contains(hint), "{options:?}: {stderr}");
        assert!(!stderr.contains(SECRET), "{stderr}");
    }
    drop(hub);
    let output = hubreach(&["health", "hub.test"]).env("HUBREACH_LOG", "a=b=c").output().expect("runs");
    assert_eq!(read(&output).0, 1, "a filter is wrong before the command is looked at");
    let (status, ..) = read(&hubreach(&["health", "--help"]).output().expect("runs"));
    assert_eq!(status, 0);
}
