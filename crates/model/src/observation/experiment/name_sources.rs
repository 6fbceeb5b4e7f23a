//! What this machine itself has to do with the lookup of the hub's name, as its files say: nothing is sent for it.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::{Facts, Measured};

/// Where the system's resolver looks, beside the name servers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NameSources {
    /// The hosts file's word for the hub's name; `None` where there is no such line.
    pub hosts_file: Option<HostsFile>,
    /// The domains that the resolver appends to names, in order.
    pub search: Vec<String>,
    /// From how many dots on a name is first looked up as it is.
    pub ndots: u8,
    /// The name servers behind a forwarder on this machine, where a file of the forwarder's names them.
    pub upstreams: Vec<SocketAddr>,
    /// The sources of host names in their order (nsswitch.conf(5)); empty where the system has no such file.
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
    /// Where it is.
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
