//! The cases.

use std::fmt;

use hubreach::hub::{HubHost, NoProxy};

use self::Program::{Curl, Requests, Urllib};

/// A list, a hub, and who goes to the hub without the proxy.
#[derive(Debug)]
pub struct Case {
    /// The value of `NO_PROXY`.
    pub list: &'static str,
    /// The hub's host, as a URL has it.
    pub host: &'static str,
    pub port: u16,
    /// Whether we do.
    pub exempt: bool,
    /// Who does not do as we do.
    pub others: &'static [Other],
}

/// A program that does otherwise.
#[derive(Debug)]
pub struct Other {
    program: Program,
    /// Some of its versions do as we do.
    varies: bool,
    /// Why it does, and we do not follow it.
    why: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    Curl,
    Urllib,
    Requests,
}

impl Case {
    pub fn url(&self) -> String {
        format!("https://{}/", self.authority())
    }

    pub fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NO_PROXY={:?} {}", self.list, self.authority())
    }
}

/// Whether we read the lists as the table has it.
pub fn ours() -> Result<(), String> {
    all(CASES.iter().filter_map(|case| {
        let host = HubHost::parse(case.host).map_err(|error| error.to_string());
        let exempt = host.map(|host| NoProxy::parse(case.list).exempts(&host, case.port).is_some());
        (exempt != Ok(case.exempt)).then(|| format!("{case}: {exempt:?}"))
    }))
}

/// Whether a program does as we do, but for what the table lists.
pub fn compare(program: Program, exempt: &[bool]) -> Result<(), String> {
    all(CASES.iter().zip(exempt).filter_map(|(case, exempt)| {
        let does = if *exempt { "exempts" } else { "does not exempt" };
        match case.others.iter().find(|other| other.program == program) {
            None if *exempt != case.exempt => Some(format!("{program:?} {does}: {case}")),
            Some(other) if *exempt == case.exempt && !other.varies => {
                Some(format!("{program:?} {does}, as we do, where the table says otherwise ({}): {case}", other.why))
            }
            _ => None,
        }
    }))
}

