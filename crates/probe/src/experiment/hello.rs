//! One ClientHello on a connection of its own. Nothing is sent after it, not even an alert.

use std::{
    io,
    net::SocketAddr,
    ops::Range,
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use rustls::{
    ClientConfig, ClientConnection,
    client::Resumption,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::ServerName,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::{
    context::run_context::RunContext,
    net::{
        clock::Clock,
        connect,
        ending::alert_name,
        os,
        roots::Roots,
        run_control::Timeout,
        small_hello::small_hello,
        tls::{Versions, is_not_tls, is_server_hello},
        verify::{Recorder, Tolerance},
    },
    observation::{Answer, Chosen, FirstBytes, HelloTrial, Hellos, Preface, millis},
    wire::{
        Parsed,
        tls::{ServerHello, group_name, server_hello, suite_name, version_name},
    },
};

/// Limits a connection and the answer to its hello: two SYNs, then the answer to one retransmission.
const HELLO_TIMEOUT: Duration = Duration::from_millis(2500);
/// When a second round starts although the first is not over. Both then end within four seconds.
const SECOND_ROUND_DELAY: Duration = Duration::from_millis(1400);
/// A name that no filter lists and no hub has: reserved by RFC 2606. Its host is not contacted.
pub(super) const NEUTRAL: &str = "www.example.com";
/// How much is read at a time.
const READ_SIZE: usize = 4096;
/// Where the random of a hello is: after the headers of record and message and the version (RFC 8446, section 4.1.2).
const RANDOM: Range<usize> = 11..43;
/// More than any handshake's first flight.
const MAX_FLIGHT_LEN: usize = 256 * 1024;

/// Sends one; `None` if the answer does not come at once.
pub(super) async fn once(context: &RunContext<'_>, peer: SocketAddr, hello: Hello<'_>) -> Option<Hellos> {
    let roots = context.state.roots()?;
    let trial = timeout(SECOND_ROUND_DELAY, hello.send(context, &roots, peer)).await.ok()?;
    Some(Hellos::to(peer, vec![trial]))
}

/// Sends all of `hellos` at the same moment, and all of them once more: what is stopped by accident is not stopped twice.
pub(super) async fn twice<const N: usize>(
    context: &RunContext<'_>,
    peer: SocketAddr,
    hellos: [Hello<'_>; N],
) -> Option<Hellos> {
    let roots = context.state.roots()?;
    let round = || join_all(hellos.map(|hello| hello.send(context, &roots, peer)));
    let mut first = pin!(round());
    let (mut trials, second) = match timeout(SECOND_ROUND_DELAY, &mut first).await {
        Ok(first) => (first, round().await),
        Err(_) => tokio::join!(first, round()),
    };
    trials.extend(second);
    Some(Hellos::to(peer, trials))
}

/// What one hello is like.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hello<'a> {
    /// The name in it (SNI).
    pub(super) name: Option<&'a str>,
    pub(super) versions: Versions,
    /// Read the answer as a client does that has TLS 1.2 alone: it does not mind the mark of a downgrade, and goes on to the
    /// peer's signature.
    pub(super) read_as_tls_12: bool,
    pub(super) alpn: Option<&'a str>,
    /// The largest segment that the peer shall send, in bytes.
    pub(super) mss: Option<u16>,
    /// With a post-quantum key share (X25519MLKEM768), which makes it longer than one segment.
    pub(super) large: bool,
    /// What is sent before it.
    pub(super) preface: Option<Preface>,
    pub(super) until: Until,
}

/// How much of an answer is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    ServerHello,
    WholeChain,
}

impl<'a> Hello<'a> {
    /// As the attempts send it, but for what the caller changes.
    pub(super) fn usual(context: &'a RunContext<'_>) -> Self {
        let name = context.target.host.name();
        Self {
            name,
            versions: Versions::Both,
            read_as_tls_12: false,
            alpn: None,
            mss: None,
            large: false,
            preface: None,
            until: Until::ServerHello,
        }
    }

    /// Sends it to `peer`.
    pub(super) async fn send(self, context: &RunContext<'_>, roots: &Roots, peer: SocketAddr) -> HelloTrial {
        let began = Instant::now();
        let mut hello_bytes = 0;
        let answer = match self.begin(roots) {
            Ok((hello, connection, recorder)) => {
                hello_bytes = hello.len();
                self.exchange(context, peer, connection, &recorder, &hello).await
            }
            Err(error) => {
                tracing::debug!(%error, "no hello could be made");
                Answer::Cancelled
            }
        };
        let versions: &[&str] = match self.versions {
            Versions::Both | Versions::BothFor12 => &["TLS 1.3", "TLS 1.2"],
            Versions::Only12 => &["TLS 1.2"],
            Versions::Only13 => &["TLS 1.3"],
        };
        HelloTrial {
            server_name: self.name.map(str::to_owned),
            versions: versions.iter().map(|version| (*version).to_owned()).collect(),
            alpn: self.alpn.map(str::to_owned).into_iter().collect(),
            mss: self.mss,
            preface: self.preface,
            hello_bytes,
            duration_ms: millis(began.elapsed()),
            answer,
        }
    }

    /// Its bytes.
    pub(super) fn first_flight(&self, roots: &Roots) -> Result<Vec<u8>, rustls::Error> {
        self.begin(roots).map(|(hello, ..)| hello)
    }

    /// Its bytes, and who reads the answer.
    fn begin(&self, roots: &Roots) -> Result<(Vec<u8>, ClientConnection, Arc<Recorder>), rustls::Error> {
        let written = |connection: &mut ClientConnection| {
            let mut hello = Vec::new();
            // Writing to memory does not fail.
            let _ = connection.write_tls(&mut hello);
            hello
        };
        let (mut connection, recorder) = self.connection(roots)?;
        let mut hello = written(&mut connection);
        if !self.read_as_tls_12 {
            return Ok((hello, connection, recorder));
        }
        let (mut reader, recorder) = Self { versions: Versions::Only12, ..*self }.connection(roots)?;
        // The peer signs our random, and neither version's hello says more of it.
        let of_reader = written(&mut reader);
        if let (Some(random), Some(own)) = (hello.get_mut(RANDOM), of_reader.get(RANDOM)) {
            random.copy_from_slice(own);
        }
        Ok((hello, reader, recorder))
    }

    fn connection(&self, roots: &Roots) -> Result<(ClientConnection, Arc<Recorder>), rustls::Error> {
        let provider = if self.large { large_hello() } else { small_hello() };
        let algorithms = provider.signature_verification_algorithms;
        let recorder = Arc::new(Recorder::new(roots.clone(), algorithms, Tolerance::Identity));
        let mut config = ClientConfig::builder_with_details(Arc::new(provider), Arc::new(Clock))
            .with_protocol_versions(self.versions.of_library())?
            .dangerous()
            .with_custom_certificate_verifier(recorder.clone())
            .with_no_client_auth();
        config.resumption = Resumption::disabled();
        config.alpn_protocols = self.alpn.iter().map(|alpn| alpn.as_bytes().to_vec()).collect();
        config.enable_sni = self.name.is_some();
        let name = ServerName::try_from(self.name.unwrap_or(NEUTRAL).to_owned());
        let name = name.map_err(|error| rustls::Error::General(error.to_string()))?;
        Ok((ClientConnection::new(Arc::new(config), name)?, recorder))
    }

    async fn exchange(
        &self,
        context: &RunContext<'_>,
        peer: SocketAddr,
        mut connection: ClientConnection,
        recorder: &Recorder,
        hello: &[u8],
    ) -> Answer {
        let mut flight = Vec::new();
        // Kept outside, so that after a timeout the socket can still be asked.
        let mut tcp = None;
        let exchange = context.control.within(HELLO_TIMEOUT, async {
            let stream = tcp.insert(connect::dial(peer, self.mss).await.ok()?);
            let hello = &[self.preface.map_or(&[][..], preface_bytes), hello].concat();
            if let Err(error) = stream.write_all(hello).await {
                return Some(cut(&error, &flight));
            }
            Some(self.listen(stream, &mut connection, recorder, &mut flight).await)
        });
        let answer = match exchange.await {
            Ok(Some(answer)) => answer,
            Ok(None) => Answer::NotConnected,
            Err(Timeout::Run) => Answer::Cancelled,
            Err(Timeout::Stage) => match tcp.as_ref() {
                None => Answer::NotConnected,
                Some(stream) => silent(stream, &flight),
            },
        };
        if let Some(stream) = &tcp {
            connect::end_by_reset(stream);
        }
        answer
    }

    async fn listen(
        &self,
        stream: &mut TcpStream,
        connection: &mut ClientConnection,
        recorder: &Recorder,
        flight: &mut Vec<u8>,
    ) -> Answer {
        let mut chunk = [0; READ_SIZE];
        loop {
            let length = match stream.read(&mut chunk).await {
                Ok(0) => return Answer::Closed { bytes_received: flight.len() as u64 },
                Ok(length) => length,
                Err(error) => return cut(&error, flight),
            };
            flight.extend(&chunk[..length]);
            let first_bytes = FirstBytes::of(flight);
            if is_not_tls(&first_bytes) || flight.len() > MAX_FLIGHT_LEN {
                return Answer::NotTls { first_bytes };
            }
            // rustls takes what it has room for. The rest does not change its verdict.
            let _ = connection.read_tls(&mut &chunk[..length]);
            let processed = connection.process_new_packets();
            let shown = recorder.shown();
            let chain_complete = shown.trust.is_some();
            let is_all = self.until == Until::ServerHello || processed.is_err() || asks_again(flight);
            if chain_complete || (is_server_hello(flight) && is_all) {
                let server_hello = match server_hello(flight) {
                    Parsed::Done(server_hello) => Some(server_hello),
                    Parsed::Incomplete | Parsed::Mismatch => None,
                };
                let version = server_hello
                    .as_ref()
                    .and_then(|server_hello| version_name(server_hello.version))
                    .map(str::to_owned);
                let signed_by = shown.trust.as_ref().filter(|trust| trust.signature_verified == Some(true));
                let signed_by = signed_by.filter(|_| self.read_as_tls_12).map(|trust| trust.identity);
                let chosen = server_hello.map(|server_hello| Box::new(Chosen { signed_by, ..chosen(&server_hello) }));
                let top_issuer = shown.chain.last().and_then(|top| top.issuer.clone());
                let for_name = shown.trust.map(|trust| trust.name_matches);
                return Answer::ServerHello { version, chain_complete, top_issuer, for_name, chosen };
            }
            if let Err(rustls::Error::AlertReceived(alert)) = processed {
                return Answer::Alert { code: u8::from(alert), name: alert_name(alert) };
            }
        }
    }
}

/// The headers of the PROXY protocol that name no address: the receiver uses the connection's own. Specified by HAProxy
/// (`proxy-protocol.txt`, sections 2.1 and 2.2).
fn preface_bytes(preface: Preface) -> &'static [u8] {
    match preface {
        Preface::ProxyV1 => b"PROXY UNKNOWN\r\n",
        Preface::ProxyV2 => b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0",
    }
}

