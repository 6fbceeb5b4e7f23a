//! A report as metrics, by Prometheus' conventions: base units, and labels whose values are bounded.

use prometheus_client::registry::Registry;

use super::{
    Module, certificates,
    gauges::{Gauges, Labels},
};
use crate::{
    diagnosis::{Code, Finding, Severity, Verdict},
    observation::{Attempt, CheckObservations, Stage, TlsEvidence},
    report::{Check, Report, escape},
};

/// More characters of an issuer's name are not shown: a peer chooses it.
const MAX_ISSUER_LEN: usize = 120;

const VERDICTS: [Verdict; 4] = [Verdict::Allowed, Verdict::Blocked, Verdict::Declined, Verdict::Unknown];

/// All that a scraper is told of one probe.
pub(super) fn of_report(report: &Report, module: Module) -> Registry {
    let mut registry = Registry::default();
    about_the_run(&mut registry, report, module);
    about_the_checks(&mut registry, report);
    about_tls(&mut registry, report);
    about_the_causes(&mut registry, report);
    registry
}

fn about_the_run(registry: &mut Registry, report: &Report, module: Module) {
    let mut tell = |name, help, gauges: Gauges| registry.register(name, help, gauges);
    let what = vec![
        ("hub", report.observations.hub.host.clone()),
        ("kind", report.observations.hub.kind.id().to_owned()),
        ("module", module.id().to_owned()),
        ("require", report.observations.requirement.to_string()),
    ];
    let resolved = report.observations.resolution.duration_ms.map(|duration_ms| (Labels::new(), seconds(duration_ms)));
    tell(
        "hubreach_probe_success",
        "Whether what is required is allowed",
        Gauges::one(flag(report.diagnosis.requirement_met)),
    );
    tell(
        "hubreach_probe_duration_seconds",
        "How long the probe took",
        Gauges::one(seconds(report.observations.duration_ms)),
    );
    tell(
        "hubreach_probe_deadline_reached",
        "Whether the probe's deadline cut anything short",
        Gauges::one(flag(report.observations.deadline_reached)),
    );
    tell("hubreach_probe_info", "What was probed, and what is required of it", Gauges::from_iter([(what, 1.0)]));
    let proxy = report.observations.proxy.as_ref().map(|proxy| (vec![("proxy", escape(&proxy.url()))], 1.0));
    tell(
        "hubreach_proxy_info",
        "Through which proxy the checks with route=\"proxy\" went; none where there were no such checks",
        Gauges::from_iter(proxy),
    );
    tell(
        "hubreach_resolve_duration_seconds",
        "How long it took to turn the hub's name into addresses, or to fail; none where nothing was to be resolved",
        Gauges::from_iter(resolved),
    );
    tell(
        "hubreach_resolve_addresses",
        "How many addresses the hub's name has, or were given",
        Gauges::one(report.observations.resolution.addresses.len() as f64),
    );
}

fn about_the_checks(registry: &mut Registry, report: &Report) {
    let verdicts = report.checks().flat_map(|check| {
        VERDICTS.map(|verdict| (with(check, [("verdict", verdict.to_string())]), flag(check.verdict == verdict)))
    });
    let stages = |value: fn(f64, bool) -> f64| {
        let of_check = move |check| {
            let reached = furthest(check).map(reached).into_iter().flatten();
            reached.map(move |(stage, duration_ms, success)| {
                (with(check, [("stage", stage.id().to_owned())]), value(duration_ms, success))
            })
        };
        report.checks().flat_map(of_check).collect()
    };
    let mut tell = |name, help, gauges: Gauges| registry.register(name, help, gauges);
    tell(
        "hubreach_check_allowed",
        "Whether the hub answered in this protocol, as far as the module goes",
        each(report, |check| Some(flag(check.verdict == Verdict::Allowed))),
    );
    tell(
        "hubreach_check_required",
        "Whether this very check is required: of none, where any one would do",
        each(report, |check| Some(flag(report.requires(check)))),
    );
    tell("hubreach_check_verdict", "The verdict: 1 for the one that holds, 0 for the others", verdicts.collect());
    tell(
        "hubreach_check_duration_seconds",
        "How long the check took, at all addresses",
        each(report, |check| Some(seconds(check.observations.duration_ms))),
    );
    tell(
        "hubreach_stage_duration_seconds",
        "How long each stage that was reached took, at the address that got furthest",
        stages(|duration_ms, _| seconds(duration_ms)),
    );
    tell(
        "hubreach_stage_success",
        "Whether each stage that was reached succeeded, at the address that got furthest",
        stages(|_, success| flag(success)),
    );
}

fn about_tls(registry: &mut Registry, report: &Report) {
    let info = report.checks().filter_map(|check| {
        let tls = handshake(check)?;
        let issuer = tls.chain.first().and_then(|own| own.issuer.as_deref());
        let labels = [
            ("version", tls.version.clone().unwrap_or_default()),
            ("cipher", tls.cipher_suite.clone().unwrap_or_default()),
            ("issuer", issuer.map(bounded).unwrap_or_default()),
            ("identity", tls.trust.as_ref().map(|trust| trust.identity.to_string()).unwrap_or_default()),
        ];
        Some((with(check, labels), 1.0))
    });
    let mut tell = |name, help, gauges: Gauges| registry.register(name, help, gauges);
    tell("hubreach_tls_info", "Who answered the TLS handshake, and how", info.collect());
    tell(
        "hubreach_certificate_expiry_timestamp_seconds",
        "When the certificate that the peer shows expires, whoever the peer is",
        each(report, |check| certificates::own_expiry(&handshake(check)?.chain)),
    );
    tell(
        "hubreach_certificate_chain_expiry_timestamp_seconds",
        "When the first certificate of the chain that the peer shows expires, whoever the peer is",
        each(report, |check| certificates::first_expiry(&handshake(check)?.chain)),
    );
}