fn all(wrong: impl Iterator<Item = String>) -> Result<(), String> {
    let wrong: Vec<_> = wrong.collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

const fn case(list: &'static str, host: &'static str, port: u16, exempt: bool, others: &'static [Other]) -> Case {
    Case { list, host, port, exempt, others }
}

impl Other {
    const fn new(program: Program, why: &'static str) -> Self {
        Self { program, varies: false, why }
    }

    const fn of_some_versions(program: Program, why: &'static str) -> Self {
        Self { program, varies: true, why }
    }
}

const ALONE: &[Other] = &[
    Other::new(Curl, "`*` counts alone; Go reads it among others, and who writes it means every host"),
    Other::new(Urllib, "as curl"),
    Other::new(Requests, "as curl"),
];
const STAR: &[Other] = &[
    Other::new(
        Curl,
        "`*` in a name is a character; Go and browsers read it as we do, and who writes it means the domain",
    ),
    Other::new(Urllib, "as curl"),
    Other::new(Requests, "as curl"),
];
const STAR_PORT: &[Other] = &[
    Other::new(Curl, "it knows no ports"),
    Other::new(Urllib, "`*` counts alone; a port limits every other entry, so it limits this one"),
    Other::new(Requests, "as urllib"),
];
const ENDINGS: &[Other] =
    &[Other::of_some_versions(Requests, "older versions compare endings, whatever is before them")];
const DOTS: &[Other] = &[
    Other::new(Urllib, "all dots at the beginning go; two are an error, which curl does not correct either"),
    Other::new(Requests, "as urllib"),
];
const LAST_DOT: &[Other] = &[
    Other::new(Urllib, "a dot at the end makes another name; to DNS and to curl it is the same"),
    Other::new(Requests, "as urllib"),
];
const SPACES: &[Other] = &[
    Other::of_some_versions(Curl, "newer versions stop at a space without a comma"),
    Other::new(Urllib, "commas alone separate; lists with spaces are usual, and no host has one in its name"),
    Other::new(Requests, "it removes spaces, which makes one entry of two"),
];
const CURL_PORTS: &[Other] =
    &[Other::new(Curl, "it knows no ports; Python and Go do, and the entry can mean nothing else")];
const PORTS: &[Other] = &[
    Other::new(Curl, "it knows no ports"),
    Other::new(Requests, "it knows ports of names alone; urllib and Go know those of addresses"),
];
const PARTS: &[Other] = &[
    Other::new(Urllib, "it compares an address as if it were a name; no part of an address is a domain"),
    Other::new(Requests, "as urllib"),
];
const NO_BRACKETS: &[Other] =
    &[Other::new(Urllib, "it knows IPv6 in brackets alone; curl and requests know it without")];
const BRACKETS: &[Other] = &[
    Other::of_some_versions(Curl, "it knows IPv6 without brackets alone; urllib knows it with them"),
    Other::new(Requests, "as curl"),
];
const TEXT: &[Other] = &[
    Other::of_some_versions(Curl, "it compares text before version 8; the address is the same"),
    Other::new(Urllib, "it compares text"),
    Other::new(Requests, "it compares text"),
];
const NETWORKS: &[Other] = &[Other::new(Urllib, "it knows no networks; curl, requests and Go do")];
const NETWORKS_V6: &[Other] = &[
    Other::of_some_versions(Curl, "some versions know networks of IPv4 alone, or whole bytes of a prefix alone"),
    Other::new(Urllib, "it knows no networks"),
    Other::new(Requests, "it knows networks of IPv4 alone; Go knows both"),
];
const NO_BITS: &[Other] = &[
    Other::of_some_versions(Curl, "it takes a prefix of no bits for none; Go takes it as it is"),
    Other::new(Urllib, "it knows no networks"),
    Other::new(Requests, "it refuses a prefix of no bits"),
];
const NO_NUMBER: &[Other] =
    &[Other::of_some_versions(Curl, "it takes a prefix that is not a number for none; nobody else does")];

pub const CASES: &[Case] = &[
    // Everything.
    case("*", "hub.test", 443, true, &[]),
    case("*", "192.0.2.1", 443, true, &[]),
    case(" * ", "hub.test", 443, true, ALONE),
    case("other.test,*", "hub.test", 443, true, ALONE),
    case("", "hub.test", 443, false, &[]),
    case(" , ", "hub.test", 443, false, &[]),
    case(".", "hub.test", 443, false, &[]),
    // Names and domains.
    case("hub.test", "hub.test", 443, true, &[]),
    case("hub.test", "a.hub.test", 443, true, &[]),
    case("hub.test", "a.b.hub.test", 443, true, &[]),
    case("hub.test", "ahub.test", 443, false, ENDINGS),
    case("a.hub.test", "hub.test", 443, false, &[]),
    case("test", "hub.test", 443, true, &[]),
    case("hub", "hub.test", 443, false, &[]),
    case(".hub.test", "hub.test", 443, true, &[]),
    case(".hub.test", "a.hub.test", 443, true, &[]),
    case(".hub.test", "ahub.test", 443, false, &[]),
    case("..hub.test", "a.hub.test", 443, false, DOTS),
    case("*.hub.test", "a.hub.test", 443, true, STAR),
    case("*.hub.test", "hub.test", 443, false, &[]),
    case("*hub.test", "ahub.test", 443, false, &[]),
    case("hub.*", "hub.test", 443, false, &[]),
    case("HUB.Test", "hub.test", 443, true, &[]),
    case("hub.test", "HUB.Test", 443, true, &[]),
    case("hub.test.", "hub.test", 443, true, LAST_DOT),
    case("hub.test", "hub.test.", 443, true, LAST_DOT),
    case("localhost", "localhost", 443, true, &[]),
    case("other.test", "localhost", 443, false, &[]),
    case("other.test", "127.0.0.1", 443, false, &[]),
    // Separators.
    case("other.test,hub.test", "hub.test", 443, true, &[]),
    case("other.test, hub.test", "hub.test", 443, true, &[]),
    case("other.test ,hub.test ", "hub.test", 443, true, &[]),
    case("other.test,,hub.test,", "hub.test", 443, true, &[]),
    case("other.test hub.test", "hub.test", 443, true, SPACES),
    case("other.test;hub.test", "hub.test", 443, false, &[]),
    // Ports.
    case("hub.test:443", "hub.test", 443, true, CURL_PORTS),
    case("hub.test:8883", "hub.test", 8883, true, CURL_PORTS),
    case("hub.test:443", "hub.test", 8883, false, &[]),
    case(".hub.test:8883", "a.hub.test", 8883, true, CURL_PORTS),
    case("192.0.2.1:8883", "192.0.2.1", 8883, true, PORTS),
    case("192.0.2.1:443", "192.0.2.1", 8883, false, &[]),
    case("[2001:db8::1]:8883", "[2001:db8::1]", 8883, true, PORTS),
    case("*:8883", "hub.test", 8883, true, STAR_PORT),
    // Addresses.
    case("192.0.2.1", "192.0.2.1", 443, true, &[]),
    case("192.0.2.1", "192.0.2.10", 443, false, &[]),
    case("0.2.1", "192.0.2.1", 443, false, PARTS),
    case(".2.1", "192.0.2.1", 443, false, PARTS),
    case("192.0.2.", "192.0.2.1", 443, false, &[]),
    case("2001:db8::1", "[2001:db8::1]", 443, true, NO_BRACKETS),
    case("[2001:db8::1]", "[2001:db8::1]", 443, true, BRACKETS),
    case("2001:DB8:0::1", "[2001:db8::1]", 443, true, TEXT),
    case("2001:db8::2", "[2001:db8::1]", 443, false, &[]),
    // Networks.
    case("192.0.2.0/24", "192.0.2.77", 443, true, NETWORKS),
    case("192.0.2.99/24", "192.0.2.77", 443, true, NETWORKS),
    case("192.0.2.0/24", "198.51.100.1", 443, false, &[]),
    case("192.0.2.0/31", "192.0.2.2", 443, false, &[]),
    case("192.0.2.1/32", "192.0.2.1", 443, true, NETWORKS),
    case("192.0.2.1/32", "192.0.2.2", 443, false, &[]),
    case("0.0.0.0/0", "192.0.2.1", 443, true, NO_BITS),
    case("192.0.2.1/33", "192.0.2.1", 443, false, &[]),
    case("192.0.2.1/x", "192.0.2.1", 443, false, NO_NUMBER),
    case("192.0.2.0/255.255.255.0", "192.0.2.1", 443, false, &[]),
    case("192.0.2/24", "192.0.2.1", 443, false, &[]),
    case("2001:db8::/32", "[2001:db8::1]", 443, true, NETWORKS_V6),
    case("2001:db8::/32", "[2001:db9::1]", 443, false, &[]),
    case("2001:db8::/33", "[2001:db8::1]", 443, true, NETWORKS_V6),
    case("::/0", "[2001:db8::1]", 443, true, NETWORKS_V6),
    // What is none of these.
    case("https://hub.test", "hub.test", 443, false, &[]),
    case("hub.test/path", "hub.test", 443, false, &[]),
];
