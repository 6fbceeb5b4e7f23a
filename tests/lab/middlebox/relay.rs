//! A transparent relay: it ends the connection at itself, makes one of its own, and copies every byte.

use std::{io, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::sleep,
};

pub(super) async fn copy(mut near: TcpStream, to: SocketAddr) -> io::Result<()> {
    let mut far = TcpStream::connect(to).await?;
    tokio::io::copy_bidirectional(&mut near, &mut far).await?;
    Ok(())
}

/// Copies what comes, as one whose server is busy: the first of its answers is held back.
pub(super) async fn copy_late(near: TcpStream, to: SocketAddr, late: Duration) -> io::Result<()> {
    let (mut near_reads, mut near_writes) = near.into_split();
    let (mut far_reads, mut far_writes) = TcpStream::connect(to).await?.into_split();
    let answers = async {
        let mut first = [0; 4096];
        let length = far_reads.read(&mut first).await?;
        sleep(late).await;
        near_writes.write_all(&first[..length]).await?;
        tokio::io::copy(&mut far_reads, &mut near_writes).await?;
        near_writes.shutdown().await
    };
    let questions = async {
        tokio::io::copy(&mut near_reads, &mut far_writes).await?;
        far_writes.shutdown().await
    };
    tokio::try_join!(answers, questions)?;
    Ok(())
}