fn about_the_causes(registry: &mut Registry, report: &Report) {
    let findings = report.diagnosis.findings.iter().map(|finding| {
        let mut labels = blame(finding).to_vec();
        labels.push(("severity", finding.severity.to_string()));
        (labels, 1.0)
    });
    let failed = report.checks().filter(|check| check.verdict != Verdict::Allowed);
    let causes = failed.filter_map(|check| Some((with(check, blame(cause(report, check)?)), 1.0)));
    let mut tell = |name, help, gauges: Gauges| registry.register(name, help, gauges);
    tell(
        "hubreach_finding",
        "Something found, good to know or worse; `hubreach explain` tells of its code",
        findings.collect(),
    );
    tell(
        "hubreach_check_cause_info",
        "What stops a check that is not allowed, and who can mend it; at most one for each such check",
        causes.collect(),
    );
}

/// The gravest finding about a check that is no mere consequence of another; where nothing is to be mended as a proxy is to
/// be used, that.
fn cause<'a>(report: &'a Report, check: Check<'_>) -> Option<&'a Finding> {
    let all = || report.diagnosis.findings.iter().filter(|finding| finding.affects.contains(&check.observations.id));
    let errors = || all().filter(|finding| finding.severity == Severity::Error);
    let instead = || all().find(|finding| finding.code == Code::ProxyRequired);
    errors().find(|finding| finding.depends_on.is_none()).or_else(|| errors().next()).or_else(instead)
}

fn blame(finding: &Finding) -> [(&'static str, String); 3] {
    [
        ("code", finding.code.id().to_owned()),
        ("confidence", finding.confidence.to_string()),
        ("owner", finding.owner.to_string()),
    ]
}

/// What a TLS handshake showed, at the address that got furthest, if there was any.
fn handshake(check: Check<'_>) -> Option<&TlsEvidence> {
    let tls = furthest(check)?.tls.evidence()?;
    (tls.version.is_some() || !tls.chain.is_empty()).then_some(tls)
}

/// The attempt that passed most stages, the first of several.
fn furthest(check: Check<'_>) -> Option<&Attempt> {
    let passed = |attempt: &&Attempt| reached(attempt).filter(|(_, _, success)| *success).count();
    check.observations.attempts.iter().rev().max_by_key(passed)
}

/// The stages that an attempt reached: how long each took, in milliseconds, and whether it succeeded.
fn reached(attempt: &Attempt) -> impl Iterator<Item = (Stage, f64, bool)> {
    let Attempt { connect, proxy, tls, upgrade, exchange, .. } = attempt;
    let proxied = proxy.as_ref().map(|proxy| (proxy.duration_ms(), proxy.is_ok()));
    let (proxy_ms, proxy_ok) = proxied.unwrap_or_default();
    let upgraded = upgrade.as_ref().map(|upgrade| (upgrade.duration_ms(), upgrade.is_ok()));
    let (upgrade_ms, upgrade_ok) = upgraded.unwrap_or_default();
    let stages = [
        (Stage::Connect, connect.duration_ms(), connect.is_ok()),
        (Stage::Proxy, proxy_ms, proxy_ok),
        (Stage::Tls, tls.duration_ms(), tls.is_ok()),
        (Stage::Upgrade, upgrade_ms, upgrade_ok),
        (Stage::Exchange, exchange.duration_ms(), exchange.is_ok()),
    ];
    stages.into_iter().filter_map(|(stage, duration_ms, success)| Some((stage, duration_ms?, success)))
}

/// A sample for each check that has a value.
fn each(report: &Report, value: impl Fn(Check<'_>) -> Option<f64>) -> Gauges {
    report.checks().filter_map(|check| Some((with(check, []), value(check)?))).collect()
}

/// The labels by which the checks of a hub are told apart, and `more`.
fn with<const N: usize>(check: Check<'_>, more: [(&'static str, String); N]) -> Labels {
    let CheckObservations { protocol, port, route, .. } = &check.observations;
    let own = [("protocol", protocol.id().to_owned()), ("port", port.to_string()), ("route", route.to_string())];
    own.into_iter().chain(more).collect()
}

fn flag(is: bool) -> f64 {
    f64::from(u8::from(is))
}

/// Of milliseconds; reports have two decimals of them.
fn seconds(millis: f64) -> f64 {
    (millis * 100.0).round() / 100_000.0
}

/// A peer's text: nothing in it steers a terminal or breaks a line, and of a long one the beginning.
fn bounded(text: &str) -> String {
    let mut escaped = escape(text);
    if let Some((end, _)) = escaped.char_indices().nth(MAX_ISSUER_LEN) {
        escaped.truncate(end);
        escaped.push('…');
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_s_name_is_short_and_harmless() {
        assert_eq!(bounded("CN=Zürich \u{202e}CA\n"), "CN=Zürich \\u{202e}CA\\u{a}");
        let long = bounded(&"ü".repeat(5000));
        assert_eq!((long.chars().count(), long.ends_with('…')), (MAX_ISSUER_LEN + 1, true));
    }
}
