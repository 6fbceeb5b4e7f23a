//! TLS 1.2 handshakes in which the library sends another hello than its own. The hello is edited on the way out, and
//! the transcript hash covers what was sent, as both ends compare it in Finished.

use std::sync::LazyLock;

use rustls::{
    CipherSuiteCommon, SupportedCipherSuite, Tls12CipherSuite,
    crypto::{
        CryptoProvider, aws_lc_rs,
        hash::{Context, Hash, HashAlgorithm, Output},
    },
};

use super::{recording_stream::Edit, small_hello::small_hello};
use crate::wire::tls::{offering_tls_13, without_supported_versions};

/// What a hello looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HelloStyle {
    /// As devices send it that know no newer version. Our library writes into every hello which versions it means, in an
    /// extension that came with TLS 1.3; such devices do not, and boxes that edit that extension leave them alone.
    Tls12Only,
    /// As one that offers TLS 1.3 too. A handshake that begins so and ends well in TLS 1.2 proves that nobody on the path
    /// has edited the offer.
    OffersTls13,
}

impl HelloStyle {
    /// For handshakes with TLS 1.2 alone whose hello is sent [as it should be](Self::edit).
    pub(crate) fn provider(self) -> CryptoProvider {
        let suites: &'static [Tls12CipherSuite] = match self {
            Self::Tls12Only => &OLD,
            Self::OffersTls13 => &NEW,
        };
        CryptoProvider { cipher_suites: suites.iter().map(SupportedCipherSuite::Tls12).collect(), ..small_hello() }
    }

    /// What makes a hello of our library's look so, with its record or without.
    pub(crate) fn edit(self) -> Edit {
        match self {
            Self::Tls12Only => |hello| without_supported_versions(hello).unwrap_or_else(|| hello.to_vec()),
            Self::OffersTls13 => |hello| offering_tls_13(hello).unwrap_or_else(|| hello.to_vec()),
        }
    }
}

/// Those of our library.
static LIBRARY: LazyLock<Vec<&'static Tls12CipherSuite>> = LazyLock::new(|| {
    let suites = aws_lc_rs::default_provider().cipher_suites;
    let of_12 = |suite: &SupportedCipherSuite| match suite {
        SupportedCipherSuite::Tls12(suite) => Some(*suite),
        SupportedCipherSuite::Tls13(_) => None,
    };
    suites.iter().filter_map(of_12).collect()
});

/// Their hashes, of what was sent.
static OLD_TRANSCRIPTS: LazyLock<Vec<Transcript>> = LazyLock::new(|| transcripts(HelloStyle::Tls12Only));
static NEW_TRANSCRIPTS: LazyLock<Vec<Transcript>> = LazyLock::new(|| transcripts(HelloStyle::OffersTls13));

/// The same suites with these.
static OLD: LazyLock<Vec<Tls12CipherSuite>> = LazyLock::new(|| with(&OLD_TRANSCRIPTS));
static NEW: LazyLock<Vec<Tls12CipherSuite>> = LazyLock::new(|| with(&NEW_TRANSCRIPTS));

fn transcripts(style: HelloStyle) -> Vec<Transcript> {
    LIBRARY.iter().map(|suite| Transcript { hash: suite.common.hash_provider, edit: style.edit() }).collect()
}

fn with(transcripts: &'static [Transcript]) -> Vec<Tls12CipherSuite> {
    let with = |(suite, transcript): (&&Tls12CipherSuite, &'static Transcript)| Tls12CipherSuite {
        common: CipherSuiteCommon {
            suite: suite.common.suite,
            hash_provider: transcript,
            confidentiality_limit: suite.common.confidentiality_limit,
        },
        prf_provider: suite.prf_provider,
        kx: suite.kx,
        sign: suite.sign,
        aead_alg: suite.aead_alg,
    };
    LIBRARY.iter().zip(transcripts).map(with).collect()
}

/// Hashes a handshake as it was sent.
struct Transcript {
    hash: &'static dyn Hash,
    edit: Edit,
}

impl Hash for Transcript {
    fn start(&self) -> Box<dyn Context> {
        Box::new(Hashing { context: self.hash.start(), edit: Some(self.edit) })
    }

    fn hash(&self, data: &[u8]) -> Output {
        self.hash.hash(data)
    }

    fn output_len(&self) -> usize {
        self.hash.output_len()
    }

    fn algorithm(&self) -> HashAlgorithm {
        self.hash.algorithm()
    }
}

/// Of which the hello is what comes first, as a whole.
struct Hashing {
    context: Box<dyn Context>,
    edit: Option<Edit>,
}

impl Context for Hashing {
    fn fork_finish(&self) -> Output {
        self.context.fork_finish()
    }

    fn fork(&self) -> Box<dyn Context> {
        Box::new(Self { context: self.context.fork(), edit: self.edit })
    }

    fn finish(self: Box<Self>) -> Output {
        self.context.finish()
    }

    fn update(&mut self, data: &[u8]) {
        match self.edit.take() {
            Some(edit) => self.context.update(&edit(data)),
            None => self.context.update(data),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rustls::{
        ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection,
        pki_types::{PrivatePkcs8KeyDer, ServerName},
        version::TLS12,
    };

    use super::*;

    /// Hands over all that either has to say, the first hello as `sent` makes it.
    fn shake_hands(style: HelloStyle, sent: impl Fn(&[u8]) -> Vec<u8>) -> Result<(), rustls::Error> {
        let own = rcgen::generate_simple_self_signed(["hub.test".to_owned()]).expect("a certificate");
        let mut roots = RootCertStore::empty();
        roots.add(own.cert.der().clone()).expect("a root");
        let config = ClientConfig::builder_with_provider(Arc::new(style.provider()))
            .with_protocol_versions(&[&TLS12])?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from("hub.test").expect("a name");
        let mut client = ClientConnection::new(Arc::new(config), name)?;
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(&[&TLS12])?
            .with_no_client_auth()
            .with_single_cert(
                vec![own.cert.der().clone()],
                PrivatePkcs8KeyDer::from(own.signing_key.serialize_der()).into(),
            )?;
        let mut server = ServerConnection::new(Arc::new(config))?;
        let mut is_first = true;
        while client.is_handshaking() || server.is_handshaking() {
            let (mut up, mut down) = (Vec::new(), Vec::new());
            client.write_tls(&mut up).expect("memory");
            let up = if std::mem::take(&mut is_first) { sent(&up) } else { up };
            server.read_tls(&mut &up[..]).expect("memory");
            server.process_new_packets()?;
            server.write_tls(&mut down).expect("memory");
            client.read_tls(&mut &down[..]).expect("memory");
            client.process_new_packets()?;
        }
        Ok(())
    }

    #[test]
    fn a_handshake_ends_well_where_what_arrives_is_what_was_sent() {
        for style in [HelloStyle::Tls12Only, HelloStyle::OffersTls13] {
            assert_eq!(shake_hands(style, style.edit()), Ok(()), "{style:?}");
            let other = if style == HelloStyle::Tls12Only { HelloStyle::OffersTls13 } else { HelloStyle::Tls12Only };
            assert!(shake_hands(style, other.edit()).is_err(), "{style:?}: another hello arrived");
        }
    }
}
