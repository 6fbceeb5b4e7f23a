//! The values of options: what can be typed, and what to say of anything else.

use std::{
    error::Error,
    net::{IpAddr, SocketAddr},
    num::NonZeroUsize,
    path::{Path, PathBuf},
    str::FromStr,
};

use anstream::ColorChoice;
use clap::{
    ValueEnum,
    builder::{PossibleValue, PossibleValuesParser, TypedValueParser},
};
pub use hubreach::probe::parse::{address, name_server, timeout};
use hubreach::{
    hub::{Depth, HubKind, Protocol, Requirement, Role, Route},
    report::Format,
    responder::WsPath,
};

use super::{topic::Topic, value_parser::Words};

/// How a difference is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// For a person at a terminal
    Human,
    /// For programs: one object
    Json,
    /// For the ticket
    Markdown,
}

impl DiffFormat {
    /// The format that a file's suffix stands for.
    pub fn of_path(path: &Path) -> Option<Self> {
        match Format::of_path(path)? {
            Format::Human => Some(Self::Human),
            Format::Json => Some(Self::Json),
            Format::Markdown => Some(Self::Markdown),
            _ => None,
        }
    }
}

/// Whether what is printed has colours.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Color {
    /// On a terminal that has them, unless NO_COLOR says no
    Auto,
    /// In files and pipes too
    Always,
    /// Nowhere
    Never,
}

impl Color {
    /// Makes it so for all that is printed from now on.
    pub fn choose(self) {
        let choice = match self {
            Self::Auto => ColorChoice::Auto,
            Self::Always => ColorChoice::Always,
            Self::Never => ColorChoice::Never,
        };
        choice.write_global();
    }
}

/// How traced paths are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TraceFormat {
    /// A table for people
    Human,
    /// One object for programs
    Json,
    /// A page with a picture
    Html,
}

impl TraceFormat {
    /// The format that a file's suffix stands for.
    pub fn of_path(path: &Path) -> Option<Self> {
        match Format::of_path(path)? {
            Format::Human => Some(Self::Human),
            Format::Json => Some(Self::Json),
            Format::Html => Some(Self::Html),
            _ => None,
        }
    }
}

impl From<TraceFormat> for Format {
    fn from(format: TraceFormat) -> Self {
        match format {
            TraceFormat::Human => Self::Human,
            TraceFormat::Json => Self::Json,
            TraceFormat::Html => Self::Html,
        }
    }
}

/// A parser of these alone, each told in help as well.
fn described<T, const N: usize>(words: [(&'static str, &'static str); N]) -> impl TypedValueParser<Value = T>
where
    T: FromStr<Err: Error + Send + Sync + 'static> + Clone + Send + Sync + 'static,
{
    let words = words.map(|(word, help)| PossibleValue::new(word).help(help));
    PossibleValuesParser::new(words).try_map(|word| word.parse::<T>())
}

pub fn depths() -> impl TypedValueParser<Value = Depth> {
    described([
        (Depth::Connect.id(), "The TCP handshake"),
        (Depth::Tls.id(), "The TLS handshake"),
        (Depth::Exchange.id(), "The hub's answer in the protocol itself"),
    ])
}

pub fn roles() -> impl TypedValueParser<Value = Role> {
    described([
        (Role::Device.id(), "One device with a connection of its own"),
        (Role::Gateway.id(), "A gateway that multiplexes devices over one connection"),
    ])
}

pub fn protocols() -> Words<Protocol> {
    Words::of(Protocol::ALL, Protocol::id)
}

pub fn routes() -> Words<Route> {
    Words::of(Route::ALL, Route::id)
}

pub fn kinds() -> Words<HubKind> {
    Words::of(HubKind::ALL, HubKind::id)
}

pub fn formats() -> Words<Format> {
    Words::of(Format::ALL, Format::id)
}

pub fn topics() -> Words<Topic> {
    Words::new(Topic::words())
}

/// The requirements that are no list.
pub const WHOLE_REQUIREMENTS: [&str; 3] = ["any", "all", "none"];

pub fn requirements() -> Words<Requirement> {
    Words::new(WHOLE_REQUIREMENTS.into_iter().chain(Protocol::ALL.iter().map(|one| one.id())))
}

