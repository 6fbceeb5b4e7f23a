//! Random bytes and names.

use aws_lc_rs::rand;

use crate::observation::hex;

/// Random bytes. Where the system has no randomness (unheard of), zeroes: nothing here is a secret.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if rand::fill(&mut bytes).is_err() {
        tracing::warn!("the system gives no random bytes");
    }
    bytes
}

/// A client or device name that is not in use: a second login under a real device's name would disconnect that device.
pub(crate) fn name() -> String {
    format!("hubreach-{}", hex(&bytes::<6>()))
}
