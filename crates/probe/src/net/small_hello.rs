//! What a usual hello offers.

use rustls::crypto::{CryptoProvider, aws_lc_rs};

/// rustls would by default offer a post-quantum key share, in a hello of two segments that some middleboxes drop; most
/// devices send a small one, and what they see is what we test.
pub(crate) fn small_hello() -> CryptoProvider {
    use aws_lc_rs::kx_group::{SECP256R1, SECP384R1, X25519};
    CryptoProvider { kx_groups: vec![X25519, SECP256R1, SECP384R1], ..aws_lc_rs::default_provider() }
}
