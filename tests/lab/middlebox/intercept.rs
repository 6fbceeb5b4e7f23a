//! A box that opens TLS: it shows a certificate of its own for whatever name it is asked for, speaks to the hub over TLS
//! of its own, and sees, and may change, all that goes through.

use std::{io, net::SocketAddr, sync::Arc};

use hubreach::responder::{CertificateAuthority, Validity};
use rustls::{
    ClientConfig, ServerConfig,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, ServerName, UnixTime},
    server::Acceptor,
};
use serde::Deserialize;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{LazyConfigAcceptor, TlsConnector};

/// What becomes of what goes through.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Intercept {
    /// Take `Upgrade` out of requests, as proxies do that do not know WebSocket.
    strip_upgrade: bool,
    /// Answer every HTTP request with a page of this status.
    block_page: Option<u16>,
    /// Let no byte through once a WebSocket is open.
    swallow_frames: bool,
    /// Answer an upgrade with a key that was never asked for.
    stale_accept: bool,
}

impl Intercept {
    pub(super) async fn treat(&self, near: TcpStream, to: SocketAddr, own: &CertificateAuthority) -> io::Result<()> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let hello = LazyConfigAcceptor::new(Acceptor::default(), near).await?;
        let name = hello.client_hello().server_name().unwrap_or("nameless.test").to_owned();
        let identity = own.issue(std::slice::from_ref(&name), Validity::default()).map_err(io::Error::other)?;
        let config = ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .and_then(|config| config.with_no_client_auth().with_single_cert(identity.chain, identity.key))
            .map_err(io::Error::other)?;
        let mut near = hello.into_stream(Arc::new(config)).await?;
        let mut first = vec![0; 4096];
        let length = near.read(&mut first).await?;
        first.truncate(length);
        if let (Some(status), true) = (self.block_page, first.starts_with(b"GET ")) {
            let page = "<html>This site is blocked by policy.</html>";
            let answer = format!(
                "HTTP/1.1 {status} Blocked\r\nServer: Inspector\r\nContent-Length: {}\r\n\r\n{page}",
                page.len()
            );
            near.write_all(answer.as_bytes()).await?;
            return near.shutdown().await;
        }
        let is_upgrade = first.windows(8).any(|part| part.eq_ignore_ascii_case(b"upgrade:"));
        if self.stale_accept && is_upgrade {
            let answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                          Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n";
            near.write_all(answer.as_bytes()).await?;
            return near.shutdown().await;
        }
        if self.strip_upgrade {
            first = without_upgrade(&first);
        }
        let far = TcpStream::connect(to).await?;
        let config = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Anyone(provider)))
            .with_no_client_auth();
        let name = ServerName::try_from(name).map_err(io::Error::other)?;
        let mut far = TlsConnector::from(Arc::new(config)).connect(name, far).await?;
        far.write_all(&first).await?;
        if self.swallow_frames && is_upgrade {
            let mut answer = vec![0; 4096];
            let length = far.read(&mut answer).await?;
            near.write_all(&answer[..length]).await?;
            near.flush().await?;
            std::future::pending::<()>().await;
        }
        tokio::io::copy_bidirectional(&mut near, &mut far).await?;
        Ok(())
    }
}

/// A request without what asks for another protocol.
fn without_upgrade(request: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(request);
    let keeps = |line: &&str| {
        let line = line.to_ascii_lowercase();
        !line.starts_with("upgrade:") && !line.starts_with("connection:") && !line.starts_with("sec-websocket-")
    };
    text.split("\r\n").filter(keeps).collect::<Vec<_>>().join("\r\n").into_bytes()
}

/// Such boxes often ask no questions.
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        own: &CertificateDer<'_>,
        signature: &rustls::DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, own, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        own: &CertificateDer<'_>,
        signature: &rustls::DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, own, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
