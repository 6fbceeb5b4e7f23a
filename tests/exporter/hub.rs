//! A hub on loopback that the exporter probes, and one that never says a word.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    path::PathBuf,
    sync::mpsc,
    thread,
};

use hubreach::responder::{Behaviour, CertificateAuthority, Responder, ResponderConfig, Validity};
use tempfile::TempDir;
use tokio::sync::oneshot;

pub const NAME: &str = "hub.test";

/// A hub; it ends with this.
pub struct Hub {
    /// The value of `--port`.
    pub ports: String,
    /// The root that signed its certificate.
    pub root: PathBuf,
    /// What the exporter takes for the hub's own root: the same.
    pub hub_root: PathBuf,
    /// Another root, which it has nothing to do with.
    pub other_root: PathBuf,
    _dir: TempDir,
    _stop: Option<oneshot::Sender<()>>,
}

impl Hub {
    /// One that behaves so.
    pub fn behaving(behaviour: Behaviour) -> Result<Self, String> {
        Self::certified(&[NAME.to_owned()], behaviour)
    }

    /// One whose certificate is for these names.
    pub fn certified(names: &[String], behaviour: Behaviour) -> Result<Self, String> {
        let (dir, root, other_root, authority) = roots()?;
        let identity = authority.issue(names, Validity::default()).map_err(|error| error.to_string())?;
        let (tell, told) = mpsc::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let config = ResponderConfig::loopback(identity).behaving(behaviour);
                let responder = Responder::start(config).await.expect("loopback has free ports");
                let port = |address: Option<std::net::SocketAddr>| address.expect("served").port();
                let _ = tell.send([port(responder.mqtt()), port(responder.amqp()), port(responder.web())]);
                // Ready too when the hub is dropped.
                let _ = stopped.await;
            });
        });
        let [mqtt, amqp, web] = told.recv().map_err(|error| error.to_string())?;
        let ports = format!("mqtt={mqtt},amqp={amqp},https={web},mqtt-ws={web},amqp-ws={web}");
        Ok(Self { ports, hub_root: root.clone(), root, other_root, _dir: dir, _stop: Some(stop) })
    }

    /// One that takes every connection, and never says a word.
    pub fn silent() -> Result<Self, String> {
        let (dir, root, other_root, _) = roots()?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|error| error.to_string())?;
        let port = listener.local_addr().map_err(|error| error.to_string())?.port();
        // It lasts as long as the test program: nothing tells a thread that waits for a connection to end.
        thread::spawn(move || {
            let mut taken = Vec::new();
            while let Ok((stream, _)) = listener.accept() {
                taken.push(stream);
            }
        });
        let ports = ["mqtt", "amqp", "https", "mqtt-ws", "amqp-ws"].map(|protocol| format!("{protocol}={port}"));
        Ok(Self { ports: ports.join(","), hub_root: root.clone(), root, other_root, _dir: dir, _stop: None })
    }
}

fn roots() -> Result<(TempDir, PathBuf, PathBuf, CertificateAuthority), String> {
    let dir = tempfile::tempdir().map_err(|error| error.to_string())?;
    let make = || CertificateAuthority::new().map_err(|error| error.to_string());
    let (own, other) = (make()?, make()?);
    let (root, other_root) = (dir.path().join("root.pem"), dir.path().join("other.pem"));
    fs::write(&root, own.pem()).map_err(|error| error.to_string())?;
    fs::write(&other_root, other.pem()).map_err(|error| error.to_string())?;
    Ok((dir, root, other_root, own))
}