/// A HelloRetryRequest (RFC 8446, section 4.1.3): nothing more comes before a second hello, which is not sent.
fn asks_again(flight: &[u8]) -> bool {
    const RANDOM: [u8; 32] = [
        0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2,
        0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
    ];
    flight.get(11..43) == Some(&RANDOM)
}

/// All that is read of a first flight, of whatever it is.
#[cfg(fuzzing)]
pub(super) fn read(flight: &[u8]) {
    let _ = (
        asks_again(flight),
        server_hello(flight).map(|server_hello| chosen(&server_hello)),
        is_not_tls(&FirstBytes::of(flight)),
    );
}

/// What a ServerHello says, apart from the version.
pub(super) fn chosen(server_hello: &ServerHello) -> Chosen {
    Chosen {
        cipher_suite: suite_name(server_hello.suite),
        group: server_hello.group.map(group_name),
        would_take: server_hello.would_take.and_then(version_name).map(str::to_owned),
        signed_by: None,
        finished: None,
    }
}

/// The library's own choice, post-quantum key exchange first.
fn large_hello() -> CryptoProvider {
    use aws_lc_rs::kx_group::{SECP256R1, SECP384R1, X25519, X25519MLKEM768};
    CryptoProvider { kx_groups: vec![X25519MLKEM768, X25519, SECP256R1, SECP384R1], ..aws_lc_rs::default_provider() }
}

pub(super) fn cut(error: &io::Error, flight: &[u8]) -> Answer {
    let bytes_received = flight.len() as u64;
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Answer::Closed { bytes_received },
        _ => Answer::Reset { bytes_received },
    }
}

pub(super) fn silent(stream: &TcpStream, flight: &[u8]) -> Answer {
    let state = os::tcp_state(stream);
    Answer::Silent {
        bytes_received: flight.len() as u64,
        acknowledged: state.map(|state| state.unacknowledged == 0),
        retransmits: state.map(|state| state.retransmits),
    }
}
