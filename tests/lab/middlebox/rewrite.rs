//! An inspection engine that does not know all of TLS: it edits what it does not know out of the first message, and copies
//! the rest.

use std::{io, net::SocketAddr};

use serde::Deserialize;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// What it does not know.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rewrite {
    /// Extensions by their numbers; each becomes one that nobody knows.
    hides: Vec<u16>,
    /// What it puts in the place of the version of TLS 1.2, if anything.
    version: Option<u16>,
}

/// Reserved for what nobody may know (RFC 8701).
const GREASE: u16 = 0xfafa;

impl Rewrite {
    pub(super) async fn treat(&self, mut near: TcpStream, to: SocketAddr) -> io::Result<()> {
        let mut hello = vec![0; 5];
        near.read_exact(&mut hello).await?;
        let length = usize::from(u16::from_be_bytes([hello[3], hello[4]]));
        hello.resize(5 + length, 0);
        near.read_exact(&mut hello[5..]).await?;
        let _ = self.edit(&mut hello);
        let mut far = TcpStream::connect(to).await?;
        far.write_all(&hello).await?;
        tokio::io::copy_bidirectional(&mut near, &mut far).await?;
        Ok(())
    }

    /// In place, as far as it is a hello.
    fn edit(&self, hello: &mut [u8]) -> Option<()> {
        let number = |hello: &[u8], at: usize| Some(u16::from_be_bytes([*hello.get(at)?, *hello.get(at + 1)?]));
        if let Some(version) = self.version {
            hello.get_mut(9..11)?.copy_from_slice(&version.to_be_bytes());
        }
        // Behind the headers of record and message, the version and the random: session, suites, compression.
        let mut at = 5 + 4 + 2 + 32;
        at += 1 + usize::from(*hello.get(at)?);
        at += 2 + usize::from(number(hello, at)?);
        at += 1 + usize::from(*hello.get(at)?);
        at += 2;
        while let (Some(kind), Some(length)) = (number(hello, at), number(hello, at + 2)) {
            if self.hides.contains(&kind) {
                hello.get_mut(at..at + 2)?.copy_from_slice(&GREASE.to_be_bytes());
            }
            at += 4 + usize::from(length);
        }
        Some(())
    }
}
