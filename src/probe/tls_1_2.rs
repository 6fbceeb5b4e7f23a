//! TLS as devices speak it that know no newer version than 1.2. Our library writes into every hello which versions it means,
//! in an extension that came with TLS 1.3; such devices do not, and boxes that edit that extension leave them alone. So it is
//! taken out of the hello on its way, and out of what is hashed of the handshake, which both ends compare.

use std::sync::LazyLock;

use rustls::{
    CipherSuiteCommon, SupportedCipherSuite, Tls12CipherSuite,
    crypto::{
        CryptoProvider, aws_lc_rs,
        hash::{Context, Hash, HashAlgorithm, Output},
    },
};

use super::tls::small_hello;
use crate::wire::tls::without_supported_versions;

/// For handshakes with TLS 1.2 alone whose hello is sent [as it should be](as_sent).
pub(super) fn provider() -> CryptoProvider {
    CryptoProvider { cipher_suites: SUITES.iter().map(SupportedCipherSuite::Tls12).collect(), ..small_hello() }
}

/// A hello of our library's as it is to be sent; whatever else is as it was.
pub(super) fn as_sent(hello: &[u8]) -> Vec<u8> {
    without_supported_versions(hello).unwrap_or_else(|| hello.to_vec())
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

/// One for each.
static TRANSCRIPTS: LazyLock<Vec<Transcript>> =
    LazyLock::new(|| LIBRARY.iter().map(|suite| Transcript(suite.common.hash_provider)).collect());

/// The same with these.
static SUITES: LazyLock<Vec<Tls12CipherSuite>> = LazyLock::new(|| {
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
    LIBRARY.iter().zip(TRANSCRIPTS.iter()).map(with).collect()
});

/// Hashes a handshake as it was sent.
struct Transcript(&'static dyn Hash);

impl Hash for Transcript {
    fn start(&self) -> Box<dyn Context> {
        Box::new(Hashing { context: self.0.start(), begun: false })
    }

    fn hash(&self, data: &[u8]) -> Output {
        self.0.hash(data)
    }

    fn output_len(&self) -> usize {
        self.0.output_len()
    }

    fn algorithm(&self) -> HashAlgorithm {
        self.0.algorithm()
    }
}

/// Of which the hello is what comes first, as a whole.
struct Hashing {
    context: Box<dyn Context>,
    begun: bool,
}

impl Context for Hashing {
    fn fork_finish(&self) -> Output {
        self.context.fork_finish()
    }

    fn fork(&self) -> Box<dyn Context> {
        Box::new(Self { context: self.context.fork(), begun: self.begun })
    }

    fn finish(self: Box<Self>) -> Output {
        self.context.finish()
    }

    fn update(&mut self, data: &[u8]) {
        match std::mem::replace(&mut self.begun, true) {
            true => self.context.update(data),
            false => self.context.update(&as_sent(data)),
        }
    }
}
