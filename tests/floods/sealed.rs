//! TLS 1.3 records of any content (RFC 8446, section 5.2), with the keys of a handshake that a library made: no library sends
//! what is wanted here.

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use rustls::{ConnectionTrafficSecrets, ServerConnection};

/// What protected records look like from outside: application data of TLS 1.2.
const OUTSIDE: [u8; 3] = [23, 3, 3];

pub struct Sealer {
    key: LessSafeKey,
    iv: [u8; 12],
    sequence: u64,
}

impl Sealer {
    /// Goes on where `connection` ends, of which everything must have been sent.
    pub fn after(connection: ServerConnection) -> Self {
        let (sequence, secrets) = connection.dangerous_extract_secrets().expect("enabled").tx;
        let ConnectionTrafficSecrets::Aes128Gcm { key, iv } = secrets else { panic!("the one suite that is offered") };
        let key = UnboundKey::new(&AES_128_GCM, key.as_ref()).expect("a key of its length");
        let iv = iv.as_ref().try_into().expect("as long as every nonce");
        Self { key: LessSafeKey::new(key), iv, sequence }
    }

    /// Appends a record that holds `content` to `out`.
    pub fn seal(&mut self, content_type: u8, content: &[u8], out: &mut Vec<u8>) {
        let mut nonce = self.iv;
        for (byte, of_sequence) in nonce[4..].iter_mut().zip(self.sequence.to_be_bytes()) {
            *byte ^= of_sequence;
        }
        self.sequence += 1;
        let length = u16::try_from(content.len() + 1 + AES_128_GCM.tag_len()).expect("not too long for a record");
        let start = out.len();
        out.extend(OUTSIDE);
        out.extend(length.to_be_bytes());
        let header = Aad::from(<[u8; 5]>::try_from(&out[start..]).expect("a header"));
        let inside = out.len();
        out.extend_from_slice(content);
        out.push(content_type);
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = self.key.seal_in_place_separate_tag(nonce, header, &mut out[inside..]).expect("sealed");
        out.extend_from_slice(tag.as_ref());
    }
}
