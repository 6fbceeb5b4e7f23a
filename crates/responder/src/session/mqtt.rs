//! MQTT 3.1.1 and 5 as far as a refusal (OASIS MQTT 3.1.1, section 3; OASIS MQTT 5, section 3.2).

use std::mem;

use super::reply::{MAX_BUFFERED, Reply};
use crate::wire::{Parsed, mqtt};

/// Not authorised, in 3.1.1.
const NOT_AUTHORISED: u8 = 5;
/// Unacceptable protocol version, in 3.1.1.
const BAD_VERSION: u8 = 1;
/// Not authorised, in 5.
const NOT_AUTHORISED_5: u8 = 0x87;
const PINGRESP: [u8; 2] = [0xd0, 0x00];

/// A CONNACK without its code.
pub(super) const INCOMPLETE: &[u8] = &[0x20, 0x02, 0x00];

/// One client's conversation.
#[derive(Debug, Default)]
pub struct MqttSession {
    buffer: Vec<u8>,
    /// Instead of the refusal.
    code: Option<u8>,
    connected: bool,
    done: bool,
}

impl MqttSession {
    /// The same; a CONNECT gets this code.
    pub fn with_code(self, code: u8) -> Self {
        Self { code: Some(code), ..self }
    }

    /// Takes what came, in pieces of any size, and gives what to send.
    pub fn receive(&mut self, bytes: &[u8]) -> Reply {
        let mut reply = Reply { bytes: Vec::new(), done: self.done };
        if self.done {
            return reply;
        }
        let mut buffer = mem::take(&mut self.buffer);
        buffer.extend(bytes);
        let mut rest = buffer.as_slice();
        while !reply.done {
            // The first packet must be a CONNECT ([MQTT-3.1.0-1]): nothing else is waited for.
            if !self.connected && rest.first().is_some_and(|first| *first != mqtt::CONNECT << 4) {
                reply.done = true;
                break;
            }
            match mqtt::packet(rest, MAX_BUFFERED) {
                Parsed::Incomplete => break,
                Parsed::Mismatch => reply.done = true,
                Parsed::Done((packet, length)) => {
                    let (sent, done) = self.answer(packet.kind, packet.body);
                    reply.bytes.extend(sent);
                    reply.done = done;
                    rest = &rest[length..];
                }
            }
        }
        self.buffer = rest.to_vec();
        self.done = reply.done;
        reply
    }

    fn answer(&mut self, kind: u8, body: &[u8]) -> (Vec<u8>, bool) {
        match (self.connected, kind) {
            (false, mqtt::CONNECT) => {
                let answer = self.connack(body);
                self.connected = self.code == Some(0);
                (answer, !self.connected)
            }
            (true, mqtt::PINGREQ) => (PINGRESP.to_vec(), false),
            // The rest of an accepted session is accepted too, without a word; a second CONNECT is an error.
            (true, kind) => (Vec::new(), matches!(kind, mqtt::CONNECT | mqtt::DISCONNECT_KIND)),
            (false, _) => (Vec::new(), true),
        }
    }

    fn connack(&self, body: &[u8]) -> Vec<u8> {
        match mqtt::protocol_level(body) {
            Some(4) => vec![0x20, 0x02, 0x00, self.code.unwrap_or(NOT_AUTHORISED)],
            Some(5) => vec![0x20, 0x03, 0x00, self.code.unwrap_or(NOT_AUTHORISED_5), 0x00],
            Some(_) => vec![0x20, 0x02, 0x00, BAD_VERSION],
            None => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connect() -> Vec<u8> {
        mqtt::connect("device", Some("hub/device"))
    }

    fn refused(bytes: &[u8]) -> Reply {
        Reply { bytes: bytes.to_vec(), done: true }
    }

    #[test]
    fn a_connect_in_pieces_is_refused_once_it_is_complete() {
        let connect = connect();
        let mut session = MqttSession::default();
        let (last, start) = connect.split_last().unwrap();
        for byte in start {
            assert_eq!(session.receive(&[*byte]), Reply::default());
        }
        assert_eq!(session.receive(&[*last]), refused(&[0x20, 2, 0, 5]));
        assert_eq!(session.receive(&connect), refused(&[]));
    }

    #[test]
    fn each_version_is_refused_in_its_own_words() {
        let level = |level| {
            let mut connect = connect();
            connect[8] = level;
            connect
        };
        assert_eq!(MqttSession::default().receive(&level(5)), refused(&[0x20, 3, 0, 0x87, 0]));
        assert_eq!(MqttSession::default().receive(&level(9)), refused(&[0x20, 2, 0, 1]));
        let old = b"\x10\x0f\x00\x06MQIsdp\x03\x02\x00\x3c\x00\x01x";
        assert_eq!(MqttSession::default().receive(old), refused(&[0x20, 2, 0, 1]));
    }

    #[test]
    fn an_accepted_client_is_answered_until_it_leaves() {
        let mut session = MqttSession::default().with_code(0);
        let mut bytes = connect();
        bytes.extend([0xc0, 0]);
        assert_eq!(session.receive(&bytes), Reply { bytes: vec![0x20, 2, 0, 0, 0xd0, 0], done: false });
        assert_eq!(session.receive(&[0xe0, 0]), refused(&[]));
    }

    #[test]
    fn what_is_no_connect_ends_the_conversation() {
        for wrong in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0x30, 0], &[0x10, 0xff, 0xff, 0xff, 0x7f], &[0x10, 2, 0, 9]] {
            assert_eq!(MqttSession::default().receive(wrong), refused(&[]), "{wrong:?}");
        }
    }
}
