//! Second measurements, which tell apart causes that look the same at first.

mod clock;
mod dns;
mod frames;
mod hello;
mod hello_path;
mod local_drops;
mod path;
mod portal;
mod repeat;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use clock::{Clock, VerdictThen};
pub use dns::{Dns, DnsAnswer, DnsQuery, DnsRecord, DnsTransport};
pub use frames::{Frame, FrameOutcome, FrameTrial, Frames};
pub use hello::{Answer, HelloTrial, Hellos};
pub use hello_path::{HelloPath, HelloProbe, HopAnswer};
pub use local_drops::{LocalDrops, LocalRound};
pub use path::{Path, PathProbe, ProbeAnswer, Trace};
pub use portal::{ClearAnswer, Portal};
pub use repeat::Repeat;

/// One experiment: when it ran, and what it showed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Experiment {
    /// From the start of the run to its own, in milliseconds.
    pub started_after_ms: f64,
    /// How long it took, in milliseconds.
    pub duration_ms: f64,
    /// What it showed.
    #[serde(flatten)]
    pub shown: Shown,
}

/// What an experiment showed, by its kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Map<String, Value>", into = "Map<String, Value>")]
pub enum Shown {
    /// One that this version knows.
    Known(Kind),
    /// One of a newer version, kept as it is.
    Other(Map<String, Value>),
}

/// The experiments that this version makes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Kind {
    /// The hub's name, asked for at each name server apart.
    Dns(Dns),
    /// Names that nobody has, asked for where something else than the hub answers.
    DnsWildcard(Dns),
    /// The same hello with the hub's name, another name and none.
    ServerName(Hellos),
    /// How far hellos get with the hub's name, and with another.
    HelloPath(HelloPath),
    /// The same hello over smaller TCP segments.
    SegmentSize(Hellos),
    /// A small hello, and one as large as post-quantum key exchange makes it.
    HelloSize(Hellos),
    /// TLS 1.2 and TLS 1.3 apart.
    TlsVersion(Hellos),
    /// A hello with another name than the hub's, for the certificate that it gets.
    Issuer(Hellos),
    /// The hello with and without application protocols (ALPN).
    Alpn(Hellos),
    /// A climb made again.
    Repeat(Repeat),
    /// What time it is at the other end.
    Clock(Clock),
    /// What answers in clear on port 80.
    Portal(Portal),
    /// What passes inside an open WebSocket.
    WebsocketFrames(Frames),
    /// Where on the path SYNs end.
    Path(Path),
    /// Whether this machine itself drops what it sends.
    LocalDrops(LocalDrops),
}

impl Kind {
    /// The word used in JSON.
    pub const ALL: &[&str] = &[
        "dns",
        "dns-wildcard",
        "server-name",
        "hello-path",
        "segment-size",
        "hello-size",
        "tls-version",
        "issuer",
        "alpn",
        "repeat",
        "clock",
        "portal",
        "websocket-frames",
        "path",
        "local-drops",
    ];
}

impl TryFrom<Map<String, Value>> for Shown {
    type Error = serde_json::Error;

    /// What bears a known kind must be well-formed; what does not is none of our business.
    fn try_from(mut map: Map<String, Value>) -> Result<Self, Self::Error> {
        // `flatten` hands on only the keys that the struct around has not taken.
        let known = map.get("kind").and_then(Value::as_str).is_some_and(|kind| Kind::ALL.contains(&kind));
        if known {
            return serde_json::from_value(Value::Object(std::mem::take(&mut map))).map(Self::Known);
        }
        Ok(Self::Other(map))
    }
}

impl From<Shown> for Map<String, Value> {
    fn from(shown: Shown) -> Self {
        match shown {
            Shown::Known(kind) => match serde_json::to_value(kind) {
                Ok(Value::Object(map)) => map,
                // Every kind is a struct, and a struct becomes an object.
                _ => Map::new(),
            },
            Shown::Other(map) => map,
        }
    }
}

impl Experiment {
    /// What it showed, where this version knows its kind.
    pub fn known(&self) -> Option<&Kind> {
        match &self.shown {
            Shown::Known(kind) => Some(kind),
            Shown::Other(_) => None,
        }
    }
}
