//! What a TLS handshake showed.

use serde::{Deserialize, Serialize};

use super::{Certificate, FirstBytes, Trust};

/// What the handshake showed; parts are `None` if it ended before they were known.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct TlsEvidence {
    /// The name sent as SNI; `None` for IP literals.
    pub server_name: Option<String>,
    /// `TLS 1.2` or `TLS 1.3`.
    pub version: Option<String>,
    /// The suite by its IANA name.
    pub cipher_suite: Option<String>,
    /// The key exchange group by its IANA name.
    pub key_exchange: Option<String>,
    /// The application protocol offered by ALPN (RFC 7301), if any.
    #[serde(default)]
    pub alpn_offered: Option<String>,
    /// The one that the peer chose, if any.
    pub alpn: Option<String>,
    /// Whether the peer chose a version and a suite in a ServerHello: later failures have other reasons.
    #[serde(default)]
    pub server_hello: bool,
    /// Whether a first hello, which also offered TLS 1.3, was answered as [`TlsFailure::Downgraded`] describes.
    /// Everything else is from a second one, which offered only TLS 1.2.
    #[serde(default, skip_serializing_if = "is_false")]
    pub downgraded: bool,
    /// Whether the peer asked for a client certificate.
    pub client_certificate_requested: bool,
    /// The certificates as presented, the peer's own first; also if verification failed.
    pub chain: Vec<Certificate>,
    /// Certificates presented beyond those recorded.
    pub chain_left_out: usize,
    /// The trust stores' verdict on the chain; `None` if none was presented.
    pub trust: Option<Trust>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
fn is_false(value: &bool) -> bool {
    !value
}

/// How a TLS handshake fails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum TlsFailure {
    /// It did not end within the stage's time.
    TimedOut {
        /// Bytes that had come from the peer.
        bytes_received: u64,
        /// Whether the peer's TCP acknowledged everything that we sent; `None` if the system does not tell.
        acknowledged: Option<bool>,
        /// Whether an ICMP error reported the peer unreachable since its last acknowledgement. An established
        /// connection sees neither its sender nor its code.
        #[serde(default, skip_serializing_if = "is_false")]
        unreachable: bool,
    },
    /// The peer closed the connection (FIN) before the end.
    Closed {
        /// Bytes that had come from the peer.
        bytes_received: u64,
    },
    /// The connection was reset (RST) before the end.
    Reset {
        /// Bytes that had come from the peer.
        bytes_received: u64,
    },
    /// What came is not TLS.
    NotTls {
        /// How it begins.
        first_bytes: FirstBytes,
    },
    /// The peer sent a fatal alert (RFC 8446, section 6.2).
    Alert {
        /// The alert's number.
        code: u8,
        /// The alert's name in the RFC.
        name: String,
    },
    /// The chain proves neither the hub nor a peer that this device trusts; nothing was sent after the handshake.
    NotAccepted,
    /// No version, suite or group in common, according to our side.
    Incompatible {
        /// The TLS library's words.
        reason: String,
    },
    /// We offered TLS 1.3, and the peer chose TLS 1.2 with the downgrade mark of a server to which TLS 1.3 was not
    /// offered (RFC 8446, section 4.1.3).
    Downgraded,
    /// The peer broke the protocol.
    Invalid {
        /// The TLS library's words.
        reason: String,
    },
    /// The peer kept sending, and the handshake did not end.
    Flood {
        /// Bytes that had come.
        bytes_received: u64,
    },
    /// Anything else, in the system's words.
    Other {
        /// The system's words.
        message: String,
    },
}
