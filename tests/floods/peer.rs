//! A peer that shakes hands as the hub would, and then keeps sending. What comes back is not read: whoever answers a flood has
//! to keep its answers.

use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use hubreach::wire::websocket;
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    crypto::{CryptoProvider, aws_lc_rs},
};

use super::{flood::Flood, sealed::Sealer, site::Site};

/// How fast a peer sends.
#[derive(Debug, Clone, Copy)]
pub enum Rate {
    Unlimited,
    /// Bytes per second.
    Of(u32),
}

/// 100 Mbit/s.
pub const OF_A_NETWORK: Rate = Rate::Of(12_500_000);
/// So slow that what is read of one connection does not reach its bound within seconds.
pub const SLOW: Rate = Rate::Of(20_000);

/// A port whose every connection is flooded, for as long as the test program runs: nothing tells a thread that waits for a
/// connection to end.
pub fn start(site: &Site, flood: Flood, rate: Rate) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has free ports");
    let port = listener.local_addr().expect("bound").port();
    let config = Arc::new(config(site));
    thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            let config = config.clone();
            // It ends when the other end is gone.
            thread::spawn(move || drop(converse(stream, config, flood, rate)));
        }
    });
    port
}

fn config(site: &Site) -> ServerConfig {
    let suites = vec![aws_lc_rs::cipher_suite::TLS13_AES_128_GCM_SHA256];
    let provider = CryptoProvider { cipher_suites: suites, ..aws_lc_rs::default_provider() };
    let identity = site.identity.clone();
    let mut config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("a suite for it")
        .with_no_client_auth()
        .with_single_cert(identity.chain, identity.key)
        .expect("a certificate with its key");
    config.enable_secret_extraction = true;
    config.send_tls13_tickets = 0;
    config
}

fn converse(mut tcp: TcpStream, config: Arc<ServerConfig>, flood: Flood, rate: Rate) -> io::Result<()> {
    tcp.set_nodelay(true)?;
    if let Some((beginning, piece)) = flood.instead_of_tls() {
        tcp.write_all(&beginning)?;
        return pour(&mut tcp, rate, |out| out.extend_from_slice(&piece));
    }
    let connection = ServerConnection::new(config).map_err(io::Error::other)?;
    let mut tls = StreamOwned::new(connection, tcp);
    let request = first_words(&mut tls)?;
    if flood.is_of_websocket() && request.contains("Upgrade: websocket") {
        tls.write_all(upgraded(&request).as_bytes())?;
    }
    tls.write_all(flood.beginning())?;
    tls.flush()?;
    let StreamOwned { conn, mut sock } = tls;
    let (mut sealer, piece) = (Sealer::after(conn), flood.piece());
    pour(&mut sock, rate, |out| {
        for _ in 0..piece.records {
            sealer.seal(piece.content_type, &piece.content, out);
        }
    })
}

/// What the other end says first: a request's head, or a packet.
fn first_words(tls: &mut impl Read) -> io::Result<String> {
    let (mut words, mut chunk) = (Vec::new(), [0; 4096]);
    loop {
        let length = tls.read(&mut chunk)?;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        words.extend(&chunk[..length]);
        if !words.starts_with(b"GET ") || words.ends_with(b"\r\n\r\n") {
            return Ok(String::from_utf8_lossy(&words).into_owned());
        }
    }
}

fn upgraded(request: &str) -> String {
    let header = |name: &str| {
        let line = request.lines().find(|line| line.to_ascii_lowercase().starts_with(name)).unwrap_or_default();
        line.split_once(": ").map(|(_, value)| value.to_owned()).unwrap_or_default()
    };
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {}\r\nSec-WebSocket-Protocol: {}\r\n\r\n",
        websocket::accept(&header("sec-websocket-key")),
        header("sec-websocket-protocol")
    )
}

/// Writes pieces for ever, as fast as `rate` lets it.
fn pour(to: &mut TcpStream, rate: Rate, mut next: impl FnMut(&mut Vec<u8>)) -> io::Result<()> {
    let (began, mut sent, mut piece) = (Instant::now(), 0.0, Vec::new());
    loop {
        piece.clear();
        next(&mut piece);
        let Rate::Of(per_second) = rate else {
            to.write_all(&piece)?;
            continue;
        };
        let per_second = f64::from(per_second);
        // In steps of some ten milliseconds.
        for step in piece.chunks((per_second as usize / 100).clamp(64, 4096)) {
            to.write_all(step)?;
            sent += step.len() as f64;
            let due = Duration::from_secs_f64(sent / per_second);
            thread::sleep(due.saturating_sub(began.elapsed()));
        }
    }
}
