//! Ports of this machine's own, for outgoing connections, and who has taken them (proc_net(5), ip(7)).

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

/// Some two hundred thousand connections.
const MAX_TABLE_SIZE: u64 = 32 * 1024 * 1024;

/// The ports that the kernel gives to outgoing connections, both ends included.
pub(crate) fn port_range() -> Option<(u16, u16)> {
    range(&fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").ok()?)
}

/// How many connections of this machine to `peer` the kernel knows, those that have just ended included.
pub(crate) fn connections_to(peer: SocketAddr) -> Option<u64> {
    let of_table = |path: &str| {
        let lines = BufReader::new(File::open(path).ok()?.take(MAX_TABLE_SIZE)).lines().map_while(Result::ok);
        let count = lines.filter(|line| remote(line).is_some_and(|remote| remote == peer)).count();
        u64::try_from(count).ok()
    };
    match (of_table("/proc/net/tcp"), of_table("/proc/net/tcp6")) {
        (None, None) => None,
        (v4, v6) => Some(v4.unwrap_or_default() + v6.unwrap_or_default()),
    }
}

/// All that is read of a table.
#[cfg(fuzzing)]
pub(super) fn read(text: &str) {
    let _ = (range(text), text.lines().filter_map(remote).count());
}

fn range(text: &str) -> Option<(u16, u16)> {
    let mut ends = text.split_whitespace().map(str::parse);
    Some((ends.next()?.ok()?, ends.next()?.ok()?))
}

/// The third column: the other end, its address in words of the machine's own byte order.
fn remote(line: &str) -> Option<SocketAddr> {
    let (address, port) = line.split_whitespace().nth(2)?.split_once(':')?;
    let words = address.as_bytes().chunks(8).map(|word| {
        let word = u32::from_str_radix(std::str::from_utf8(word).ok()?, 16).ok()?;
        Some(word.to_ne_bytes())
    });
    let bytes = words.collect::<Option<Vec<[u8; 4]>>>()?.concat();
    let address = match (<[u8; 4]>::try_from(bytes.as_slice()), <[u8; 16]>::try_from(bytes.as_slice())) {
        (Ok(v4), _) => Ipv4Addr::from(v4).into(),
        (_, Ok(v6)) => IpAddr::from(Ipv6Addr::from(v6)).to_canonical(),
        _ => return None,
    };
    Some(SocketAddr::new(address, u16::from_str_radix(port, 16).ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    #[cfg(target_endian = "little")]
    fn the_other_end_is_read_in_both_families() {
        let line = "   1: 0201580A:9C40 0204580A:22B3 01 00000000:00000000 00:00000000 00000000     0        0 7 1";
        assert_eq!(remote(line), Some("10.88.4.2:8883".parse().expect("an address")));
        let mapped = "   1: 0000000000000000FFFF00000201580A:9C40 0000000000000000FFFF00000204580A:22B3 01";
        assert_eq!(remote(mapped), Some("10.88.4.2:8883".parse().expect("an address")));
        let v6 = "   1: 0000000000000000FFFF00000201580A:9C40 000077FD040000000000000002000000:01BB 01";
        assert_eq!(remote(v6), Some("[fd77::4:0:0:0:2]:443".parse().expect("an address")));
        assert_eq!(remote("  sl  local_address rem_address   st tx_queue"), None);
    }

    #[test]
    fn the_range_is_read() {
        assert_eq!(range("40000\t40039\n"), Some((40000, 40039)));
        assert_eq!(range("many"), None);
    }

    proptest! {
        #[test]
        fn any_line_is_an_address_or_none(line in "[0-9A-Fa-f: é]{0,80}") {
            let _ = (remote(&line), range(&line));
        }
    }
}
