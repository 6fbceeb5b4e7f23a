//! Where an address of the hub's name came from.

use std::{collections::HashSet, fmt, net::IpAddr};

use super::{
    MAX_READ,
    answers::Answers,
    control_queries::ControlQueries,
    name_server::{NameServer, Upstreams},
    nat64::Nat64,
};
use crate::{
    diagnosis::{evidence::Statement, occurrence::Occurrence},
    observation::{DnsQuery, HostsFile, HostsLine, NameSources, Observations, Outcome, ResolutionSource, kind},
};

/// Who gave an address.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::diagnosis) enum AddressOrigin {
    /// This line of the hosts file, and no name server in the network.
    HostsFile { path: String, line: usize },
    /// These name servers, for the name with a search domain appended.
    Search { name: String, servers: Vec<NameServer> },
    /// These name servers, for the name itself.
    Servers(Vec<NameServer>),
    /// None of the sources asked: servers rotate their answers, and caches keep old ones.
    Unknown,
}

/// What a run knows about the hub's name.
pub(in crate::diagnosis) struct NameFacts<'a> {
    pub(in crate::diagnosis) run: &'a Observations,
    pub(in crate::diagnosis) sources: Option<&'a NameSources>,
    pub(in crate::diagnosis) answers: Option<Answers>,
    pub(in crate::diagnosis) controls: ControlQueries<'a>,
    nat64: Nat64,
    upstreams: Upstreams<'a>,
    searched: Vec<&'a DnsQuery>,
    hub_found_at: Option<IpAddr>,
    proven_addresses: HashSet<IpAddr>,
}

impl<'a> NameFacts<'a> {
    /// `None` if no name was looked up.
    pub(in crate::diagnosis) fn of(run: &'a Observations) -> Option<Self> {
        let is_by_name = matches!(run.resolution.outcome, Outcome::Ok | Outcome::Failed);
        let controls = ControlQueries::of(run);
        is_by_name.then(|| Self {
            run,
            sources: run.facts::<kind::NameSources>().next(),
            answers: Answers::of(run),
            nat64: controls.nat64(),
            controls,
            upstreams: Upstreams::of(run),
            searched: run.facts::<kind::DnsSearch>().flat_map(|dns| &dns.queries).take(MAX_READ).collect(),
            hub_found_at: run
                .facts::<kind::OtherAddress>()
                .find(|other| other.attempt.shows_the_hub())
                .map(|other| other.attempt.address),
            proven_addresses: run
                .checks
                .iter()
                .flat_map(|check| &check.attempts)
                .filter(|attempt| attempt.shows_the_hub())
                .map(|attempt| attempt.address)
                .collect(),
        })
    }

    /// Where an address of an attempt came from.
    pub(in crate::diagnosis) fn origin(&self, address: IpAddr) -> AddressOrigin {
        let servers = self.servers_giving(address);
        let by_system = self.run.resolution.source == ResolutionSource::System;
        // A forwarder on this machine may read the hosts file itself.
        if by_system
            && servers.iter().all(|server| server.is_local_forwarder())
            && let Some((file, line)) = self.hosts_line(address)
        {
            return AddressOrigin::HostsFile { path: file.path.clone(), line: line.line };
        }
        if !servers.is_empty() {
            return AddressOrigin::Servers(servers);
        }
        match self.searched.iter().find(|query| self.contains_equivalent(query.addresses(), address)) {
            Some(found) if by_system => {
                let name = found.name.clone();
                let contains_equivalent =
                    |query: &&&DnsQuery| query.name == name && self.contains_equivalent(query.addresses(), address);
                let alike = self.searched.iter().filter(contains_equivalent);
                let mut servers: Vec<NameServer> = alike.map(|query| self.upstreams.server(query.server)).collect();
                servers.dedup();
                AddressOrigin::Search { name, servers }
            }
            _ => AddressOrigin::Unknown,
        }
    }

    /// Whether nobody is known who gave this address: the name servers are unknown, or give others.
    pub(in crate::diagnosis) fn cannot_tell(&self, address: IpAddr) -> bool {
        match &self.answers {
            None => self.run.vantage.resolvers.is_empty(),
            Some(answers) => answers.have_addresses() && self.origin(address) == AddressOrigin::Unknown,
        }
    }

    /// The name servers that give this address for the name itself.
    pub(in crate::diagnosis) fn servers_giving(&self, address: IpAddr) -> Vec<NameServer> {
        let result = self
            .answers
            .iter()
            .flat_map(Answers::results)
            .filter(|result| self.contains_equivalent(result.addresses(), address));
        let mut servers: Vec<NameServer> = result.map(|result| result.server).collect();
        servers.dedup();
        servers
    }

    /// The addresses that name servers give for the name itself, without those of the hosts file, which a forwarder may
    /// read too.
    pub(in crate::diagnosis) fn addresses_from_servers(&self) -> Vec<IpAddr> {
        let mut given = Vec::new();
        for address in self.answers.iter().flat_map(Answers::results).flat_map(|result| result.addresses()) {
            if !given.contains(address) && self.hosts_line(*address).is_none() {
                given.push(*address);
            }
        }
        given
    }

    /// Adds what the name servers said, and where the hub was found.
    pub(in crate::diagnosis) fn with_evidence(&self, occurrence: Occurrence) -> Occurrence {
        let result = self.answers.iter().flat_map(Answers::results).cloned();
        let occurrence = result.fold(occurrence, Occurrence::evidence);
        match self.hub_found_at() {
            Some(address) => occurrence.evidence(HubFoundAt { address }),
            None => occurrence,
        }
    }

    /// The first address where the hub proved itself although the system's resolver does not give it.
    pub(in crate::diagnosis) fn hub_found_at(&self) -> Option<IpAddr> {
        self.hub_found_at
    }

    /// Whether the hub proved itself at `address`, on any port.
    pub(in crate::diagnosis) fn is_proven_at(&self, address: IpAddr) -> bool {
        self.proven_addresses.contains(&address)
    }

    /// The IPv4 address in a NAT64 address; any other address is returned as it is.
    pub(in crate::diagnosis) fn original(&self, address: IpAddr) -> IpAddr {
        self.nat64.original(address)
    }

    fn hosts_line(&self, address: IpAddr) -> Option<(&'a HostsFile, &'a HostsLine)> {
        let file = self.sources?.hosts_file.as_ref()?;
        Some((file, file.lines.iter().find(|line| line.address == address)?))
    }

    fn contains_equivalent(&self, addresses: &[IpAddr], address: IpAddr) -> bool {
        addresses.iter().any(|one| self.original(*one) == self.original(address))
    }
}

/// Whether an address is private (RFC 1918, RFC 4193).
pub(in crate::diagnosis) fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private(),
        IpAddr::V6(v6) => v6.is_unique_local(),
    }
}

/// Whether a name stands for this machine wherever it is asked for (RFC 6761, section 6.3).
pub(in crate::diagnosis) fn is_local_name(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.to_ascii_lowercase().ends_with(".localhost")
}

/// Whether an address cannot belong to a host that has a name: multicast, broadcast, or link-local without a scope.
pub(in crate::diagnosis) fn is_not_a_host(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_multicast() || v4.is_broadcast(),
        IpAddr::V6(v6) => v6.is_multicast() || v6.is_unicast_link_local(),
    }
}

/// The hub proved itself at an address that the system's resolver does not give.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::diagnosis) struct HubFoundAt {
    address: IpAddr,
}

impl Statement for HubFoundAt {}

impl fmt::Display for HubFoundAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the hub shows its certificate at {}", self.address)
    }
}
