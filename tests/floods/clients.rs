//! Clients that flood what we serve: the next client is served all the same.

use std::{
    io::{self, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    sync::Arc,
    thread::{self, sleep},
    time::Duration,
};

use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject},
};

use super::{
    http,
    program::{Program, run},
    site::NAME,
};

/// Writes `piece` for ever, again from the beginning on a new connection where one ends, and reads nothing.
fn flood(to: SocketAddr, beginning: &'static [u8], piece: Vec<u8>) {
    thread::spawn(move || {
        while let Ok(mut stream) = TcpStream::connect(to) {
            if stream.write_all(beginning).is_ok() {
                while stream.write_all(&piece).is_ok() {}
            }
        }
    });
}

#[test]
fn an_exporter() {
    let args = ["exporter", NAME, "--listen", "127.0.0.1:0", "--address", "127.0.0.1"];
    let mut program = Program::start(&args);
    let address = http::address(&program.wait_until_said("err", "http://"));
    let request = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n").into_bytes();
    flood(address, b"", request("/-/healthy").repeat(200));
    flood(address, b"", request("/metrics").repeat(200));
    flood(address, b"GET / HTTP/1.1\r\nX-Endless: ", vec![b'a'; 4096]);
    flood(address, b"", vec![b'a'; 4096]);
    // This one reads, so that its answers never wait.
    thread::spawn(move || {
        while let Ok(mut stream) = TcpStream::connect(address) {
            let Ok(mut answers) = stream.try_clone() else { return };
            thread::spawn(move || io::copy(&mut answers, &mut io::sink()));
            while stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n").is_ok() {}
        }
    });
    http::stays_healthy(&mut program, address, Duration::from_secs(2));
    assert_eq!(program.ends_at_ctrl_c().status, Some(0));
}

#[test]
fn a_responder() {
    let dir = tempfile::tempdir().expect("a directory");
    let root = dir.path().join("root.pem");
    let root = root.to_str().expect("UTF-8");
    let [mqtt, web] = free_ports();
    let ports = format!("mqtt={mqtt},https={web}");
    let program = Program::start(&["serve", "--port", &ports, "--name", NAME, "--ca-out", root]);
    let (mqtt, web) = (SocketAddr::from(([127, 0, 0, 1], mqtt)), SocketAddr::from(([127, 0, 0, 1], web)));
    // The root is written once all ports are open.
    while TcpStream::connect(mqtt).is_err() || TcpStream::connect(web).is_err() || !Path::new(root).exists() {
        sleep(Duration::from_millis(5));
    }
    let config = trusting(root);
    flood(mqtt, b"", vec![b'a'; 4096]);
    // A CONNECT that never ends, and then pings.
    secure_flood(mqtt, &config, b"\x10\xff\xff\xff\x7f", vec![0; 16_384]);
    secure_flood(mqtt, &config, b"", b"\xc0\x00".repeat(8192));
    secure_flood(web, &config, b"GET / HTTP/1.1\r\nX-Endless: ", vec![b'a'; 16_384]);
    secure_flood(web, &config, b"", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(500));
    let upgrade = b"GET /$iothub/websocket HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n";
    // Pings, and messages without a byte, masked with zeroes.
    secure_flood(web, &config, upgrade, b"\x89\x80\0\0\0\0".repeat(2730));
    secure_flood(web, &config, upgrade, b"\x82\x80\0\0\0\0".repeat(2730));
    sleep(Duration::from_millis(500));
    let ports = format!("mqtt={},https={},mqtt-ws={}", mqtt.port(), web.port(), web.port());
    let args = ["health", NAME, "--address", "127.0.0.1", "--ca", root, "--port", &ports, "--timeout", "5s"];
    for _ in 0..3 {
        let healthy = run(&[&args[..], &["--require", "mqtt,https,mqtt-ws"]].concat());
        assert_eq!(healthy.status, Some(0), "{healthy:?}");
    }
    assert_eq!(program.ends_at_ctrl_c().status, Some(0));
}

/// The same inside TLS.
fn secure_flood(to: SocketAddr, config: &Arc<ClientConfig>, beginning: &'static [u8], piece: Vec<u8>) {
    let config = config.clone();
    thread::spawn(move || {
        while let Ok(stream) = TcpStream::connect(to) {
            let name = NAME.try_into().expect("a name");
            let connection = ClientConnection::new(config.clone(), name).expect("a hello");
            let mut tls = StreamOwned::new(connection, stream);
            if tls.write_all(beginning).is_ok() {
                while tls.write_all(&piece).is_ok() {}
            }
        }
    });
}

fn trusting(root: &str) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(root).expect("PEM")).expect("a root");
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("suites for them");
    Arc::new(config.with_root_certificates(roots).with_no_client_auth())
}

/// Ports that were free a moment ago.
fn free_ports() -> [u16; 2] {
    let held = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").expect("loopback has free ports"));
    held.map(|listener| listener.local_addr().expect("bound").port())
}
