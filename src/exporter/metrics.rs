//! A report as metrics, by Prometheus' conventions: base units, and labels whose values are bounded.

use std::sync::atomic::AtomicU64;

use prometheus_client::{
    metrics::{family::Family, gauge::Gauge},
    registry::Registry,
};
use serde::Serialize;

use super::{Module, certificates};
use crate::{
    diagnosis::{Finding, Severity, Verdict},
    observation::{Attempt, CheckSeen, Stage},
    report::{Check, Report, escape},
};

/// More characters of an issuer's name are not shown: a peer chooses it.
const LONGEST_ISSUER: usize = 120;

const VERDICTS: [Verdict; 4] = [Verdict::Allowed, Verdict::Blocked, Verdict::Declined, Verdict::Unknown];

type Labels = Vec<(&'static str, String)>;
type Values = Family<Labels, Gauge<f64, AtomicU64>>;

/// All that a scraper is told of one probe.
pub(super) fn of_report(report: &Report, module: Module) -> Registry {
    let mut registry = Registry::default();
    about_the_run(&mut registry, report, module);
    about_the_checks(&mut registry, report);
    about_tls(&mut registry, report);
    about_the_findings(&mut registry, report);
    registry
}

fn about_the_run(registry: &mut Registry, report: &Report, module: Module) {
    let mut value = |name, help, value| set(&family(registry, name, help), Vec::new(), value);
    value("hubreach_probe_success", "Whether what is required is allowed", flag(report.requirement.met));
    value("hubreach_probe_duration_seconds", "How long the probe took", seconds(report.duration_ms));
    value(
        "hubreach_probe_deadline_reached",
        "Whether the probe's deadline cut anything short",
        flag(report.deadline_reached),
    );
    if let Some(duration_ms) = report.resolution.duration_ms {
        value(
            "hubreach_resolve_duration_seconds",
            "How long it took to turn the hub's name into addresses, or to fail",
            seconds(duration_ms),
        );
    }
    value(
        "hubreach_resolve_addresses",
        "Addresses that the hub's name has, or that were given",
        report.resolution.addresses.len() as f64,
    );
    let info = vec![
        ("hub", report.hub.host.clone()),
        ("kind", report.hub.kind.id().to_owned()),
        ("module", module.id().to_owned()),
        ("require", report.requirement.spec.to_string()),
    ];
    set(&family(registry, "hubreach_probe_info", "What was probed, and what is required"), info, 1.0);
}

fn about_the_checks(registry: &mut Registry, report: &Report) {
    let allowed = family(registry, "hubreach_check_allowed", "Whether the hub answered in this protocol");
    let verdicts =
        family(registry, "hubreach_check_verdict", "The verdict: 1 for the one that holds, 0 for the others");
    let durations = family(registry, "hubreach_check_duration_seconds", "How long the check took at all addresses");
    let stages = family(
        registry,
        "hubreach_stage_duration_seconds",
        "How long each stage took, at the address that got furthest; of those not reached there is none",
    );
    let passed = family(
        registry,
        "hubreach_stage_success",
        "Whether each stage succeeded, at the address that got furthest; of those not reached there is none",
    );
    for check in &report.checks {
        set(&allowed, labels(&check.seen), flag(check.verdict == Verdict::Allowed));
        for verdict in VERDICTS {
            set(&verdicts, with(&check.seen, "verdict", word(&verdict)), flag(check.verdict == verdict));
        }
        set(&durations, labels(&check.seen), seconds(check.seen.duration_ms));
        for (stage, duration_ms, success) in furthest(check).map(reached).into_iter().flatten() {
            let labels = with(&check.seen, "stage", stage.id().to_owned());
            set(&stages, labels.clone(), seconds(duration_ms));
            set(&passed, labels, flag(success));
        }
    }
}

fn about_tls(registry: &mut Registry, report: &Report) {
    let info = family(registry, "hubreach_tls_info", "Who answered the TLS handshake, and how");
    let own = family(
        registry,
        "hubreach_certificate_expiry_timestamp_seconds",
        "When the certificate that the peer shows expires, whoever the peer is",
    );
    let first = family(
        registry,
        "hubreach_certificate_chain_expiry_timestamp_seconds",
        "When the first certificate of the chain that the peer shows expires, whoever the peer is",
    );
    for check in &report.checks {
        let Some(tls) = furthest(check).and_then(|attempt| attempt.tls.evidence()) else { continue };
        if let Some(at) = certificates::own_expiry(&tls.chain) {
            set(&own, labels(&check.seen), at);
        }
        if let Some(at) = certificates::first_expiry(&tls.chain) {
            set(&first, labels(&check.seen), at);
        }
        if tls.version.is_none() && tls.chain.is_empty() {
            continue;
        }
        let issuer = tls.chain.first().and_then(|own| own.issuer.as_deref());
        let mut labels = labels(&check.seen);
        labels.extend([
            ("version", tls.version.clone().unwrap_or_default()),
            ("cipher", tls.cipher_suite.clone().unwrap_or_default()),
            ("issuer", issuer.map(bounded).unwrap_or_default()),
            ("identity", tls.trust.as_ref().map(|trust| word(&trust.identity)).unwrap_or_default()),
        ]);
        set(&info, labels, 1.0);
    }
}

fn about_the_findings(registry: &mut Registry, report: &Report) {
    let findings = family(registry, "hubreach_finding", "A cause that was found; `hubreach explain` tells of its code");
    for finding in &report.findings {
        let labels = vec![
            ("code", finding.code.id().to_owned()),
            ("severity", word(&finding.severity)),
            ("confidence", word(&finding.confidence)),
            ("owner", word(&finding.owner)),
        ];
        set(&findings, labels, 1.0);
    }
    let causes = family(
        registry,
        "hubreach_check_cause_info",
        "What stops a check that is not allowed, and who can mend it; one for each such check",
    );
    for check in report.checks.iter().filter(|check| check.verdict != Verdict::Allowed) {
        if let Some(cause) = cause(report, check) {
            let mut labels = labels(&check.seen);
            labels.extend([
                ("code", cause.code.id().to_owned()),
                ("confidence", word(&cause.confidence)),
                ("owner", word(&cause.owner)),
            ]);
            set(&causes, labels, 1.0);
        }
    }
}

/// The gravest finding about a check that is no mere consequence of another.
fn cause<'a>(report: &'a Report, check: &Check) -> Option<&'a Finding> {
    let mut errors = report
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error && finding.affects.contains(&check.seen.id));
    errors.clone().find(|finding| finding.depends_on.is_none()).or_else(|| errors.next())
}

