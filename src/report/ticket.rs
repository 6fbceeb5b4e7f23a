//! Requests to whoever stops something: what to allow, from where, why, and how to verify. Plain text, to paste into a
//! ticket.

use std::{collections::BTreeSet, fmt::Write as _, net::IpAddr};

use super::{
    Report,
    text::{owner, place, shown, wrapped},
};
use crate::{
    diagnosis::{Finding, Owner, Severity},
    observation::{Outcome, Stage},
    target::Protocol,
};

pub(super) fn render(report: &Report) -> String {
    let host = shown(&report.hub.host);
    let mut requests: Vec<Request> = Vec::new();
    for finding in report.findings.iter().filter(|finding| is_for_the_network(finding)) {
        match requests.iter_mut().find(|request| request.is_for_whom(finding)) {
            Some(request) => request.findings.push(finding),
            None => requests.push(Request { findings: vec![finding] }),
        }
    }
    if requests.is_empty() {
        return format!("Nothing to ask of this network: nothing in it is known to stop {host}.\n");
    }
    let mut out = String::new();
    wrapped(&mut out, "", "  ", &format!("Request: let {host} through"));
    for request in &requests {
        out.push('\n');
        request.write(&mut out, report);
    }
    out.push('\n');
    verification(&mut out, report, &requests);
    out
}

/// What the people of this network can mend; a symptom is mended with its cause.
fn is_for_the_network(finding: &Finding) -> bool {
    let theirs = matches!(
        finding.owner,
        Owner::FirewallOwner | Owner::NetworkAdmin | Owner::SecurityTeam | Owner::ProxyAdmin | Owner::DnsAdmin
    );
    theirs && finding.severity != Severity::Info && finding.depends_on.is_none()
}

/// What one person is asked: everything that is stopped at one place.
struct Request<'a> {
    findings: Vec<&'a Finding>,
}

impl<'a> Request<'a> {
    fn first(&self) -> &'a Finding {
        self.findings[0]
    }

    fn is_for_whom(&self, finding: &Finding) -> bool {
        self.first().owner == finding.owner && device(self.first()) == device(finding)
    }

    fn write(&self, out: &mut String, report: &Report) {
        let at = match (&self.first().location, device(self.first())) {
            (Some(location), _) => format!(", at {}", place(location)),
            (None, Some(device)) => format!(", at {}", shown(&device)),
            (None, None) => String::new(),
        };
        wrapped(out, "", "  ", &format!("To {}{at}:", owner(self.first().owner)));
        let rules = self.rules(report);
        if !rules.is_empty() {
            let _ = writeln!(out, "\n  Please allow, outbound, from {}:", source(report));
            for (port, protocols) in rules {
                let labels: Vec<&str> = protocols.iter().map(|protocol| protocol.label()).collect();
                let to = format!("to {} ({})", shown(&report.hub.host), labels.join(", "));
                wrapped(out, &format!("    TCP {port:<5} "), "              ", &to);
            }
            wrapped(out, "  ", "  ", &by_name(report));
        }
        for finding in &self.findings {
            out.push('\n');
            wrapped(out, "  What is wrong: ", "    ", &format!("{} ({}).", shown(&finding.title), finding.code));
            wrapped(out, "  What to do: ", "    ", &shown(&finding.fix));
            wrapped(out, "  ", "  ", &format!("Seen at {} by {}:", shown(&report.started_at), tool(report)));
            for evidence in &finding.evidence {
                wrapped(out, "  - ", "    ", &shown(evidence));
            }
        }
    }

    /// The ports that are stopped, each with what is spoken there; none where the name is what fails.
    fn rules(&self, report: &Report) -> Vec<(u16, BTreeSet<Protocol>)> {
        let stopped = self.findings.iter().filter(|finding| finding.stage != Stage::Resolve);
        let affected: BTreeSet<_> = stopped.flat_map(|finding| &finding.affects).collect();
        let mut rules: Vec<(u16, BTreeSet<Protocol>)> = Vec::new();
        for check in report.checks.iter().filter(|check| affected.contains(&check.seen.id)) {
            match rules.iter_mut().find(|(port, _)| *port == check.seen.port) {
                Some((_, protocols)) => _ = protocols.insert(check.seen.protocol),
                None => rules.push((check.seen.port, BTreeSet::from([check.seen.protocol]))),
            }
        }
        rules
    }
}

/// The device that is to be changed, as far as it is known.
fn device(finding: &Finding) -> Option<String> {
    let at = finding.location.as_ref().and_then(|location| location.address).map(|address| address.to_string());
    at.or_else(|| finding.facts.get("offender")?.as_str().map(str::to_owned))
}

/// This machine and the addresses that it connects from.
fn source(report: &Report) -> String {
    let attempts = report.checks.iter().flat_map(|check| &check.seen.attempts);
    let local = attempts.filter_map(|attempt| Some(attempt.connect.success()?.local?.ip()));
    let addresses: Vec<String> = local.collect::<BTreeSet<IpAddr>>().iter().map(ToString::to_string).collect();
    match (&report.vantage.host, addresses.as_slice()) {
        (Some(host), []) => shown(host),
        (Some(host), addresses) => format!("{} ({})", shown(host), addresses.join(", ")),
        (None, []) => "this machine".to_owned(),
        (None, addresses) => addresses.join(", "),
    }
}

/// A hub's address changes: a rule that lists it is out of date one day.
fn by_name(report: &Report) -> String {
    let tag =
        report.hub.kind.facts().service_tag.map(|tag| format!(" or by the service tag {tag}")).unwrap_or_default();
    let today: Vec<String> = report.resolution.addresses.iter().map(ToString::to_string).collect();
    let resolved = report.resolution.outcome == Outcome::Ok;
    match (today.as_slice(), resolved) {
        ([], _) => format!("Allow it by name{tag}: its address can change."),
        (today, true) => format!("Allow it by name{tag}: its address can change. Today it is {}.", today.join(", ")),
        (today, false) => format!("Allow it by name{tag}: its address can change. Tested was {}.", today.join(", ")),
    }
}

fn verification(out: &mut String, report: &Report, requests: &[Request<'_>]) {
    let host = shown(&report.hub.host);
    let affected: BTreeSet<_> =
        requests.iter().flat_map(|request| &request.findings).flat_map(|finding| &finding.affects).collect();
    let checks: Vec<_> = report.checks.iter().filter(|check| affected.contains(&check.seen.id)).collect();
    let protocols: BTreeSet<_> = checks.iter().map(|check| check.seen.protocol).collect();
    let protocols: Vec<&str> = protocols.iter().map(|protocol| protocol.id()).collect();
    let _ = writeln!(out, "To verify, on the same machine (exit status 0 when all is open):");
    let _ = writeln!(out, "  hubreach {host} --protocol {} --require all", protocols.join(","));
    if let Some(check) = checks.first() {
        let _ = writeln!(out, "or, without hubreach:");
        let _ = writeln!(out, "  openssl s_client -connect {host}:{} -servername {host} </dev/null", check.seen.port);
    }
}

fn tool(report: &Report) -> String {
    format!("{} {}", shown(&report.tool.name), shown(&report.tool.version))
}
