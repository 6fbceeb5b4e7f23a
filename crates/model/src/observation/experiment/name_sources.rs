//! How this machine's own files affect the lookup of the hub's name. Nothing is sent.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::{Facts, Measured};

/// The sources of the system's resolver besides the name servers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NameSources {
    /// The hosts file's entries for the hub's name; `None` if there are none.
    pub hosts_file: Option<HostsFile>,
    /// The domains that the resolver appends to names, in order.
    pub search: Vec<String>,
    /// A name with at least this many dots is first looked up as it is.
    pub ndots: u8,
    /// The upstream name servers of a forwarder on this machine, if one of its files names them.
    pub upstreams: Vec<SocketAddr>,
    /// The sources of host names in their order (nsswitch.conf(5)); empty if the system has no such file.
    pub services: Vec<String>,
}

impl Facts for NameSources {
    fn measured(&self) -> Vec<Measured<'_>> {
        vec![Measured::Run]
    }
}

/// Lines of the hosts file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostsFile {
    /// Its path.
    pub path: String,
    /// The lines that hold the name.
    pub lines: Vec<HostsLine>,
}

/// A line of the hosts file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostsLine {
    /// Its number, from 1.
    pub line: usize,
    /// The address that it gives to the name.
    pub address: IpAddr,
}
