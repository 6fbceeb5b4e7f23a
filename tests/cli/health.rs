//! `hubreach health`: one line, two statuses, as soon as it is decided.

use std::{
    io::{Read, Write},
    iter,
    net::{TcpListener, TcpStream},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use hubreach::responder::{CertificateAuthority, Responder, ResponderConfig, Validity};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::{ServerConfig, ServerConnection, StreamOwned, pki_types::PrivateKeyDer};

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

/// The contract's 100 ms, of a whole process: the best of several, on a machine that runs all other tests meanwhile.
#[test]
fn the_deadline_is_kept_to_100_ms() {
    let (_listener, silent) = silent();
    let dripping = TcpListener::bind("127.0.0.1:0").expect("loopback");
    let drips = dripping.local_addr().expect("bound").port();
    thread::spawn(move || {
        for peer in dripping.incoming() {
            thread::spawn(move || drip(peer.expect("a connection")));
        }
    });
    for port in [silent, drips] {
        let ports = format!("mqtt={port}");
        let fixed = ["health", "hub.test", "--address", "127.0.0.1", "--protocol", "mqtt", "--timeout", "600ms"];
        let late = (0..5).map(|_| {
            let began = Instant::now();
            let (status, stdout, _) = read(&hubreach(&fixed).args(["--port", &ports]).output().expect("runs"));
            assert_eq!((status, stdout.contains("mqtt unknown: cut short after waiting")), (1, true), "{stdout}");
            began.elapsed().checked_sub(Duration::from_millis(600)).expect("not before the deadline")
        });
        let late = late.min().expect("five runs");
        assert!(late < Duration::from_millis(100), "{late:?}");
    }
}

/// The beginning of a TLS record that never ends.
fn drip(mut peer: TcpStream) {
    for byte in [0x16, 3, 3, 0x40, 0].into_iter().chain(iter::repeat(0)) {
        if peer.write_all(&[byte]).is_err() {
            return;
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// A pipe that nobody writes to, as a file system that hangs.
#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_read_holds_nothing_up() {
    let dir = tempfile::tempdir().expect("temporary directory");
    let pipe = dir.path().join("ca.pem");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo exists").success());
    let pipe = pipe.to_str().expect("UTF-8");
    for (command, failed) in [("health", 1), ("check", 3)] {
        let args = [command, "hub.test", "--address", "127.0.0.1", "--timeout", "200ms", "--ca", pipe];
        let (status, stdout, stderr) = read(&hubreach(&args).output().expect("runs"));
        assert_eq!((status, stdout.as_str(), stderr.lines().count()), (failed, "", 1), "{command}: {stderr}");
        assert!(stderr.contains("could not be read by the deadline"), "{command}: {stderr}");
    }
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

/// A TLS server for one connection, its root, and how many bytes it is told after the handshake.
fn confidant() -> (u16, String, thread::JoinHandle<usize>) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["hub.test".to_owned()]).expect("made");
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .expect("a configuration");
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
    let port = listener.local_addr().expect("bound").port();
    let told = thread::spawn(move || {
        let (peer, _) = listener.accept().expect("a connection");
        peer.set_read_timeout(Some(Duration::from_secs(5))).expect("set");
        let session = ServerConnection::new(Arc::new(config)).expect("a session");
        // A login fits; whoever has nothing to say ends the connection.
        StreamOwned::new(session, peer).read(&mut [0; 1024]).unwrap_or_default()
    });
    (port, cert.pem(), told)
}

#[test]
fn a_login_is_seen_at_the_hub_only_where_the_depth_asks_for_it() {
    for (depth, status, is_told) in [("tls", 0, false), ("exchange", 1, true)] {
        let (port, root, told) = confidant();
        let ca = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(ca.path(), root).expect("written");
        let ports = format!("mqtt={port}");
        let fixed = ["health", "hub.test", "--address", "127.0.0.1", "--protocol", "mqtt", "--port", &ports];
        let output = hubreach(&fixed).args(["--depth", depth, "--ca"]).arg(ca.path()).output().expect("runs");
        let (code, stdout, _) = read(&output);
        assert_eq!(code, status, "{depth}: {stdout}");
        assert_eq!(told.join().expect("it served") > 0, is_told, "{depth}: {stdout}");
    }
}

#[tokio::test]
async fn whatever_is_wrong_is_status_one() {
    let hub = Hub::start().await;
    let connection = format!("DeviceId=d1;SharedAccessKey={SECRET}");
    for (options, hint) in [
        (&[][..], "no hub given"),
        (&["contoso"][..], "contoso"),
        (&["hub.test", "--require", "most"], "any"),
        (&["hub.test", "--timeout", "15x"], "15s"),
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
