//! Which of the configured name servers a system asks.

use std::net::SocketAddr;

use crate::net::os;

/// As many name servers as a system's resolver asks (resolv.conf(5), `MAXNS`).
const MAX_SERVERS: usize = 3;
/// The port of DNS.
const PORT: u16 = 53;
/// The servers that a system asks which has these `configured`.
pub(crate) fn of_system(configured: &[String]) -> Vec<SocketAddr> {
    // What a system without any configuration asks (resolv.conf(5)).
    if configured.is_empty() { vec![SocketAddr::from(([127, 0, 0, 1], PORT))] } else { addresses_of(configured) }
}

/// [`split`] where the system has that limit: Windows asks all of its servers.
pub(crate) fn split_for_system(configured: Vec<String>) -> (Vec<String>, Vec<String>) {
    if cfg!(windows) { (configured, Vec::new()) } else { split(configured) }
}

/// Of the name servers `configured`, in their order, those that a system's resolver asks, and those that it does not. What is
/// no address does not count.
fn split(configured: Vec<String>) -> (Vec<String>, Vec<String>) {
    let mut servers = configured;
    let is_first = |at: &usize| servers[..=*at].iter().filter(|server| is_address(server)).count() <= MAX_SERVERS;
    let used = (0..servers.len()).take_while(is_first).count();
    let unused = servers.split_off(used);
    (servers, unused)
}

fn is_address(server: &str) -> bool {
    os::server_address(server, PORT).is_some()
}

/// Where the first name servers of a list of written addresses listen.
pub(crate) fn addresses_of(servers: &[String]) -> Vec<SocketAddr> {
    servers.iter().filter_map(|server| os::server_address(server, PORT)).take(MAX_SERVERS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_asked_is_what_the_system_would_ask() {
        let queried = |configured: &[&str]| {
            let configured: Vec<String> = configured.iter().map(|server| (*server).to_owned()).collect();
            of_system(&configured).iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(queried(&[]), "127.0.0.1:53");
        assert_eq!(queried(&["10.0.0.1", "fe80::1"]), "10.0.0.1:53 [fe80::1]:53");
        assert_eq!(queried(&["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"]), "10.0.0.1:53 10.0.0.2:53 10.0.0.3:53");
        // Not this machine, where the system queries another.
        assert_eq!(queried(&["fe80::1%no-such"]), "");
    }

    #[test]
    fn a_fourth_server_is_never_asked() {
        let configured = ["10.0.0.1", "dns.example", "10.0.0.2", "fe80::1%1", "10.0.0.4", "10.0.0.5"];
        let (used, unused) = super::split(configured.map(str::to_owned).into());
        assert_eq!(
            (used.join(" ").as_str(), unused.join(" ").as_str()),
            ("10.0.0.1 dns.example 10.0.0.2 fe80::1%1", "10.0.0.4 10.0.0.5")
        );
        assert_eq!(super::split(Vec::new()), (Vec::new(), Vec::new()));
    }
}
