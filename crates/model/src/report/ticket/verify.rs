//! How to verify the fix: with this program, and without it by what shows that cause.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
};

use serde_json::Value;

use super::request::{Request, checks};
use crate::{
    diagnosis::{Code, Finding, Owner, Severity, remedy::Remedy},
    hub::Protocol,
    observation::Stage,
    report::{
        finding_ref::FindingRef,
        screen::Page,
        text::{listed, shown},
    },
};

/// Commands shown if there are many hubs.
const MAX_COMMANDS: usize = 5;

pub(super) fn write(page: &mut Page, requests: &[Request<'_>]) {
    page.wrapped("", "  ", "To verify, on the same machine (exit status 0 when all is open):");
    let hubs = protocols(requests);
    if hubs.len() > 1 {
        page.push("  hubreach audit PLAN\n");
        page.wrapped("", "  ", "with the plan that was audited, or a hub at a time:");
    }
    for (host, protocols) in hubs.iter().take(MAX_COMMANDS) {
        let protocols: Vec<&str> = protocols.iter().map(|protocol| protocol.id()).collect();
        let (host, protocols, besides) = (shown(host), protocols.join(","), besides(requests, host));
        page.push(&format!("  hubreach {host} --protocol {protocols} --require all{besides}\n"));
    }
    and_more(page, hubs.len());
    let warnings = warnings(requests);
    if !warnings.is_empty() {
        page.wrapped("", "  ", &format!("and its report has no word of {} any more.", listed(&warnings)));
    }
    let proofs = proofs(requests);
    if !proofs.is_empty() {
        page.push("or, without hubreach:\n");
    }
    for (expected, commands) in &proofs {
        for command in commands.iter().take(MAX_COMMANDS) {
            page.push(&format!("  {command}\n"));
        }
        and_more(page, commands.len());
        page.wrapped("    ", "    ", expected);
    }
}

fn and_more(page: &mut Page, commands: usize) {
    if commands > MAX_COMMANDS {
        page.push(&format!("  and so for the other {}\n", commands - MAX_COMMANDS));
    }
}

/// The option that a check needs to see this finding again.
fn besides(requests: &[Request<'_>], host: &str) -> &'static str {
    let mut of_it =
        requests.iter().flat_map(|request| &request.sightings).filter(|one| one.report.observations.hub.host == host);
    let is_asked_for = |one: &FindingRef<'_>| one.finding.code == Code::RevocationUnreachable;
    if of_it.any(is_asked_for) { " --companions" } else { "" }
}

/// What is stopped, per hub.
fn protocols<'a>(requests: &[Request<'a>]) -> BTreeMap<&'a str, BTreeSet<Protocol>> {
    let mut hubs: BTreeMap<&str, BTreeSet<Protocol>> = BTreeMap::new();
    for sighting in requests.iter().flat_map(|request| &request.sightings) {
        let protocols = checks(sighting).map(|check| check.observations.protocol);
        hubs.entry(&sighting.report.observations.hub.host).or_default().extend(protocols);
    }
    hubs
}

