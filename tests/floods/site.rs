//! The certificates of a test's hubs, and a hub that means well.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::mpsc,
    thread,
};

use hubreach::responder::{CertificateAuthority, Responder, ResponderConfig, ServerIdentity, Validity};
use tempfile::TempDir;
use tokio::sync::oneshot;

pub const NAME: &str = "hub.test";

/// One authority, and one certificate of it for all its hubs.
pub struct Site {
    dir: TempDir,
    pub identity: ServerIdentity,
    /// What device and hub trust.
    pub root: PathBuf,
}

impl Site {
    /// With the hubs of these names.
    pub fn of(names: &[String]) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let authority = CertificateAuthority::new().expect("an authority");
        let identity = authority.issue(names, Validity::default()).expect("a certificate");
        let root = dir.path().join("root.pem");
        fs::write(&root, authority.pem()).expect("written");
        Self { dir, identity, root }
    }

    /// With one hub, [`NAME`].
    pub fn new() -> Self {
        Self::of(&[NAME.to_owned()])
    }

    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Options that trust it.
    pub fn trust(&self) -> [&str; 4] {
        let root = self.root.to_str().expect("UTF-8");
        ["--ca", root, "--hub-ca", root]
    }
}

/// A hub that answers as it should; it ends with this.
pub struct GoodHub {
    pub mqtt: u16,
    pub web: u16,
    _stop: oneshot::Sender<()>,
}

impl GoodHub {
    pub fn start(site: &Site) -> Self {
        let identity = site.identity.clone();
        let (tell, told) = mpsc::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let responder = Responder::start(ResponderConfig::loopback(identity)).await.expect("free ports");
                let port = |address: Option<SocketAddr>| address.expect("served").port();
                let _ = tell.send((port(responder.mqtt()), port(responder.web())));
                // Ready too when the hub is dropped.
                let _ = stopped.await;
            });
        });
        let (mqtt, web) = told.recv().expect("it has started");
        Self { mqtt, web, _stop: stop }
    }
}