pub fn ports() -> Words<(Protocol, u16)> {
    Words::parsed(Protocol::ALL.iter().copied().map(with_port), |text| Ok(port(text)?))
}

/// The same of what [`any_port`] reads.
pub fn any_ports() -> Words<(Protocol, u16)> {
    let ports = Protocol::ALL.iter().copied().filter(|protocol| protocol.subprotocol().is_none());
    Words::parsed(ports.map(with_port), |text| Ok(any_port(text)?))
}

/// How a protocol's port begins. Clap keeps words for as long as the program runs.
fn with_port(protocol: Protocol) -> &'static str {
    format!("{protocol}=").leak()
}

/// `mqtt=18883`
fn port(text: &str) -> Result<(Protocol, u16), String> {
    match any_port(text)? {
        (protocol, 0) => Err(format!("a port is a number from 1 to 65535, for example {protocol}=18883")),
        other => Ok(other),
    }
}

/// The same, where 0 stands for any port that is free.
fn any_port(text: &str) -> Result<(Protocol, u16), String> {
    let (protocol, port) = text.split_once('=').ok_or("type PROTOCOL=PORT, for example mqtt=18883")?;
    let protocol = protocol.parse::<Protocol>().map_err(|error| error.to_string())?;
    let port = port.trim().parse::<u16>();
    Ok((protocol, port.map_err(|_| format!("a port is a number from 1 to 65535, for example {protocol}=18883"))?))
}

/// How many at a time.
pub fn count(text: &str) -> Result<NonZeroUsize, &'static str> {
    text.trim().parse().map_err(|_| "type a number of 1 or more, for example 8")
}

/// Where to serve: an address, and the port where one is given.
pub type Listen = (IpAddr, Option<u16>);

pub fn listen(text: &str) -> Result<Listen, &'static str> {
    let text = text.trim();
    let with_port = text.parse().map(|address: SocketAddr| (address.ip(), Some(address.port())));
    let hint = |_| "type an IP address, with a port or without, for example 0.0.0.0, 127.0.0.1:9877 or [::]:9877";
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    with_port.or_else(|_| bare.parse().map(|ip| (ip, None))).map_err(hint)
}

/// `/mqtt`, or `any`.
pub fn ws_path(text: &str) -> Result<WsPath, &'static str> {
    match text {
        "any" => Ok(WsPath::Any),
        path if path.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'?') => {
            Ok(WsPath::Only(path.to_owned()))
        }
        _ => Err("type a path that begins with /, for example --ws-path /mqtt, or any"),
    }
}

pub fn output(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    match Format::of_path(&path) {
        Some(_) => Ok(path),
        None => {
            let names: Vec<String> =
                Format::ALL.iter().copied().map(|format| format!("FILE.{}", format.suffix())).collect();
            Err(format!("the suffix says the format: type one of {}", names.join(", ")))
        }
    }
}

pub fn trace_output(text: &str) -> Result<PathBuf, &'static str> {
    let path = PathBuf::from(text);
    match TraceFormat::of_path(&path) {
        Some(_) => Ok(path),
        None => Err("the suffix says the format: type FILE.txt, FILE.json or FILE.html"),
    }
}

pub fn diff_output(text: &str) -> Result<PathBuf, &'static str> {
    let path = PathBuf::from(text);
    match DiffFormat::of_path(&path) {
        Some(_) => Ok(path),
        None => Err("the suffix says the format: type one of FILE.txt, FILE.json, FILE.md"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_to_listen_on_has_a_port_or_none() {
        for (typed, ip, port) in [
            ("0.0.0.0", "0.0.0.0", None),
            ("127.0.0.1:9877", "127.0.0.1", Some(9877)),
            ("::1", "::1", None),
            ("[::]", "::", None),
            (" [::]:0 ", "::", Some(0)),
        ] {
            assert_eq!(listen(typed), Ok((ip.parse().expect(ip), port)), "{typed}");
        }
        for typed in ["", "9877", ":9877", "localhost", "127.0.0.1:", "127.0.0.1:65536"] {
            assert!(listen(typed).is_err(), "{typed}");
        }
    }
}
