//! The hosts file (hosts(5)): which of its lines hold a name.

use std::{
    collections::HashSet,
    io::{BufRead, Read},
    net::IpAddr,
};

use crate::observation::HostsLine;

/// Lists of thousands of unwanted names are usual; nothing larger is read.
const MAX_SIZE: u64 = 8 << 20;
/// So much of it is read where no name is looked for.
const MAX_BEGINNING_SIZE: u64 = 64 << 10;
/// More lines than any honest file has for one name.
const MAX_LINES: usize = 16;

/// The lines that give `name` an address, in their order.
pub(super) fn lines_with(name: &str, file: impl BufRead) -> Vec<HostsLine> {
    let name = name.trim_end_matches('.');
    let mut file = file.take(MAX_SIZE);
    let (mut found, mut text) = (Vec::new(), Vec::new());
    for line in 1.. {
        text.clear();
        let read = file.read_until(b'\n', &mut text);
        if !read.is_ok_and(|length| length > 0) || found.len() == MAX_LINES {
            break;
        }
        found.extend(address_of(name, &String::from_utf8_lossy(&text)).map(|address| HostsLine { line, address }));
    }
    found
}

/// The addresses that lines begin with; engines write theirs among the first.
pub(super) fn addresses(file: impl BufRead) -> HashSet<IpAddr> {
    let mut text = Vec::new();
    // What was read until an error counts.
    let _ = file.take(MAX_BEGINNING_SIZE).read_to_end(&mut text);
    let text = String::from_utf8_lossy(&text);
    text.lines().filter_map(|line| line.split_whitespace().next()?.parse().ok()).collect()
}

fn address_of(name: &str, line: &str) -> Option<IpAddr> {
    let mut words = line.split('#').next()?.split_whitespace();
    let address = words.next()?;
    let holds = words.any(|word| word.trim_end_matches('.').eq_ignore_ascii_case(name));
    // A link-local address may say its interface.
    holds.then(|| address.split('%').next()?.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_begin_with_addresses() {
        let file = "127.0.0.1 localhost\n# 172.18.0.3 gone\n172.18.0.2\t0a1b2c\nfe00::0 ip6-localnet\nrubbish\n";
        let found = ["127.0.0.1", "172.18.0.2", "fe00::"].map(|found| found.parse().expect("an address"));
        assert_eq!(addresses(file.as_bytes()), HashSet::from(found));
    }

    #[test]
    fn lines_are_found_by_any_name_on_them() {
        let file = "# 192.0.2.1 hub.test\n127.0.0.1\tlocalhost\n192.0.2.2 other HUB.test # pinned\n\
                    192.0.2.3 hub.test.other\nnonsense hub.test\nfd00::1%lo0 hub.test.\r\n0.0.0.0 hub.test";
        let found: Vec<_> = lines_with("hub.test", file.as_bytes())
            .into_iter()
            .map(|HostsLine { line, address }| format!("{line} {address}"))
            .collect();
        assert_eq!(found, ["3 192.0.2.2", "6 fd00::1", "7 0.0.0.0"]);
        assert!(lines_with("absent.test", file.as_bytes()).is_empty());
    }

    #[test]
    fn what_is_read_of_it_is_bounded() {
        let many = "192.0.2.2 hub.test\n".repeat(1000);
        assert_eq!(lines_with("hub.test", many.as_bytes()).len(), MAX_LINES);
        let endless = std::io::BufReader::new(std::io::repeat(b'x'));
        assert!(lines_with("hub.test", endless).is_empty());
    }
}
