//! The kernel's own counters (proc_net(5)), of the whole network namespace.

use std::{collections::HashMap, fs};

use crate::net::os::Counters;

/// What the kernel has counted so far.
pub(crate) fn counters() -> Option<Counters> {
    let netstat = two_lines(&fs::read_to_string("/proc/net/netstat").ok()?);
    let snmp = two_lines(&fs::read_to_string("/proc/net/snmp").unwrap_or_default());
    let snmp6 = names_and_values(&fs::read_to_string("/proc/net/snmp6").unwrap_or_default());
    let sum = |name: &str| {
        let v4 = snmp.get(&format!("Ip:{name}")).copied();
        let v6 = snmp6.get(&format!("Ip6{name}")).copied();
        v4.map(|v4| v4.wrapping_add(v6.unwrap_or_default()))
    };
    Some(Counters {
        retransmissions_failed: *netstat.get("TcpExt:TCPRetransFail")?,
        packets_to_send: sum("OutRequests"),
        packets_sent: sum("OutTransmits"),
        reverse_path_filtered: netstat.get("TcpExt:IPReversePathFilter").copied(),
    })
}

/// All that is read of the counters' tables.
#[cfg(fuzzing)]
pub(super) fn read(text: &str) {
    let _ = (two_lines(text), names_and_values(text));
}

/// A line of names and a line of values for each protocol: `Ip: Forwarding ...`, `Ip: 1 ...`.
fn two_lines(text: &str) -> HashMap<String, u64> {
    let mut found = HashMap::new();
    let mut lines = text.lines();
    while let (Some(names), Some(values)) = (lines.next(), lines.next()) {
        let protocol = names.split_whitespace().next().unwrap_or_default();
        let pairs = names.split_whitespace().zip(values.split_whitespace()).skip(1);
        found.extend(pairs.filter_map(|(name, value)| Some((format!("{protocol}{name}"), value.parse().ok()?))));
    }
    found
}

/// A name and a value a line.
fn names_and_values(text: &str) -> HashMap<String, u64> {
    let pairs = text.lines().filter_map(|line| line.split_once(char::is_whitespace));
    pairs.filter_map(|(name, value)| Some((name.to_owned(), value.trim().parse().ok()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_read_by_name() {
        let text = "TcpExt: A TCPRetransFail\nTcpExt: 1 7\nIpExt: A\nIpExt: 3\n";
        assert_eq!(two_lines(text).get("TcpExt:TCPRetransFail"), Some(&7));
        assert_eq!(two_lines(text).get("IpExt:A"), Some(&3));
        assert_eq!(names_and_values("Ip6OutTransmits   \t12\n").get("Ip6OutTransmits"), Some(&12));
        assert!(two_lines("TcpExt: A").is_empty());
    }
}
