//! Where an address of the hub's name came from.

use std::{collections::HashSet, fmt, net::IpAddr};

use super::{
    MOST,
    answers::Answers,
    made_up::Controls,
    nat64::Nat64,
    server::{NameServer, Upstreams},
};
use crate::{
    diagnosis::{evidence::Statement, occurrence::Occurrence},
    observation::{DnsQuery, HostsFile, HostsLine, NameSources, Observations, Outcome, ResolutionSource, kind},
};

/// Whose word an address is.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::diagnosis) enum Origin {
    /// This line of the hosts file, and no name server's in the network.
    HostsFile { path: String, line: usize },
    /// These name servers', asked for the name with a search domain behind it.
    Search { name: String, servers: Vec<NameServer> },
    /// These name servers', for the name as such.
    Servers(Vec<NameServer>),
    /// Nobody's who was asked: servers rotate their answers, caches keep old ones.
    Unknown,
}

/// What a run knows of the hub's name.
pub(in crate::diagnosis) struct Names<'a> {
    pub(in crate::diagnosis) run: &'a Observations,
    pub(in crate::diagnosis) sources: Option<&'a NameSources>,
    pub(in crate::diagnosis) answers: Option<Answers>,
    pub(in crate::diagnosis) controls: Controls<'a>,
    nat64: Nat64,
    upstreams: Upstreams<'a>,
    searched: Vec<&'a DnsQuery>,
    hub_found_at: Option<IpAddr>,
    shows_the_hub: HashSet<IpAddr>,
}

impl<'a> Names<'a> {
    /// `None` where no name was looked up.
    pub(in crate::diagnosis) fn of(run: &'a Observations) -> Option<Self> {
        let is_by_name = matches!(run.resolution.outcome, Outcome::Ok | Outcome::Failed);
        let controls = Controls::of(run);
        is_by_name.then(|| Self {
            run,
            sources: run.facts::<kind::NameSources>().next(),
            answers: Answers::of(run),
            nat64: controls.nat64(),
            controls,
            upstreams: Upstreams::of(run),
            searched: run.facts::<kind::DnsSearch>().flat_map(|dns| &dns.queries).take(MOST).collect(),
            hub_found_at: run
                .facts::<kind::OtherAddress>()
                .find(|other| other.attempt.shows_the_hub())
                .map(|other| other.attempt.address),
            shows_the_hub: run
                .checks
                .iter()
                .flat_map(|check| &check.attempts)
                .filter(|attempt| attempt.shows_the_hub())
                .map(|attempt| attempt.address)
                .collect(),
        })
    }

    /// Where an address that was tried came from.
    pub(in crate::diagnosis) fn origin(&self, address: IpAddr) -> Origin {
        let servers = self.servers_that_give(address);
        let by_system = self.run.resolution.source == ResolutionSource::System;
        // A forwarder on this machine may read the hosts file itself.
        if by_system
            && servers.iter().all(|server| server.is_here())
            && let Some((file, line)) = self.hosts_line(address)
        {
            return Origin::HostsFile { path: file.path.clone(), line: line.line };
        }
        if !servers.is_empty() {
            return Origin::Servers(servers);
        }
        match self.searched.iter().find(|query| self.holds(query.addresses(), address)) {
            Some(found) if by_system => {
                let name = found.name.clone();
                let holds = |query: &&&DnsQuery| query.name == name && self.holds(query.addresses(), address);
                let alike = self.searched.iter().filter(holds);
                let mut servers: Vec<NameServer> = alike.map(|query| self.upstreams.server(query.server)).collect();
                servers.dedup();
                Origin::Search { name, servers }
            }
            _ => Origin::Unknown,
        }
    }

    /// The name servers that give this address for the name as such.
    pub(in crate::diagnosis) fn servers_that_give(&self, address: IpAddr) -> Vec<NameServer> {
        let said = self.answers.iter().flat_map(Answers::said).filter(|said| self.holds(said.addresses(), address));
        let mut servers: Vec<NameServer> = said.map(|said| said.server).collect();
        servers.dedup();
        servers
    }

    /// What the name servers give for the name as such, and the hosts file does not: a forwarder may read that, too.
    pub(in crate::diagnosis) fn given_by_servers(&self) -> Vec<IpAddr> {
        let mut given = Vec::new();
        for address in self.answers.iter().flat_map(Answers::said).flat_map(|said| said.addresses()) {
            if !given.contains(address) && self.hosts_line(*address).is_none() {
                given.push(*address);
            }
        }
        given
    }

    /// What the name servers said, and where the hub was found.
    pub(in crate::diagnosis) fn tell(&self, occurrence: Occurrence) -> Occurrence {
        let said = self.answers.iter().flat_map(Answers::said).cloned();
        let occurrence = said.fold(occurrence, Occurrence::evidence);
        match self.hub_found_at() {
            Some(address) => occurrence.evidence(HubAt { address }),
            None => occurrence,
        }
    }

    /// The first address at which the hub showed itself, though the system's resolver does not give it.
    pub(in crate::diagnosis) fn hub_found_at(&self) -> Option<IpAddr> {
        self.hub_found_at
    }

    /// Whether the hub showed itself at `address`, on whichever port.
    pub(in crate::diagnosis) fn hub_shows_at(&self, address: IpAddr) -> bool {
        self.shows_the_hub.contains(&address)
    }

    /// The address that stands behind what a NAT64 makes of it.
    pub(in crate::diagnosis) fn original(&self, address: IpAddr) -> IpAddr {
        self.nat64.original(address)
    }

    fn hosts_line(&self, address: IpAddr) -> Option<(&'a HostsFile, &'a HostsLine)> {
        let file = self.sources?.hosts_file.as_ref()?;
        Some((file, file.lines.iter().find(|line| line.address == address)?))
    }

    fn holds(&self, addresses: &[IpAddr], address: IpAddr) -> bool {
        addresses.iter().any(|one| self.original(*one) == self.original(address))
    }
}

/// Whether an address is one that the Internet has no way to, because everybody may use it (RFC 1918, RFC 4193).
pub(in crate::diagnosis) fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private(),
        IpAddr::V6(v6) => v6.is_unique_local(),
    }
}

/// Whether an address is none that a host can be reached at by a name: several hosts', or, for want of a scope, on no link.
pub(in crate::diagnosis) fn is_no_hosts(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_multicast() || v4.is_broadcast(),
        IpAddr::V6(v6) => v6.is_multicast() || v6.is_unicast_link_local(),
    }
}

/// The hub showed itself, though not where the system's resolver says.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::diagnosis) struct HubAt {
    address: IpAddr,
}

impl Statement for HubAt {}

impl fmt::Display for HubAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the hub shows its certificate at {}", self.address)
    }
}