/// An exit status does not show what stops nothing.
fn warnings(requests: &[Request<'_>]) -> Vec<&'static str> {
    let mut codes: Vec<&str> = Vec::new();
    for FindingRef { finding, .. } in requests.iter().flat_map(|request| &request.sightings) {
        if finding.severity == Severity::Warning && !codes.contains(&finding.code.id()) {
            codes.push(finding.code.id());
        }
    }
    codes
}

/// What a command must show, and the commands.
type Proofs = Vec<(String, Vec<String>)>;

/// One command per stopped check: for one hub the first, for several one per port.
fn proofs(requests: &[Request<'_>]) -> Proofs {
    let mut proofs: Proofs = Vec::new();
    let mut doors: Vec<(Proof, u16)> = Vec::new();
    for sighting in requests.iter().flat_map(|request| &request.sightings) {
        let Some(proof) = Proof::of(sighting.finding) else { continue };
        match &proof {
            Proof::Name => add(&mut proofs, proof.expected(), by_name(sighting)),
            Proof::Fetch(addresses) => {
                let fetched = addresses.iter().map(|address| format!("curl --max-time 9 http://{}/", shown(address)));
                fetched.for_each(|command| add(&mut proofs, proof.expected(), command));
            }
            Proof::Tls { .. } => {
                for port in checks(sighting).map(|check| check.observations.port) {
                    if !doors.contains(&(proof.clone(), port)) {
                        doors.push((proof.clone(), port));
                        add(&mut proofs, proof.expected(), proof.handshake(sighting, port));
                    }
                }
            }
        }
    }
    proofs
}

fn add(proofs: &mut Proofs, expected: String, command: String) {
    match proofs.iter_mut().find(|(known, _)| *known == expected) {
        Some((_, commands)) if commands.contains(&command) => {}
        Some((_, commands)) => commands.push(command),
        None => proofs.push((expected, vec![command])),
    }
}

/// Queries the configured name server.
fn by_name(FindingRef { report, .. }: &FindingRef<'_>) -> String {
    let server =
        report.observations.vantage.resolvers.first().map(|server| format!(" {}", shown(server))).unwrap_or_default();
    format!("nslookup {}{server}", shown(&report.observations.hub.host))
}

/// What shows that a cause is fixed.
#[derive(Debug, Clone, PartialEq)]
enum Proof {
    /// The name resolves.
    Name,
    /// A TLS handshake succeeds, with these options.
    Tls { options: String, issuer: Option<Option<String>> },
    /// A clear-text request to these addresses gets an answer.
    Fetch(Vec<String>),
}

impl Proof {
    /// `None` if only this program shows it.
    fn of(finding: &Finding) -> Option<Self> {
        let tls = |options: String| Some(Self::Tls { options, issuer: None });
        let fact = |key: &str| finding.facts().get(key).and_then(Value::as_str).map(shown);
        match finding.code {
            Code::TlsIntercepted => Some(Self::Tls { options: String::new(), issuer: Some(fact("issuer")) }),
            Code::HelloRewritten => tls(match fact("hidden").as_deref() {
                Some("TLS 1.2") => " -tls1_2".to_owned(),
                _ => " -tls1_3".to_owned(),
            }),
            Code::AlpnFilter => tls(fact("alpn").map(|alpn| format!(" -alpn {alpn}")).unwrap_or_default()),
            Code::RevocationUnreachable => Some(Self::Fetch(addresses(finding))),
            _ if finding.stage == Stage::Resolve || finding.owner == Owner::DnsAdmin => Some(Self::Name),
            // A handshake does not show what works one at a time, or with small packets.
            _ if finding.severity == Severity::Warning && finding.remedy() != Remedy::Open => None,
            _ if matches!(finding.stage, Stage::Connect | Stage::Tls) => tls(String::new()),
            _ => None,
        }
    }

    fn handshake(&self, FindingRef { report, finding }: &FindingRef<'_>, port: u16) -> String {
        let Self::Tls { options, issuer } = self else { return String::new() };
        let host = shown(&report.observations.hub.host);
        // Another of the hub's addresses shows nothing.
        let at = match finding.only_at() {
            Some(address) => SocketAddr::new(address, port).to_string(),
            None => format!("{host}:{port}"),
        };
        let seen = if issuer.is_some() { " 2>/dev/null | openssl x509 -noout -issuer" } else { "" };
        format!("openssl s_client -connect {at} -servername {host}{options} </dev/null{seen}")
    }

    fn expected(&self) -> String {
        match self {
            Self::Name => "must give the hub's own address.".to_owned(),
            Self::Tls { issuer: Some(Some(issuer)), .. } => {
                format!("must name the hub's own authority, and not {issuer}.")
            }
            Self::Tls { issuer: Some(None), .. } => "must name the hub's own authority.".to_owned(),
            Self::Tls { issuer: None, .. } => "must show the hub's certificate.".to_owned(),
            Self::Fetch(_) => "must be answered, whatever the status.".to_owned(),
        }
    }
}

/// The addresses in the certificates that do not answer.
fn addresses(finding: &Finding) -> Vec<String> {
    let facts = finding.facts();
    let servers = facts.get("unreachable").and_then(Value::as_array).into_iter().flatten();
    let named = servers.filter_map(|server| {
        let (host, port) = (server.get("host")?.as_str()?, server.get("port")?.as_u64()?);
        Some(if port == 80 { host.to_owned() } else { format!("{host}:{port}") })
    });
    named.collect()
}
