//! A transparent relay: it ends the connection at itself, makes one of its own, and copies every byte.

use std::{io, net::SocketAddr};

use tokio::net::TcpStream;

pub(super) async fn copy(mut near: TcpStream, to: SocketAddr) -> io::Result<()> {
    let mut far = TcpStream::connect(to).await?;
    tokio::io::copy_bidirectional(&mut near, &mut far).await?;
    Ok(())
}
