//! How to verify the fix: with this program, and without it by what shows that cause.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
};

use serde_json::Value;

use super::{
    connect,
    request::{Request, checks},
};
use crate::{
    diagnosis::{Code, Finding, Owner, Severity, remedy::Remedy},
    hub::{Protocol, Route},
    observation::Stage,
    report::{
        Report,
        endpoint::Tested,
        finding_ref::FindingRef,
        screen::Page,
        text::{listed, shown},
    },
};

/// Commands shown if there are many hubs.
const MAX_COMMANDS: usize = 5;

pub(super) fn write(page: &mut Page, requests: &[Request<'_>]) {
    page.wrapped("", "  ", "To verify, on the same machine (exit status 0 when all is open):");
    let runs = runs(requests);
    if runs.keys().map(|run| run.host).collect::<BTreeSet<_>>().len() > 1 {
        page.push("  hubreach audit PLAN\n");
        page.wrapped("", "  ", "with the plan that was audited, or a hub at a time:");
    }
    for (run, checked) in runs.iter().take(MAX_COMMANDS) {
        let mut protocols: Vec<&str> = checked.iter().map(|(protocol, _)| protocol.id()).collect();
        protocols.dedup();
        let (host, protocols, besides) = (shown(run.host), protocols.join(","), besides(requests, run.host));
        let (options, ports) = (&run.options, ports(requests, run.host, checked));
        page.push(&format!("  hubreach {host} --protocol {protocols} --require all{ports}{options}{besides}\n"));
    }
    and_more(page, runs.len());
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

/// A run that shows whether something is mended.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Run<'a> {
    host: &'a str,
    /// The route, if there are several, and a proxy that only an option names.
    options: String,
}

/// What is stopped, per hub and route.
fn runs<'a>(requests: &[Request<'a>]) -> BTreeMap<Run<'a>, BTreeSet<(Protocol, u16)>> {
    let mut runs: BTreeMap<Run<'a>, BTreeSet<(Protocol, u16)>> = BTreeMap::new();
    for sighting in requests.iter().flat_map(|request| &request.sightings) {
        for check in checks(sighting) {
            let run = Run {
                host: &sighting.report.observations.hub.host,
                options: options(sighting.report, check.observations.route),
            };
            runs.entry(run).or_default().insert((check.observations.protocol, check.observations.port));
        }
    }
    runs
}

/// The option for the ports that are not those of this kind of hub.
fn ports(requests: &[Request<'_>], host: &str, checked: &BTreeSet<(Protocol, u16)>) -> String {
    let mut hubs = requests.iter().flat_map(|request| &request.sightings).map(|one| &one.report.observations.hub);
    let Some(hub) = hubs.find(|hub| hub.host == host) else { return String::new() };
    let defaults = hub.kind.facts().endpoints;
    let is_default = |(protocol, port): (Protocol, u16)| {
        defaults.iter().any(|default| (default.protocol, default.port) == (protocol, port))
    };
    let own: Vec<String> = checked
        .iter()
        .filter(|one| !is_default(**one))
        .map(|(protocol, port)| format!("{}={port}", protocol.id()))
        .collect();
    if own.is_empty() { String::new() } else { format!(" --port {}", own.join(",")) }
}

fn options(report: &Report, route: Route) -> String {
    if Tested::of(report) == Tested::Direct {
        return String::new();
    }
    // Who verifies may sit at another machine, with other settings.
    let proxy = report.observations.proxy.as_ref().filter(|_| route == Route::Proxy).map(|proxy| {
        let login = if proxy.has_credentials { "USER:PASSWORD@" } else { "" };
        format!(" --proxy {}://{login}{}", proxy.scheme, shown(&proxy.address()))
    });
    format!(" --route {route}{}", proxy.unwrap_or_default())
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
    let mut doors: Vec<(Proof, Route, u16)> = Vec::new();
    for sighting in requests.iter().flat_map(|request| &request.sightings) {
        let Some(proof) = Proof::of(sighting.finding) else { continue };
        match &proof {
            Proof::Name => add(&mut proofs, proof.expected(), by_name(sighting)),
            Proof::Fetch(addresses) => {
                let fetched = addresses.iter().map(|address| format!("curl --max-time 9 http://{}/", shown(address)));
                fetched.for_each(|command| add(&mut proofs, proof.expected(), command));
            }
            Proof::Request => {
                // A proxy that is not reached by one request is not reached by any.
                let most = if sighting.finding.code == Code::ProxyUnreachable { 1 } else { usize::MAX };
                let ports: BTreeSet<u16> = checks(sighting).map(|check| check.observations.port).collect();
                let proxy = sighting.report.observations.proxy.as_ref();
                let host = &sighting.report.observations.hub.host;
                let commands = ports.iter().take(most).filter_map(|port| Some(connect::command(proxy?, host, *port)));
                commands.for_each(|command| add(&mut proofs, proof.expected(), command));
            }
            Proof::Tls { .. } => {
                for check in checks(sighting) {
                    let (route, port) = (check.observations.route, check.observations.port);
                    if !doors.contains(&(proof.clone(), route, port)) {
                        doors.push((proof.clone(), route, port));
                        let command = proof.handshake(sighting, route, port);
                        command.into_iter().for_each(|command| add(&mut proofs, proof.expected(), command));
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
    /// The proxy connects to the hub.
    Request,
}

impl Proof {
    /// `None` if only this program shows it.
    fn of(finding: &Finding) -> Option<Self> {
        let tls = |options: String| Some(Self::Tls { options, issuer: None });
        let fact = |key: &str| finding.facts().get(key).and_then(Value::as_str).map(shown);
        match finding.code {
            Code::ProxyUnreachable => Some(Self::Request),
            _ if finding.stage == Stage::Proxy => Some(Self::Request),
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

    /// `None` if no such command goes through the proxy.
    fn handshake(&self, FindingRef { report, finding }: &FindingRef<'_>, route: Route, port: u16) -> Option<String> {
        let Self::Tls { options, issuer } = self else { return None };
        let by = match route {
            Route::Direct => String::new(),
            Route::Proxy => connect::openssl_options(report.observations.proxy.as_ref()?)?,
        };
        let host = shown(&report.observations.hub.host);
        // Another of the hub's addresses shows nothing.
        let at = match finding.only_at() {
            Some(address) => SocketAddr::new(address, port).to_string(),
            None => format!("{host}:{port}"),
        };
        let seen = if issuer.is_some() { " 2>/dev/null | openssl x509 -noout -issuer" } else { "" };
        Some(format!("openssl s_client{by} -connect {at} -servername {host}{options} </dev/null{seen}"))
    }

    fn expected(&self) -> String {
        match self {
            Self::Name => "must give the hub's own address.".to_owned(),
            Self::Tls { issuer: Some(Some(issuer)), .. } => {
                format!("must name the hub's own authority, and not {issuer}.")
            }
            Self::Tls { issuer: Some(None), .. } => "must name the hub's own authority.".to_owned(),
            Self::Tls { issuer: None, .. } => "must show the hub's certificate.".to_owned(),
            Self::Request => {
                "must show that the proxy connects, then the hub's certificate; the answer to the request does \
                not matter."
                    .to_owned()
            }
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
