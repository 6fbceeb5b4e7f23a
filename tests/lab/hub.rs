//! The hub at the far end: our responder, in a namespace of its own.

use std::{
    fs, io,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    sync::mpsc,
    thread::{self, JoinHandle},
};

use hubreach::responder::{Behaviour, CertificateAuthority, Responder, ResponderConfig, Validity};
use tokio::sync::oneshot;

use super::netns::Namespace;

/// The hub's name.
pub const HOST: &str = "hub.test";

/// A running hub, on the real ports.
#[derive(Debug)]
pub struct Hub {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Hub {
    /// Starts it and writes its root to `ca`.
    pub fn start(namespace: &Namespace, behaviour: Behaviour, ca: &Path) -> Result<Self, String> {
        let namespace = namespace.handle().map_err(|error| error.to_string())?;
        let (tell, told) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let thread = thread::spawn(move || {
            let failed = tell.clone();
            let served = namespace.run(|| serve(behaviour, &tell, stopped));
            if let Err(error) = served.and_then(|served| served) {
                let _ = failed.send(Err(error.to_string()));
            }
        });
        let pem: Result<String, String> = told.recv().map_err(|_| "the hub did not start".to_owned())?;
        fs::write(ca, pem?).map_err(|error| error.to_string())?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(
    behaviour: Behaviour,
    tell: &mpsc::Sender<Result<String, String>>,
    stopped: oneshot::Receiver<()>,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let authority = CertificateAuthority::new().map_err(io::Error::other)?;
        let identity = authority.issue(&[HOST.to_owned()], Validity::default()).map_err(io::Error::other)?;
        let at = |port| Some(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)));
        let config = ResponderConfig { mqtt: at(8883), amqp: at(5671), web: at(443), ..ResponderConfig::new(identity) };
        let responder = Responder::start(config.behaving(behaviour)).await?;
        let _ = tell.send(responder.ca_pem().map(str::to_owned).ok_or_else(|| "no root".to_owned()));
        let _ = stopped.await;
        Ok(())
    })
}
