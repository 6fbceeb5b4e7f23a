//! The two messages of TLS that are sent in clear before anything is agreed on: ClientHellos that offer more than our library
//! does, or say less, and what any ServerHello chooses (RFC 5246, section 7.4.1; RFC 8446, section 4.1).

mod client_hello;
mod edit;
mod server_hello;
mod suites;

pub use self::{
    client_hello::{Newest, client_hello},
    edit::{offering_tls_13, without_supported_versions},
    server_hello::{ServerHello, group_name, server_hello, version_name},
    suites::suite_name,
};

/// A record that holds handshake messages (RFC 8446, section 5.1).
const HANDSHAKE: u8 = 22;

/// Extensions that both messages may hold (IANA's registry of TLS extension types).
const SUPPORTED_VERSIONS: u16 = 43;
const KEY_SHARE: u16 = 51;

/// As numbers on the wire.
const TLS_1_2: u16 = 0x0303;
const TLS_1_3: u16 = 0x0304;

/// Takes what it is asked for off the front; `None` where so much is not there.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u16> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u16::from_be_bytes(*number))
    }
}
