//! Our responder as the hub, in a namespace of its own, on the real ports.

use std::{
    io,
    net::{Ipv6Addr, SocketAddr},
    sync::mpsc,
    thread::{self, JoinHandle},
};

use hubreach::responder::{Behaviour, Responder, ResponderConfig, ServerIdentity};
use tokio::sync::oneshot;

use super::netns::Namespace;

/// The hub's name.
pub const HOST: &str = "hub.test";

/// It runs until it is dropped.
#[derive(Debug)]
pub struct OwnHub {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl OwnHub {
    /// Starts it with `identity`.
    pub fn start(namespace: &Namespace, behaviour: Behaviour, identity: ServerIdentity) -> Result<Self, String> {
        let namespace = namespace.handle().map_err(|error| error.to_string())?;
        let (tell, told) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let thread = thread::spawn(move || {
            let failed = tell.clone();
            let served = namespace.run(|| serve(behaviour, identity, &tell, stopped));
            if let Err(error) = served.and_then(|served| served) {
                let _ = failed.send(Err(error.to_string()));
            }
        });
        let started: Result<(), String> = told.recv().map_err(|_| "the hub did not start".to_owned())?;
        started?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for OwnHub {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(
    behaviour: Behaviour,
    identity: ServerIdentity,
    tell: &mpsc::Sender<Result<(), String>>,
    stopped: oneshot::Receiver<()>,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let at = |port| Some(SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)));
        let config = ResponderConfig { mqtt: at(8883), amqp: at(5671), web: at(443), ..ResponderConfig::new(identity) };
        let _responder = Responder::start(config.behaving(behaviour)).await?;
        let _ = tell.send(Ok(()));
        let _ = stopped.await;
        Ok(())
    })
}
