//! The servers for revocation checks cannot be reached.

use std::{collections::BTreeSet, fmt, net::IpAddr};

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity,
        cause_kind::CauseKind,
        evidence::Statement,
        icmp::{Blame, IcmpError},
        occurrence::Occurrence,
        scope::{Scope, shortened_list},
        text::{clipped, duration_in_sentence},
    },
    hub::HubHost,
    observation::{
        ConnectFailure, HttpResponse, Observations, Outcome, ResolveFailure, RevocationReply, RevocationServer, Stage,
        kind,
    },
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct RevocationUnreachable {
    /// The servers that do not answer.
    unreachable: Vec<Server>,
    /// Whether they only lack an address.
    #[serde(skip)]
    only_unresolved: bool,
    /// Whether it is a single machine, which may be down for everyone.
    #[serde(skip)]
    may_be_down: bool,
    /// The router that rejects the connections.
    #[serde(skip)]
    rejected_by: Option<IpAddr>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Server {
    host: String,
    port: u16,
}

impl CauseKind for RevocationUnreachable {
    const ENTRY: Entry = Entry {
        stage: Stage::Tls,
        severity: Severity::Warning,
        owner: Owner::FirewallOwner,
        forgery: Forgery::AnyoneOnPath,
        explanation: "The hub's certificates name hosts that tell whether they are revoked: lists (CRL) and responders (OCSP), \
            asked in clear HTTP, mostly on TCP 80. Windows (Schannel) and .NET ask them where the check is on, and then refuse \
            the hub, or wait for many seconds first, though every port of the hub itself is open. OpenSSL, mbedTLS and most \
            devices built on them do not ask by default.",
        proof: "One request in clear to each host that the certificates name, up to the root, gets no answer: none to the SYN, \
            a rejection, silence, or a login page in its place; or its name has no address here. Any other HTTP answer counts \
            as reached, 404 too. Tried with `--companions`, and in audits. It is `likely`, for where a single machine is \
            silent, it may be down itself.",
    };

    fn title(&self, scope: &Scope) -> String {
        format!(
            "Certificates cannot be checked for revocation: no answer from {}",
            scope.or_placeholder("HOSTS", self.hosts_with_ports())
        )
    }

    fn fix(&self, scope: &Scope) -> String {
        if self.only_unresolved && !scope.is_general() {
            return format!("Have the name servers answer for {}.", self.hosts());
        }
        let at = self.rejected_by.map(|router| format!(" at {router}")).unwrap_or_default();
        let to = match self.port() {
            Some(port) => format!("TCP {port} to {} (by name; addresses can change)", self.hosts()),
            None => format!("TCP to {} (by name; addresses can change)", self.hosts_with_ports()),
        };
        format!("Allow outbound {}{at}.", scope.or_placeholder("TCP 80 to HOSTS (by name)", to))
    }

    fn first_step(&self, scope: &Scope) -> Option<String> {
        let elsewhere = match (self.only_unresolved && !scope.is_general(), self.may_be_down) {
            (true, _) => {
                " If other networks find no address there either, tell the hub's owner: its certificates name what devices \
                 cannot find."
            }
            (false, true) => " Compare from another network: what answers nowhere is down itself.",
            (false, false) => "",
        };
        Some(format!(
            "Find out whether devices here check revocation: Windows (Schannel) and .NET devices do where that is switched on, \
             OpenSSL and mbedTLS do not by default. Where none does, nothing need be done.{elsewhere}"
        ))
    }

    fn device(&self) -> Option<IpAddr> {
        self.rejected_by
    }

    fn of_run(run: &Observations) -> Option<Occurrence> {
        let servers: Vec<&RevocationServer> =
            run.facts::<kind::Revocation>().flat_map(|asked| &asked.servers).collect();
        let obstacle: Vec<(&RevocationServer, Obstacle)> =
            servers.iter().filter_map(|server| Some((*server, Obstacle::of(run, server)?))).collect();
        let (first, _) = obstacle.first()?;
        let is_a_name = |(_, obstacle): &(_, Obstacle)| *obstacle == Obstacle::Name;
        let by_packets: Vec<_> = obstacle.iter().filter(|obstacle| !is_a_name(obstacle)).collect();
        let machines: BTreeSet<_> = by_packets.iter().map(|(server, _)| server.address).collect();
        let is_silent = |(_, obstacle): &&(_, Obstacle)| *obstacle == Obstacle::Packets;
        let may_be_down = machines.len() == 1 && by_packets.iter().all(is_silent);
        let cause = Self {
            unreachable: obstacle.iter().map(|(server, _)| Server::of(server)).collect(),
            only_unresolved: by_packets.is_empty(),
            may_be_down,
            rejected_by: rejected_by(&obstacle),
        };
        let owners = [Owner::FirewallOwner, Owner::NetworkAdmin, Owner::Operator, Owner::DnsAdmin];
        let owner = owners.into_iter().find(|owner| obstacle.iter().any(|(_, obstacle)| obstacle.owner() == *owner))?;
        let denied = matches!(
            first.reply,
            RevocationReply::NotResolved { failure: ResolveFailure::NameNotFound | ResolveFailure::NoAddress }
        );
        let occurrence = match cause.only_unresolved && denied {
            true => Occurrence::likelier_than(cause, Code::DnsNameNotFound),
            false if may_be_down => Occurrence::likelier_than(cause, Code::PortClosed),
            false => Occurrence::likely(cause),
        };
        let occurrence = match (&run.proxy, run.vantage.proxy_settings.as_slice()) {
            // Devices here may be meant to use it.
            (Some(_), _) => occurrence.or_possibly(Code::ProxyRequired),
            (None, [_, ..]) => occurrence.or_possibly(Code::ProxyConfigured),
            (None, []) => occurrence,
        };
        let reached = servers.iter().filter(|server| is_reached(server));
        let servers_shown = obstacle.iter().map(|(server, _)| *server).chain(reached.copied());
        Some(
            servers_shown.fold(occurrence.owner(owner), |occurrence, server| occurrence.evidence(Observed::of(server))),
        )
    }
}

/// The router that rejects the connections to all of them.
fn rejected_by(obstacle: &[(&RevocationServer, Obstacle)]) -> Option<IpAddr> {
    let mut routers = obstacle.iter().map(|(_, obstacle)| obstacle.rejected_by());
    let first = routers.next()??;
    routers.all(|router| router == Some(first)).then_some(first)
}

impl RevocationUnreachable {
    /// The port, if they have only one.
    fn port(&self) -> Option<u16> {
        let first = self.unreachable.first()?.port;
        self.unreachable.iter().all(|server| server.port == first).then_some(first)
    }

    fn hosts(&self) -> String {
        shortened_list(&self.unreachable.iter().map(|server| server.host.as_str()).collect::<Vec<_>>())
    }

    /// `a and b (TCP 80)`, `a (TCP 80) and b (TCP 8080)`.
    fn hosts_with_ports(&self) -> String {
        match self.port() {
            Some(port) => format!("{} (TCP {port})", self.hosts()),
            None => shortened_list(
                &self
                    .unreachable
                    .iter()
                    .map(|Server { host, port }| format!("{host} (TCP {port})"))
                    .collect::<Vec<_>>(),
            ),
        }
    }
}

impl Server {
    fn of(server: &RevocationServer) -> Self {
        Self { host: clipped(&server.host), port: server.port }
    }
}

/// Why a server is not reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Obstacle {
    /// Its name has no address here.
    Name,
    /// Packets or their answers are lost or reset, or something else answers.
    Packets,
    /// A router rejects them.
    Rejected(Option<IpAddr>),
    /// A router has no route to it.
    Unroutable,
    /// This machine itself stops it.
    Here,
}

