//! What both messages have in common: numbers on the wire, and how they are read.

/// A record that holds handshake messages (RFC 8446, section 5.1).
pub(super) const HANDSHAKE: u8 = 22;

/// Extensions that both messages may hold (IANA's registry of TLS extension types).
pub(super) const SUPPORTED_VERSIONS: u16 = 43;
pub(super) const KEY_SHARE: u16 = 51;

/// As numbers on the wire.
pub(super) const TLS_1_2: u16 = 0x0303;
pub(super) const TLS_1_3: u16 = 0x0304;

/// Takes what it is asked for off the front; `None` where so much is not there.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn number(&mut self) -> Option<u16> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u16::from_be_bytes(*number))
    }
}
