//! The names of the causes: public API.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{
    Entry, catalogue,
    causes::{self, Cause},
    scope::Scope,
};

/// Declares the codes once: the variant and its kebab-case word.
macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $word:literal,)*) => {
        /// A cause's name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum Code { $($(#[$doc])* #[serde(rename = $word)] $variant,)* }

        impl Code {
            /// Every code that this version can name, by stage.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The word used in JSON and `explain`.
            pub fn id(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }
    };
}

codes! {
    /// NXDOMAIN.
    DnsNameNotFound = "dns-name-not-found",
    /// The name exists without an address.
    DnsNoAddress = "dns-no-address",
    /// SERVFAIL or REFUSED.
    DnsServerFailure = "dns-server-failure",
    /// No answer from any resolver.
    DnsTimeout = "dns-timeout",
    /// One resolver or record type fails, another answers.
    DnsPartial = "dns-partial",
    /// The address is not the hub's.
    DnsHijack = "dns-hijack",
    /// No route for the records' address family.
    AddressFamilyUnavailable = "address-family-unavailable",
    /// All addresses of one family fail while the other works.
    AddressFamilyBroken = "address-family-broken",
    /// A RST sent in the hub's place.
    TcpReset = "tcp-reset",
    /// A RST from the hub: nothing listens.
    PortClosed = "port-closed",
    /// An ICMP error answers the SYN.
    IcmpReject = "icmp-reject",
    /// Nothing answers the SYN.
    SilentDrop = "silent-drop",
    /// This machine's own policy stops it.
    LocalBlock = "local-block",
    /// A box on the path completes the handshake in the hub's place.
    TransparentProxy = "transparent-proxy",
    /// Some of the hub's addresses answer, some do not.
    SomeAddressesBlocked = "some-addresses-blocked",
    /// The hub's name in the ClientHello is what is stopped.
    SniFilter = "sni-filter",
    /// The ClientHello is never acknowledged.
    ClientHelloDropped = "client-hello-dropped",
    /// A ClientHello of more than one segment is dropped.
    LargeClientHelloDropped = "large-client-hello-dropped",
    /// Large packets are lost on the way back.
    PathMtuBlackhole = "path-mtu-blackhole",
    /// The hello is acknowledged, nothing comes back.
    TlsSilent = "tls-silent",
    /// Closed or reset after the hello.
    TlsReset = "tls-reset",
    /// Only hellos that name this application protocol are stopped.
    AlpnFilter = "alpn-filter",
    /// What answers is not TLS.
    NotTls = "not-tls",
    /// The chain is not the hub's.
    TlsIntercepted = "tls-intercepted",
    /// Unknown issuer, and the hub's roots are not known.
    CertificateUntrusted = "certificate-untrusted",
    /// The hub's genuine chain, whose root this device lacks.
    MissingRoot = "missing-root",
    /// This machine's clock is wrong.
    ClockWrong = "clock-wrong",
    /// The certificate has expired.
    CertificateExpired = "certificate-expired",
    /// The certificate is not valid yet.
    CertificateNotYetValid = "certificate-not-yet-valid",
    /// The certificate is for other names.
    CertificateNameMismatch = "certificate-name-mismatch",
    /// No version or suite in common.
    TlsVersionUnsupported = "tls-version-unsupported",
    /// Another TLS alert.
    TlsAlert = "tls-alert",
    /// The verified peer insists on a client certificate.
    ClientCertificateRequired = "client-certificate-required",
    /// A login page in the hub's place.
    CaptivePortal = "captive-portal",
    /// An HTTP answer that is not the hub's.
    GatewayBlockPage = "gateway-block-page",
    /// An interceptor does not pass the upgrade on.
    WebsocketStripped = "websocket-stripped",
    /// The hub refuses the upgrade.
    WebsocketRejectedByHub = "websocket-rejected-by-hub",
    /// 101 with a wrong accept key or subprotocol.
    WebsocketBadAccept = "websocket-bad-accept",
    /// 101, then nothing answers inside.
    WebsocketFramesBlocked = "websocket-frames-blocked",
    /// TLS is up, the protocol's first answer never comes.
    NoProtocolReply = "no-protocol-reply",
    /// An answer that is not this protocol.
    ProtocolMismatch = "protocol-mismatch",
    /// Closed before an answer.
    PeerClosed = "peer-closed",
    /// The login was refused: proof that the network works.
    AuthenticationRefused = "authentication-refused",
}

impl Code {
    /// What is said of it before it is ever seen.
    pub fn entry(self) -> Entry {
        causes::entry(self).unwrap_or_else(|| catalogue::entry(self))
    }

    /// The cause in a line, told in general: words in capitals stand for what a report fills in.
    pub fn title(self) -> String {
        Cause::general(self).title(&Scope::general())
    }

    /// What to do, told in general.
    pub fn fix(self) -> String {
        Cause::general(self).fix(&Scope::general())
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

/// A word that is no code of this version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown code; `hubreach explain --list` lists those there are")]
pub struct UnknownCode;

impl FromStr for Code {
    type Err = UnknownCode;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|code| code.id().eq_ignore_ascii_case(word.trim())).ok_or(UnknownCode)
    }
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn every_code_is_told_in_general() {
        for code in Code::ALL.iter().copied() {
            let entry = code.entry();
            assert_eq!(entry.word, code.id());
            for text in [entry.explanation, entry.proof, &code.title(), &code.fix()] {
                assert!(text.len() > 10 && !text.contains(['{', '}']) && !text.contains("  "), "{code}: {text}");
            }
            assert_eq!(entry.explanation.trim_end().chars().last(), Some('.'), "{code}");
        }
    }
}
