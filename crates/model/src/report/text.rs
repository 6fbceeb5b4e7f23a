//! Words and lines that the formats for people share.

use std::net::IpAddr;

use textwrap::{WordSeparator, WordSplitter};

pub(super) use crate::diagnosis::text::{cut, listed};
use crate::diagnosis::{Location, Owner, Verdict};

/// In milliseconds.
const A_DAY: f64 = 24.0 * 3600.0 * 1000.0;

/// The longest text from outside that is shown: a peer must not fill the screen. The JSON holds all of it.
const LONGEST: usize = 400;

/// Text that may come from outside, made harmless and short enough to show.
pub(super) fn shown(text: &str) -> String {
    cut(&super::escape(text.trim()), LONGEST)
}

/// What is good in small letters, what is not in large ones: it shows without colour.
pub(super) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Declined => "DECLINED",
        Verdict::Blocked => "BLOCKED",
        good @ (Verdict::Allowed | Verdict::Unknown) => good.id(),
    }
}

/// A time in the unit that suits it.
pub(super) fn duration(millis: f64) -> String {
    match millis {
        millis if millis < 0.5 => "<1 ms".to_owned(),
        millis if millis < 1000.0 => format!("{millis:.0} ms"),
        millis if millis < A_DAY => format!("{:.1} s", millis / 1000.0),
        // No run takes so long; a file may say so.
        _ => ">1 day".to_owned(),
    }
}

/// Never more place than was seen: what stops the packets is the last router that answered, or what stands behind it.
pub(super) fn located(location: &Location) -> String {
    let in_brackets = |address: Option<IpAddr>| address.map(|ip| format!(" ({ip})")).unwrap_or_default();
    let of = location.of.map(|of| format!(" of {of}")).unwrap_or_default();
    let here = match location.hop {
        0 => "this machine".to_owned(),
        hop => format!("hop {hop}{of}{}", in_brackets(location.address)),
    };
    match &location.next {
        None => here,
        Some(next) if next.hop == location.hop.saturating_add(1) => {
            format!("{here} or right behind it{}", in_brackets(next.address))
        }
        Some(next) => format!("{here} or behind it, up to hop {}{}", next.hop, in_brackets(next.address)),
    }
}

/// Who can mend a cause.
pub(super) fn owner(owner: Owner) -> &'static str {
    match owner {
        Owner::Operator => "whoever runs this device",
        Owner::NetworkAdmin => "this network's administrator",
        Owner::FirewallOwner => "the firewall's owner",
        Owner::ProxyAdmin => "the gateway's administrator",
        Owner::SecurityTeam => "the security team",
        Owner::DnsAdmin => "the DNS administrator",
        Owner::HubOwner => "the hub's owner",
        Owner::Nobody => "nobody",
    }
}

/// `1 check`, `2 checks`.
pub(super) fn count(number: usize, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

/// `text` in lines of so many columns. Breaks at spaces alone: names are copied from the screen.
pub(super) fn lines(columns: usize, first: &str, next: &str, text: &str) -> String {
    let options = textwrap::Options::new(columns)
        .initial_indent(first)
        .subsequent_indent(next)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation);
    let wrapped = textwrap::wrap(text, options);
    wrapped.iter().map(|line| line.trim_end().replace('\u{a0}', " ") + "\n").collect()
}