/// The attempt that passed most stages, the first of several.
fn furthest(check: &Check) -> Option<&Attempt> {
    let passed = |attempt: &Attempt| reached(attempt).filter(|(_, _, success)| *success).count();
    check.seen.attempts.iter().rev().max_by_key(|attempt| passed(attempt))
}

/// The stages that an attempt reached: how long each took, in milliseconds, and whether it succeeded.
fn reached(attempt: &Attempt) -> impl Iterator<Item = (Stage, f64, bool)> {
    let Attempt { connect, tls, upgrade, exchange, .. } = attempt;
    let stages = [
        (Stage::Connect, connect.duration_ms(), connect.is_ok()),
        (Stage::Tls, tls.duration_ms(), tls.is_ok()),
        (
            Stage::Upgrade,
            upgrade.as_ref().and_then(|upgrade| upgrade.duration_ms()),
            upgrade.as_ref().is_some_and(|upgrade| upgrade.is_ok()),
        ),
        (Stage::Exchange, exchange.duration_ms(), exchange.is_ok()),
    ];
    stages.into_iter().filter_map(|(stage, duration_ms, success)| Some((stage, duration_ms?, success)))
}

fn family(registry: &mut Registry, name: &'static str, help: &'static str) -> Values {
    let family = Values::default();
    registry.register(name, help, family.clone());
    family
}

fn set(family: &Values, labels: Labels, value: f64) {
    family.get_or_create(&labels).set(value);
}

/// By which the checks of a hub are told apart.
fn labels(check: &CheckSeen) -> Labels {
    vec![
        ("protocol", check.protocol.id().to_owned()),
        ("port", check.port.to_string()),
        ("route", check.route.to_string()),
    ]
}

fn with(check: &CheckSeen, name: &'static str, value: String) -> Labels {
    let mut labels = labels(check);
    labels.push((name, value));
    labels
}

fn flag(is: bool) -> f64 {
    f64::from(u8::from(is))
}

fn seconds(millis: f64) -> f64 {
    millis / 1000.0
}

/// The word of a closed list, as the reports in JSON have it.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// A peer's text: nothing in it steers a terminal or breaks a line, and of a long one the beginning.
fn bounded(text: &str) -> String {
    let mut escaped = escape(text);
    if let Some((end, _)) = escaped.char_indices().nth(LONGEST_ISSUER) {
        escaped.truncate(end);
        escaped.push('…');
    }
    escaped
}
