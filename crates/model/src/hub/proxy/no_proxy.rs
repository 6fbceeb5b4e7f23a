//! The hosts that are reached without the proxy: `NO_PROXY`, and the lists of systems' settings.

use super::exception;
use crate::hub::HubHost;

/// A list of exceptions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoProxy {
    text: String,
    dialect: Dialect,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Variable,
    System,
}

impl NoProxy {
    /// The value of `NO_PROXY`. Entries stand between commas, spaces or both. There is no standard: this is what curl,
    /// Python and Go have in common, and where one of them reads more than another, the more.
    ///
    /// | entry | exempts |
    /// |---|---|
    /// | `*` | every host |
    /// | `example.com`, `.example.com` | the host and every name in the domain, as curl and Python do |
    /// | `*.example.com` | every name in the domain |
    /// | `192.0.2.1`, `2001:db8::1`, `[2001:db8::1]` | the address, however it is written |
    /// | `10.0.0.0/8`, `2001:db8::/32` | the addresses in the network, for a hub that is given by its address |
    /// | one of them with `:443` (IPv6 in brackets) | the same at that port alone |
    ///
    /// Capitals and a dot at the end do not matter. Names are not resolved. An entry of another form exempts nothing.
    pub fn parse(text: &str) -> Self {
        Self { text: text.to_owned(), dialect: Dialect::Variable }
    }

    /// The exceptions of a system's settings, as Windows and macOS read them: `;` separates too, `*` may stand anywhere,
    /// a name is that host alone, and `<local>` is every name without a dot.
    pub fn of_system(text: &str) -> Self {
        Self { text: text.to_owned(), dialect: Dialect::System }
    }

