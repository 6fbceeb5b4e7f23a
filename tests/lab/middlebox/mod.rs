//! Boxes on the path that do more than to forward: they take over the connections which a router's rules redirect to them,
//! and know from the kernel where those were going.

mod intercept;
mod portal;
mod relay;
mod rewrite;

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};

use hubreach::responder::CertificateAuthority;
use nix::sys::socket::{getsockopt, sockopt};
use serde::Deserialize;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::oneshot,
};

use super::netns::Namespace;
pub use intercept::Intercept;
pub use portal::Portal;
pub use rewrite::Rewrite;

/// What a box does; it listens on port 1 of its router.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Middlebox {
    /// Connects on, and copies what comes.
    Relay,
    /// The same, but the first answer is held for so many milliseconds.
    Late { milliseconds: u64 },
    /// Takes every connection, and never makes one of its own.
    Hole,
    /// Opens TLS.
    Intercept(Intercept),
    /// Edits hellos, and copies the rest.
    Rewrite(Rewrite),
    /// Wants somebody to sign in.
    Portal(Portal),
}

/// Where it listens.
pub const PORT: u16 = 1;

/// A running box; it goes when dropped.
#[derive(Debug)]
pub struct Running {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    pub fn start(
        namespace: &Namespace,
        middlebox: Middlebox,
        authority: Arc<CertificateAuthority>,
    ) -> Result<Self, String> {
        let namespace = namespace.handle().map_err(|error| error.to_string())?;
        let (tell, told) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let thread = thread::spawn(move || {
            let failed = tell.clone();
            let served = namespace.run(|| serve(middlebox, authority, &tell, stopped));
            if let Err(error) = served.and_then(|served| served) {
                let _ = failed.send(Err(error.to_string()));
            }
        });
        told.recv().map_err(|_| "the box did not start".to_owned())??;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(
    middlebox: Middlebox,
    authority: Arc<CertificateAuthority>,
    tell: &mpsc::Sender<Result<(), String>>,
    stopped: oneshot::Receiver<()>,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, async {
        let v4 = TcpListener::bind((Ipv4Addr::UNSPECIFIED, PORT)).await?;
        let v6 = only_v6()?;
        let _ = tell.send(Ok(()));
        tokio::select! {
            () = accept(&v4, &middlebox, &authority) => {}
            () = accept(&v6, &middlebox, &authority) => {}
            _ = stopped => {}
        }
        Ok(())
    })
}

fn only_v6() -> io::Result<TcpListener> {
    let socket = socket2::Socket::new(socket2::Domain::IPV6, socket2::Type::STREAM, None)?;
    socket.set_only_v6(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&SocketAddr::from((Ipv6Addr::UNSPECIFIED, PORT)).into())?;
    socket.listen(64)?;
    TcpListener::from_std(socket.into())
}

async fn accept(listener: &TcpListener, middlebox: &Middlebox, authority: &Arc<CertificateAuthority>) {
    while let Ok((near, _)) = listener.accept().await {
        let Ok(to) = original_destination(&near) else { continue };
        let (middlebox, authority) = (middlebox.clone(), authority.clone());
        tokio::task::spawn_local(async move {
            let _ = tokio::time::timeout(Duration::from_secs(30), treat(middlebox, near, to, authority)).await;
        });
    }
}

async fn treat(
    middlebox: Middlebox,
    near: TcpStream,
    to: SocketAddr,
    authority: Arc<CertificateAuthority>,
) -> io::Result<()> {
    match middlebox {
        Middlebox::Relay => relay::copy(near, to).await,
        Middlebox::Late { milliseconds } => relay::copy_late(near, to, Duration::from_millis(milliseconds)).await,
        Middlebox::Hole => {
            // The connection stays open, and silent.
            let _near = near;
            std::future::pending().await
        }
        Middlebox::Intercept(intercept) => intercept.treat(near, to, &authority).await,
        Middlebox::Rewrite(rewrite) => rewrite.treat(near, to).await,
        Middlebox::Portal(portal) => portal.treat(near).await,
    }
}

/// Where a redirected connection was going (`SO_ORIGINAL_DST`).
fn original_destination(stream: &TcpStream) -> io::Result<SocketAddr> {
    if stream.local_addr()?.is_ipv4() {
        let to = getsockopt(stream, sockopt::OriginalDst)?;
        let ip = Ipv4Addr::from(u32::from_be(to.sin_addr.s_addr));
        return Ok(SocketAddr::from((ip, u16::from_be(to.sin_port))));
    }
    let to = getsockopt(stream, sockopt::Ip6tOriginalDst)?;
    Ok(SocketAddr::from((Ipv6Addr::from(to.sin6_addr.s6_addr), u16::from_be(to.sin6_port))))
}