impl Obstacle {
    /// `None` if it is reached, or if nothing points to the network.
    fn of(run: &Observations, server: &RevocationServer) -> Option<Self> {
        match &server.reply {
            RevocationReply::Answered { response } => {
                is_portal_redirect(response, &server.host).then_some(Self::Packets)
            }
            RevocationReply::NotHttp { .. }
            | RevocationReply::Closed
            | RevocationReply::Reset
            | RevocationReply::Silent => Some(Self::Packets),
            RevocationReply::NotConnected { failure } => match failure {
                ConnectFailure::TimedOut { .. } | ConnectFailure::Refused { .. } => Some(Self::Packets),
                ConnectFailure::Unreachable => Some(Self::Unroutable),
                ConnectFailure::Icmp { from_this_machine: true, .. } | ConnectFailure::Local { .. } => Some(Self::Here),
                ConnectFailure::Icmp { icmp_type, code, offender, .. } => {
                    let v6 = server.address.is_some_and(|address| address.is_ipv6());
                    Some(match (IcmpError { icmp_type: *icmp_type, code: *code, v6 }).blame() {
                        Blame::Policy | Blame::Port => Self::Rejected(*offender),
                        Blame::Routing => Self::Unroutable,
                    })
                }
                // A resource that this machine lacks says nothing about the network.
                _ => None,
            },
            // If the hub's name was not looked up either, devices may work without a name server.
            RevocationReply::NotResolved { failure: ResolveFailure::Other { .. } } => None,
            RevocationReply::NotResolved { .. } => (run.resolution.outcome == Outcome::Ok).then_some(Self::Name),
            RevocationReply::NotAsked | RevocationReply::Cancelled => None,
        }
    }

    fn owner(self) -> Owner {
        match self {
            Self::Packets | Self::Rejected(_) => Owner::FirewallOwner,
            Self::Unroutable => Owner::NetworkAdmin,
            Self::Here => Owner::Operator,
            Self::Name => Owner::DnsAdmin,
        }
    }

    fn rejected_by(self) -> Option<IpAddr> {
        match self {
            Self::Rejected(router) => router,
            _ => None,
        }
    }
}

fn is_reached(server: &RevocationServer) -> bool {
    matches!(&server.reply, RevocationReply::Answered { response } if !is_portal_redirect(response, &server.host))
}