    /// The first entry, as written, that exempts `host` at `port`.
    pub fn exempts(&self, host: &HubHost, port: u16) -> Option<&str> {
        let is_separator = |letter: char| {
            letter == ',' || letter.is_whitespace() || (letter == ';' && self.dialect == Dialect::System)
        };
        let mut entries = self.text.split(is_separator).filter(|entry| !entry.is_empty());
        entries.find(|entry| match self.dialect {
            Dialect::Variable => exception::is_exempt(entry, host, port),
            Dialect::System => exception::is_exempt_by_pattern(entry, host, port),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry<'a>(list: &'a NoProxy, host: &str, port: u16) -> Option<&'a str> {
        list.exempts(&HubHost::parse(host).expect(host), port)
    }

    #[test]
    fn an_entry_exempts_hosts() {
        for (list, host, exempting) in [
            ("*", "hub.test", Some("*")),
            ("*", "10.0.0.1", Some("*")),
            ("a.test, *", "hub.test", Some("*")),
            ("", "hub.test", None),
            (" , ,", "hub.test", None),
            ("hub.test", "hub.test", Some("hub.test")),
            ("hub.test", "a.hub.test", Some("hub.test")),
            ("hub.test", "ahub.test", None),
            ("a.hub.test", "hub.test", None),
            (".hub.test", "hub.test", Some(".hub.test")),
            (".hub.test", "a.b.hub.test", Some(".hub.test")),
            (".hub.test", "ahub.test", None),
            ("*.hub.test", "a.hub.test", Some("*.hub.test")),
            ("*.hub.test", "hub.test", None),
            ("*hub.test", "ahub.test", None),
            ("hub.*", "hub.test", None),
            ("HUB.Test.", "Hub.TEST.", Some("HUB.Test.")),
            ("other.test hub.test", "hub.test", Some("hub.test")),
            ("other.test,\t hub.test\n", "hub.test", Some("hub.test")),
            ("test", "hub.test", Some("test")),
            (".", "hub.test", None),
            ("..", "hub.test", None),
            ("*.", "hub.test", None),
            ("ümlaut.test,é", "hub.test", None),
            ("https://hub.test", "hub.test", None),
        ] {
            assert_eq!(entry(&NoProxy::parse(list), host, 443), exempting, "{list} {host}");
        }
    }

    #[test]
    fn an_entry_exempts_addresses() {
        for (list, host, exempting) in [
            ("10.0.0.1", "10.0.0.1", Some("10.0.0.1")),
            ("10.0.0.1", "10.0.0.10", None),
            ("0.0.1", "10.0.0.1", None),
            ("10.0.0.0/8", "10.9.9.9", Some("10.0.0.0/8")),
            ("10.9.9.9/8", "10.0.0.1", Some("10.9.9.9/8")),
            ("10.0.0.0/8", "11.0.0.1", None),
            ("0.0.0.0/0", "11.0.0.1", Some("0.0.0.0/0")),
            ("10.0.0.1/32", "10.0.0.1", Some("10.0.0.1/32")),
            ("10.0.0.1/33", "10.0.0.1", None),
            ("10.0.0.1/", "10.0.0.1", None),
            ("10.0.0.1/x", "10.0.0.1", None),
            ("10.0.0.0/8", "10.hub.test", None),
            ("::1", "::1", Some("::1")),
            ("[0:0::1]", "::1", Some("[0:0::1]")),
            ("[::1]", "::2", None),
            ("2001:db8::/32", "2001:db8:1::1", Some("2001:db8::/32")),
            ("[2001:db8::]/32", "2001:db8:1::1", Some("[2001:db8::]/32")),
            ("2001:db8::/32", "2001:db9::1", None),
            ("::/0", "10.0.0.1", None),
            ("::/129", "::1", None),
        ] {
            assert_eq!(entry(&NoProxy::parse(list), host, 443), exempting, "{list} {host}");
        }
    }

    #[test]
    fn an_entry_with_a_port_exempts_that_port_alone() {
        for (list, host, port, is_exempt) in [
            ("hub.test:443", "hub.test", 443, true),
            ("hub.test:443", "hub.test", 8883, false),
            (".hub.test:443", "a.hub.test", 443, true),
            ("*:443", "hub.test", 443, true),
            ("*:443", "10.0.0.1", 8883, false),
            ("hub.test:", "hub.test", 443, false),
            ("hub.test:x", "hub.test", 443, false),
            ("hub.test:+443", "hub.test", 443, false),
            ("hub.test:000443", "hub.test", 443, false),
            ("hub.test:65979", "hub.test", 443, false),
            ("10.0.0.1:443", "10.0.0.1", 443, true),
            ("10.0.0.1:443", "10.0.0.1", 8883, false),
            ("[::1]:443", "::1", 443, true),
            ("[::1]:443", "::1", 8883, false),
            ("[::1]x", "::1", 443, false),
        ] {
            assert_eq!(entry(&NoProxy::parse(list), host, port).is_some(), is_exempt, "{list} {host} {port}");
        }
    }

    #[test]
    fn a_systems_list_has_patterns() {
        for (list, host, exempting) in [
            ("<local>", "hub", Some("<local>")),
            ("<local>", "hub.test", None),
            ("<local>", "::1", None),
            ("*.corp;10.*;<LOCAL>", "hub.corp", Some("*.corp")),
            ("*.corp;10.*;<local>", "10.1.2.3", Some("10.*")),
            ("*.corp;10.*;<local>", "hub.test", None),
            ("hub.test", "a.hub.test", None),
            ("HUB.test", "hub.test", Some("HUB.test")),
            ("hub*te*t", "hub.test", Some("hub*te*t")),
            ("h*b*b.test", "hub.test", None),
            ("*", "hub.test", Some("*")),
            ("**", "hub.test", Some("**")),
            ("10.0.0.0/8", "10.1.2.3", Some("10.0.0.0/8")),
            ("hub.test:8883", "hub.test", None),
            ("", "hub.test", None),
        ] {
            assert_eq!(entry(&NoProxy::of_system(list), host, 443), exempting, "{list} {host}");
        }
    }

    /// Time that grew with the square of the list would be hours.
    #[test]
    fn a_huge_list_takes_little_time() {
        let many = 1_000_000;
        for list in ["example.com,".repeat(many / 10), ",".repeat(many), "a*".repeat(many), ":".repeat(many)] {
            assert_eq!(entry(&NoProxy::parse(&list), "hub.test", 443), None);
            assert_eq!(entry(&NoProxy::of_system(&list), "hub.test", 443), None);
        }
    }
}
