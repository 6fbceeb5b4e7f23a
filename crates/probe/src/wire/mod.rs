//! Bytes on the wire, and in files: pure encoders and parsers of what the prober and the responder exchange. No I/O.
//!
//! A parser is given all that has come so far and says [`Parsed`]: it may be asked again with more. Nothing a peer
//! sends makes one panic or allocate more than it was given.

pub mod amqp;
pub mod amqp_frame;
pub mod connect;
pub mod http;
pub mod mqtt;
pub mod socks;
pub mod text;
pub mod tls;
pub mod websocket;
pub mod x509;

/// What a parser makes of the bytes so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parsed<T> {
    /// Right so far, but not complete.
    Incomplete,
    /// Complete.
    Done(T),
    /// No further byte can make this right.
    Mismatch,
}

impl<T> Parsed<T> {
    /// Changes what a complete parse gives.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Parsed<U> {
        match self {
            Self::Incomplete => Parsed::Incomplete,
            Self::Done(value) => Parsed::Done(change(value)),
            Self::Mismatch => Parsed::Mismatch,
        }
    }
}
