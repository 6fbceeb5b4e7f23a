//! AMQP 1.0 as far as a refusal (OASIS AMQP 1.0, sections 2.2, 2.4 and 5.3).

use std::mem;

use super::reply::{MAX_BUFFERED, Reply};
use crate::wire::{
    Parsed,
    amqp::SASL_HEADER,
    amqp_frame::{
        AMQP, CLOSE, ERROR, Frame, OPEN, SASL, SASL_INIT, SASL_OUTCOME, described, frame, framed, null, string, symbol,
        ubyte, uint, ushort,
    },
};

/// The protocol header without security layers (section 2.2).
const AMQP_HEADER: [u8; 8] = *b"AMQP\x00\x01\x00\x00";

/// What a real hub offers, byte by byte.
const OFFER: &[u8] = b"\x00\x00\x00\x3f\x02\x01\x00\x00\x00\x53\x40\xc0\x32\x01\xe0\x2f\x04\xb3\
    \x00\x00\x00\x08EXTERNAL\x00\x00\x00\x07MSSBCBS\x00\x00\x00\x09ANONYMOUS\x00\x00\x00\x05PLAIN";

/// The header's echo, and a frame of 4,096 bytes that never ends.
pub(super) const INCOMPLETE: &[u8] = b"AMQP\x03\x01\x00\x00\x00\x00\x10\x00\x02\x01\x00\x00\x00\x53\x40\xd0";

/// Outcomes of SASL (section 5.3.3.6).
const SASL_OK: u8 = 0;
const SASL_AUTH: u8 = 1;

/// One client's conversation.
#[derive(Debug, Default)]
pub struct AmqpSession {
    buffer: Vec<u8>,
    state: State,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the client's header.
    #[default]
    Start,
    /// The mechanisms are offered.
    Sasl,
    /// Login is done; before the second header.
    LoggedIn,
    /// Before `open`.
    Header,
    /// `close` is sent, the client's is waited for.
    Closing,
    Done,
}

impl AmqpSession {
    /// Takes what came, in pieces of any size, and gives what to send.
    pub fn receive(&mut self, bytes: &[u8]) -> Reply {
        let mut buffer = mem::take(&mut self.buffer);
        buffer.extend(bytes);
        let mut rest = buffer.as_slice();
        let mut sent = Vec::new();
        while self.state != State::Done {
            match self.step(rest) {
                Parsed::Incomplete => break,
                Parsed::Mismatch => self.state = State::Done,
                Parsed::Done((reply, length)) => {
                    sent.extend(reply);
                    rest = &rest[length..];
                }
            }
        }
        self.buffer = rest.to_vec();
        Reply { bytes: sent, done: self.state == State::Done }
    }

    /// Takes one header or frame; gives the answer and the length taken.
    fn step(&mut self, bytes: &[u8]) -> Parsed<(Vec<u8>, usize)> {
        match self.state {
            State::Start | State::LoggedIn => self.header(bytes),
            State::Sasl | State::Header | State::Closing => {
                let parsed = frame(bytes, MAX_BUFFERED);
                parsed.map(|(frame, length)| (self.answer(&frame), length))
            }
            State::Done => Parsed::Incomplete,
        }
    }

    fn header(&mut self, bytes: &[u8]) -> Parsed<(Vec<u8>, usize)> {
        if bytes.iter().zip(b"AMQP").any(|(has, wanted)| has != wanted) {
            return Parsed::Mismatch;
        }
        let Some((header, _)) = bytes.split_first_chunk::<8>() else {
            return Parsed::Incomplete;
        };
        let reply = match (self.state, *header) {
            (State::Start, SASL_HEADER) => {
                self.state = State::Sasl;
                [&SASL_HEADER, OFFER].concat()
            }
            (State::LoggedIn, AMQP_HEADER) => {
                self.state = State::Header;
                AMQP_HEADER.to_vec()
            }
            // The header that would have been right, and the end (section 2.2).
            (state, _) => {
                self.state = State::Done;
                if state == State::Start { SASL_HEADER.to_vec() } else { AMQP_HEADER.to_vec() }
            }
        };
        Parsed::Done((reply, header.len()))
    }

