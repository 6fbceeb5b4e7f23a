//! Bytes on the wire: pure encoders and parsers of what the prober and the responder exchange. No I/O.

pub mod websocket;