/// Whether a login page answers: by the status for portals (RFC 6585, section 6), or a redirect to another domain. Web
/// servers may redirect to another name of their own, and to `https`.
fn is_portal_redirect(response: &HttpResponse, host: &str) -> bool {
    let location = response.header("location").filter(|location| location.contains("://"));
    let to = location.and_then(|location| HubHost::parse(location).ok());
    match response.status {
        511 => true,
        300..=399 => to.is_some_and(|to| domain(&to.to_string()) != domain(host)),
        _ => false,
    }
}

/// The last two labels of a name.
fn domain(host: &str) -> String {
    match host.parse::<IpAddr>() {
        Ok(address) => address.to_string(),
        Err(_) => {
            let mut labels: Vec<&str> = host.rsplit('.').take(2).collect();
            labels.reverse();
            labels.join(".").to_ascii_lowercase()
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Observed {
    host: String,
    port: u16,
    address: Option<IpAddr>,
    waited_ms: f64,
    reply: RevocationReply,
}

impl Observed {
    fn of(server: &RevocationServer) -> Self {
        let RevocationServer { host, port, address, duration_ms, reply, .. } = server;
        Self { host: clipped(host), port: *port, address: *address, waited_ms: *duration_ms, reply: reply.clone() }
    }
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, address, waited_ms, reply } = self;
        let v6 = address.is_some_and(|address| address.is_ipv6());
        let host = match address {
            Some(address) if address.to_string() != *host => format!("{host} ({address})"),
            _ => host.clone(),
        };
        match reply {
            RevocationReply::Answered { response } => {
                write!(f, "{host} answers on TCP {port}: HTTP {}", response.status)?;
                match response.header("location") {
                    Some(location) => write!(f, ", to {}", clipped(location)),
                    None => Ok(()),
                }
            }
            RevocationReply::NotHttp { first_bytes } => {
                write!(f, "what answers for {host} on TCP {port} is not HTTP: {}", first_bytes.readable())
            }
            RevocationReply::Closed => write!(f, "{host} closes the connection on TCP {port} without an answer"),
            RevocationReply::Reset => write!(f, "the connection to {host} on TCP {port} is reset without an answer"),
            RevocationReply::Silent => write!(f, "{host} takes the connection on TCP {port}, and never answers"),
            RevocationReply::NotConnected { failure } => match failure {
                ConnectFailure::TimedOut { .. } => {
                    write!(f, "no answer to the SYN to {host} on TCP {port} in {}", duration_in_sentence(*waited_ms))
                }
                ConnectFailure::Refused { .. } => write!(f, "the SYN to {host} on TCP {port} is answered by a RST"),
                ConnectFailure::Icmp { icmp_type, code, offender, .. } => {
                    let name = IcmpError { icmp_type: *icmp_type, code: *code, v6 }.name();
                    let who = offender.map_or_else(|| "a router".to_owned(), |router| router.to_string());
                    write!(f, "{who} rejects the SYN to {host} on TCP {port}: ICMP {name}")
                }
                _ => write!(f, "this machine cannot connect to {host} on TCP {port}"),
            },
            RevocationReply::NotResolved { failure } => {
                let why = match failure {
                    ResolveFailure::NameNotFound => "there is no such name",
                    ResolveFailure::NoAddress => "it has no address",
                    ResolveFailure::TimedOut => "no answer in time",
                    _ => "the lookup failed",
                };
                write!(f, "the name {host} cannot be looked up here: {why}")
            }
            RevocationReply::NotAsked | RevocationReply::Cancelled => write!(f, "{host} was not asked"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redirect(status: u16, location: &str) -> HttpResponse {
        HttpResponse {
            minor_version: 1,
            status,
            reason: String::new(),
            headers: vec![("location".to_owned(), location.to_owned())],
            body_start: String::new(),
        }
    }

    #[test]
    fn only_what_sends_to_strangers_is_a_login_page() {
        for (status, location, elsewhere) in [
            (302, "http://login.hotel.test/?from=x", true),
            (302, "http://10.0.0.1/login", true),
            (511, "", true),
            (301, "https://crl.trust.example/a", false),
            (301, "https://www.Trust.example/", false),
            (301, "/elsewhere", false),
            (301, "", false),
            (404, "http://login.hotel.test/", false),
            (403, "", false),
        ] {
            let response = redirect(status, location);
            assert_eq!(is_portal_redirect(&response, "crl.trust.example"), elsewhere, "{status} {location}");
        }
    }

    #[test]
    fn ports_are_told_once_where_they_are_one() {
        let server = |host: &str, port| Server { host: host.to_owned(), port };
        let of =
            |unreachable| RevocationUnreachable { unreachable, ..RevocationUnreachable::default() }.hosts_with_ports();
        assert_eq!(of(vec![server("a.test", 80), server("b.test", 80)]), "a.test and b.test (TCP 80)");
        assert_eq!(of(vec![server("a.test", 80), server("b.test", 81)]), "a.test (TCP 80) and b.test (TCP 81)");
    }
}