    fn answer(&mut self, frame: &Frame) -> Vec<u8> {
        let (state, reply) = match (self.state, frame.kind, frame.performative) {
            (State::Sasl, SASL, Some(SASL_INIT)) => match frame.first_symbol.as_deref() {
                // Both leave the login to what comes after `open`.
                Some("ANONYMOUS" | "MSSBCBS") => (State::LoggedIn, outcome(SASL_OK)),
                _ => (State::Done, outcome(SASL_AUTH)),
            },
            (State::Header, AMQP, Some(OPEN)) => (State::Closing, [open(), close()].concat()),
            (State::Closing, AMQP, Some(CLOSE)) => (State::Done, Vec::new()),
            // Sent before our close was seen, or to keep the connection alive.
            (state @ (State::Closing | State::Header), AMQP, None) | (state @ State::Closing, AMQP, _) => {
                (state, Vec::new())
            }
            _ => (State::Done, Vec::new()),
        };
        self.state = state;
        reply
    }
}

fn outcome(code: u8) -> Vec<u8> {
    framed(SASL, &described(SASL_OUTCOME, &[ubyte(code)]))
}

fn open() -> Vec<u8> {
    let fields = [string("hubreach"), null(), uint(64 * 1024), ushort(255)];
    framed(AMQP, &described(OPEN, &fields))
}

fn close() -> Vec<u8> {
    let error = [symbol("amqp:unauthorized-access"), string("ErrorCode:IotHubUnauthorizedAccess;Unauthorized")];
    framed(AMQP, &described(CLOSE, &[described(ERROR, &error)]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::amqp;

    fn init(mechanism: &str) -> Vec<u8> {
        framed(SASL, &described(SASL_INIT, &[symbol(mechanism)]))
    }

    #[test]
    fn the_mechanisms_of_the_real_hub_are_offered() {
        let reply = AmqpSession::default().receive(&SASL_HEADER);
        let offered = ["EXTERNAL", "MSSBCBS", "ANONYMOUS", "PLAIN"].map(String::from).to_vec();
        assert_eq!(amqp::mechanisms(&reply.bytes), Parsed::Done(offered));
        assert!(!reply.done);
    }

    #[test]
    fn credentials_are_refused_by_sasl() {
        for mechanism in ["PLAIN", "EXTERNAL", "MADE-UP"] {
            let mut session = AmqpSession::default();
            session.receive(&SASL_HEADER);
            let reply = session.receive(&init(mechanism));
            assert_eq!(reply, Reply { bytes: outcome(1), done: true }, "{mechanism}");
        }
    }

    #[test]
    fn who_comes_without_credentials_is_refused_after_open() {
        let bytes = [
            &SASL_HEADER[..],
            &init("ANONYMOUS"),
            &AMQP_HEADER,
            &framed(AMQP, &described(OPEN, &[string("client")])),
            &framed(AMQP, &[]),
            &framed(AMQP, &described(CLOSE, &[])),
        ]
        .concat();
        let whole = AmqpSession::default().receive(&bytes);
        assert_eq!(whole.bytes, [&SASL_HEADER[..], OFFER, &outcome(0), &AMQP_HEADER, &open(), &close()].concat());
        assert!(whole.done);

        let mut session = AmqpSession::default();
        let pieces: Vec<u8> = bytes.iter().flat_map(|byte| session.receive(&[*byte]).bytes).collect();
        assert_eq!(pieces, whole.bytes);
    }

    #[test]
    fn another_protocol_ends_the_conversation() {
        let refused = |bytes: &[u8]| Reply { bytes: bytes.to_vec(), done: true };
        assert_eq!(AmqpSession::default().receive(&AMQP_HEADER), refused(&SASL_HEADER));
        assert_eq!(AmqpSession::default().receive(b"GET / HTTP/1.1\r\n"), refused(b""));
        let mut session = AmqpSession::default();
        session.receive(&SASL_HEADER);
        assert_eq!(session.receive(b"\xff\xff\xff\xff\x02\x01\x00\x00"), refused(b""));
    }
}
