//! What a peer that means it ill can send for ever.

/// One way to keep sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flood {
    /// Bytes that are no TLS, in TLS's place.
    Garbage,
    /// The pieces of a handshake message that never ends, a byte each.
    Fragments,
    /// TLS 1.3 session tickets, in the answer's place.
    Tickets,
    /// TLS records without content.
    EmptyRecords,
    /// HTTP answers that are to be passed over.
    InterimAnswers,
    /// The same, full of the marks at which credentials are looked for.
    MarkedAnswers,
    /// One HTTP header.
    Header,
    /// An HTTP body.
    Body,
    /// An MQTT packet that is not the one waited for.
    Publish,
    /// The offer of SASL, and then AMQP frames.
    AmqpFrames,
    /// WebSocket pings, as long as they may be.
    Pings,
    /// WebSocket pongs that answer nothing.
    Pongs,
    /// WebSocket messages without a byte.
    EmptyBinary,
    EmptyText,
    /// A WebSocket message whose pieces are empty.
    Continuations,
}

/// Content types of TLS (RFC 8446, section 5.1).
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;
/// A piece of a flood, in bytes, where nothing else decides.
const PIECE: usize = 16 * 1024;

/// A ticket (RFC 8446, section 4.6.1): lifetime, age, nonce, the ticket itself, no extensions.
const TICKET: [u8; 26] = [4, 0, 0, 22, 0, 0, 14, 16, 0, 0, 0, 0, 1, 7, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0];

/// What is sent over and over inside TLS: records, each a content type and its content.
pub struct Piece {
    pub content_type: u8,
    pub content: Vec<u8>,
    /// So many records at a time.
    pub records: usize,
}

impl Flood {
    /// What is sent instead of TLS, over and over, after something else once.
    pub fn instead_of_tls(self) -> Option<(Vec<u8>, Vec<u8>)> {
        match self {
            Self::Garbage => Some((Vec::new(), vec![b'A'; PIECE])),
            // The beginning of a ServerHello of 65,532 bytes.
            Self::Fragments => Some((vec![22, 3, 3, 0, 4, 2, 0, 0xff, 0xfc], [22, 3, 3, 0, 1, 0].repeat(PIECE / 6))),
            _ => None,
        }
    }

    /// Whether it is sent inside an open WebSocket rather than in the place of an HTTP answer.
    pub fn is_of_websocket(self) -> bool {
        use Flood::{Continuations, EmptyBinary, EmptyText, Pings, Pongs, Tickets};
        matches!(self, Tickets | Pings | Pongs | EmptyBinary | EmptyText | Continuations)
    }

    /// How the answer begins.
    pub fn beginning(self) -> &'static [u8] {
        match self {
            Self::Header => b"HTTP/1.1 200 OK\r\nX-Endless: ",
            Self::Body => b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n",
            Self::Publish => b"\x30\xff\xff\xff\x7f",
            Self::AmqpFrames => b"AMQP\x03\x01\x00\x00",
            Self::Continuations => b"\x02\x00",
            _ => b"",
        }
    }

    /// How it goes on.
    pub fn piece(self) -> Piece {
        let content = match self {
            Self::Tickets => {
                return Piece { content_type: HANDSHAKE, content: TICKET.repeat(16), records: 32 };
            }
            Self::EmptyRecords => return Piece { content_type: APPLICATION_DATA, content: Vec::new(), records: 500 },
            Self::InterimAnswers => b"HTTP/1.1 100 Continue\r\n\r\n".repeat(PIECE / 25),
            Self::MarkedAnswers => [marked("@"), marked("?")].concat().into_bytes(),
            Self::AmqpFrames => b"\x00\x00\x00\x08\x02\x00\x00\x00".repeat(PIECE / 8),
            Self::Pings => [&[0x89, 125][..], &[b'a'; 125]].concat().repeat(PIECE / 127),
            Self::Pongs => b"\x8a\x00".repeat(PIECE / 2),
            Self::EmptyBinary => b"\x82\x00".repeat(PIECE / 2),
            Self::EmptyText => b"\x81\x00".repeat(PIECE / 2),
            Self::Continuations => b"\x00\x00".repeat(PIECE / 2),
            Self::Garbage | Self::Fragments | Self::Header | Self::Body | Self::Publish => vec![b'A'; PIECE],
        };
        Piece { content_type: APPLICATION_DATA, content, records: 1 }
    }
}

/// Half of the largest TLS record at most.
fn marked(mark: &str) -> String {
    let header = format!("Server: {}\r\n", mark.repeat(500));
    format!("HTTP/1.1 100 {}\r\n{}\r\n", mark.repeat(480), header.repeat(10))
}
