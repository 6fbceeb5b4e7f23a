//! Words and lines that the formats for people share.

use textwrap::{WordSeparator, WordSplitter};

use crate::diagnosis::{Owner, Verdict};
pub(super) use crate::diagnosis::{
    phrases::located_in_full as located,
    text::{count, cut, duration, listed},
};

/// Characters shown of a text from outside: a peer must not fill the screen. The JSON holds all of it.
const MAX_SHOWN: usize = 400;

/// Text that may come from outside, escaped and shortened.
pub(super) fn shown(text: &str) -> String {
    cut(&super::escape(text.trim()), MAX_SHOWN)
}

/// Lower case if good, capitals if not: readable without colour.
pub(super) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Declined => "DECLINED",
        Verdict::Blocked => "BLOCKED",
        good @ (Verdict::Allowed | Verdict::Unknown) => good.id(),
    }
}

/// Who can fix a cause.
pub(super) fn owner(owner: Owner) -> &'static str {
    match owner {
        Owner::Operator => "whoever runs this device",
        Owner::NetworkAdmin => "this network's administrator",
        Owner::FirewallOwner => "the firewall's owner",
        Owner::ProxyAdmin => "the proxy's administrator",
        Owner::SecurityTeam => "the security team",
        Owner::DnsAdmin => "the DNS administrator",
        Owner::HubOwner => "the hub's owner",
        Owner::Nobody => "nobody",
    }
}

/// `text` in lines of that many columns. Breaks only at spaces: names are copied from the screen.
pub(super) fn lines(columns: usize, first: &str, next: &str, text: &str) -> String {
    let options = textwrap::Options::new(columns)
        .initial_indent(first)
        .subsequent_indent(next)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation);
    let wrapped = textwrap::wrap(text, options);
    wrapped.iter().map(|line| line.trim_end().replace('\u{a0}', " ") + "\n").collect()
}
