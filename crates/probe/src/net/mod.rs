//! Sockets and protocols: TCP, TLS and who is at its other end, WebSocket, DNS messages, packets along a path, the operating
//! system. Each knows the deadline, and none knows what a run is.

pub(crate) mod certificate;
pub mod clock;
pub(crate) mod connect;
pub(crate) mod connection;
pub(crate) mod dns;
pub(crate) mod ending;
pub(crate) mod families;
pub(crate) mod guard;
pub(crate) mod os;
pub(crate) mod path;
pub(crate) mod pem;
pub(crate) mod proxy_hints;
mod quoted;
pub(crate) mod random;
pub(crate) mod recording_stream;
pub(crate) mod response;
pub(crate) mod roots;
pub(crate) mod run_control;
pub(crate) mod small_hello;
pub(crate) mod stage_clock;
pub mod thread;
pub(crate) mod tls;
pub(crate) mod tls_1_2;
pub(crate) mod transfer_meter;
pub(crate) mod transport;
pub(crate) mod trust;
pub(crate) mod tunnel;
pub(crate) mod verify;
pub(crate) mod websocket;
