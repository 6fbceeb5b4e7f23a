//! The header by which a load balancer says who connects (HAProxy's `proxy-protocol.txt`). Of what it says nothing is
//! believed.

use std::{io, time::Duration};

use tokio::io::{AsyncRead, AsyncReadExt};

use super::stream::within;

const V1: &[u8] = b"PROXY ";
/// The longest line of version 1 (section 2.1).
const MAX_LINE_LEN: usize = 107;
const V2: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
/// What follows the signature of version 2 before the addresses: command, family, and the length of the rest.
const V2_FIXED: usize = 4;

/// Takes one from the beginning of a connection; gives whether there is one.
pub(super) async fn take(tcp: &mut (impl AsyncRead + Unpin), idle: Duration) -> io::Result<bool> {
    let mut head = Vec::new();
    // A byte at a time: what follows belongs to TLS.
    loop {
        head.push(within(idle, tcp.read_u8()).await?);
        if head.starts_with(V1) {
            if head.ends_with(b"\r\n") {
                return Ok(true);
            }
            if head.len() >= MAX_LINE_LEN {
                return Ok(false);
            }
        } else if head.starts_with(V2) {
            if let Some([_, _, high, low]) = head.get(V2.len()..V2.len() + V2_FIXED) {
                let mut addresses = vec![0; usize::from(u16::from_be_bytes([*high, *low]))];
                within(idle, tcp.read_exact(&mut addresses)).await?;
                return Ok(true);
            }
        } else if !V1.starts_with(&head) && !V2.starts_with(&head) {
            return Ok(false);
        }
    }
}

/// Takes one from the beginning of `bytes`; nothing after it is read.
#[cfg(fuzzing)]
pub fn read(bytes: &[u8]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let runtime = runtime.unwrap_or_else(|error| panic!("{error}"));
    let mut rest = bytes;
    let taken = runtime.block_on(take(&mut rest, Duration::from_secs(1)));
    let header = &bytes[..bytes.len() - rest.len()];
    match taken {
        Ok(true) if header.starts_with(V1) => assert!(header.ends_with(b"\r\n") && header.len() <= MAX_LINE_LEN),
        Ok(true) => assert!(header.starts_with(V2) && header.len() >= V2.len() + V2_FIXED),
        Ok(false) => assert!(header.len() <= MAX_LINE_LEN),
        Err(_) => assert!(rest.is_empty()),
    }
}
