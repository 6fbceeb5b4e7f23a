//! The files that configure the system's resolver. Reading one may never end, if it is a pipe or its file system hangs:
//! do so only on threads that can be abandoned.

use std::{
    fs::File,
    io::{BufReader, Read},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

use super::{hosts, resolv_conf::ResolvConf};
use crate::observation::HostsFile;

/// More than any of these files holds, the hosts file apart.
const MAX_SIZE: u64 = 64 << 10;

/// What systemd-resolved's stub listens at, and its proxy, which validates nothing.
const SYSTEMD_RESOLVED: [Ipv4Addr; 2] = [Ipv4Addr::new(127, 0, 0, 53), Ipv4Addr::new(127, 0, 0, 54)];
/// Where systemd-resolved names the servers that it asks itself (systemd-resolved.service(8)).
const BEHIND_SYSTEMD_RESOLVED: &str = "/run/systemd/resolve/resolv.conf";
/// Where those of other forwarders are named: NetworkManager's dnsmasq, Debian's resolvconf(8).
const BEHIND_OTHERS: [&str; 2] = ["/run/NetworkManager/no-stub-resolv.conf", "/run/dnsmasq/resolv.conf"];

/// What `resolv.conf` and the environment configure, or Windows' adapters and registry: no servers where the system asks its own
/// machine (resolv.conf(5)); `None` where it is not known which there are.
pub(crate) fn resolver_config() -> Option<ResolvConf> {
    #[cfg(windows)]
    return super::windows::resolver_config();
    #[cfg(not(windows))]
    Some(of_files())
}

#[cfg(not(windows))]
fn of_files() -> ResolvConf {
    let mut config = ResolvConf::parse(&read(Path::new("/etc/resolv.conf")).unwrap_or_default());
    if let Ok(domains) = std::env::var("LOCALDOMAIN") {
        config.set_search(domains.split_whitespace());
    }
    if let Ok(options) = std::env::var("RES_OPTIONS") {
        config.set_options(options.split_whitespace());
    }
    config
}

/// The lines of the hosts file that hold `name`.
pub(crate) fn hosts_file(name: &str) -> Option<HostsFile> {
    let path = hosts_path();
    let lines = hosts::lines_with(name, BufReader::new(File::open(&path).ok()?));
    (!lines.is_empty()).then(|| HostsFile { path: path.display().to_string(), lines })
}

/// Which of `addresses` have a line in the hosts file.
pub(crate) fn named_in_hosts(addresses: &[IpAddr]) -> Vec<IpAddr> {
    let Ok(file) = File::open(hosts_path()) else { return Vec::new() };
    let named = hosts::addresses(BufReader::new(file));
    addresses.iter().filter(|address| named.contains(address)).copied().collect()
}

fn hosts_path() -> PathBuf {
    match std::env::var_os("SystemRoot").filter(|_| cfg!(windows)) {
        Some(root) => Path::new(&root).join(r"System32\drivers\etc\hosts"),
        None => PathBuf::from("/etc/hosts"),
    }
}

/// The sources of host names in their order (nsswitch.conf(5)).
pub(crate) fn name_services() -> Vec<String> {
    // musl's resolver does not read that file.
    if cfg!(target_env = "musl") {
        return ["files", "dns"].map(str::to_owned).to_vec();
    }
    host_sources(&read(Path::new("/etc/nsswitch.conf")).unwrap_or_default())
}

fn host_sources(text: &str) -> Vec<String> {
    let hosts = text.lines().find_map(|line| line.split('#').next()?.trim().strip_prefix("hosts:"));
    hosts.into_iter().flat_map(str::split_whitespace).map(str::to_owned).collect()
}

/// The upstream servers of a forwarder at the loopback address `stub`, if one of its files names them.
pub(crate) fn servers_behind(stub: IpAddr) -> Vec<String> {
    let files: &[&str] = match stub {
        IpAddr::V4(v4) if SYSTEMD_RESOLVED.contains(&v4) => &[BEHIND_SYSTEMD_RESOLVED],
        _ => &BEHIND_OTHERS,
    };
    let servers = files.iter().filter_map(|file| Some(ResolvConf::parse(&read(Path::new(file))?).servers));
    servers.into_iter().find(|servers| !servers.is_empty()).unwrap_or_default()
}

/// All that is read of such files.
#[cfg(fuzzing)]
pub(crate) fn read_name_files(text: &str) {
    let mut config = ResolvConf::parse(text);
    config.set_options(text.split_whitespace());
    config.set_search(text.split_whitespace());
    for server in &config.servers {
        let _ = server_address(server, 53);
    }
    assert!(hosts::lines_with("hub.test", text.as_bytes()).len() <= 17);
    let _ = (hosts::addresses(text.as_bytes()), host_sources(text));
}

/// Where a name server that is written as `text` listens; a link-local address may say its interface.
pub(crate) fn server_address(text: &str, port: u16) -> Option<SocketAddr> {
    let (address, interface) = text.split_once('%').map_or((text, None), |(address, name)| (address, Some(name)));
    let mut server = SocketAddr::new(address.parse().ok()?, port);
    if let (SocketAddr::V6(v6), Some(interface)) = (&mut server, interface) {
        v6.set_scope_id(interface.parse().ok().or_else(|| super::interface_index(interface))?);
    }
    Some(server)
}

fn read(path: &Path) -> Option<String> {
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(MAX_SIZE).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_addresses_with_their_interface() {
        let at = |text| server_address(text, 53).map(|server| server.to_string());
        assert_eq!(at("10.20.0.53").as_deref(), Some("10.20.0.53:53"));
        assert_eq!(at("fe80::1%3").as_deref(), Some("[fe80::1%3]:53"));
        assert_eq!(at("fe80::1%no-such-interface"), None);
        assert_eq!(at("dns.example"), None);
    }
}
