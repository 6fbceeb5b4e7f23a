//! The sections of a report, common to all formats for people.

use std::{collections::BTreeSet, net::IpAddr};

use super::{
    Check, Report,
    endpoint::Tested,
    index::Index,
    text::{owner, shown},
};
use crate::{
    diagnosis::{Code, Finding, Recommendation, SdkSettings, Severity, Verdict},
    hub::{Depth, Protocol, Requirement, Route, limits::MOST_ADDRESSES},
    observation::{Attempt, Outcome, Stage},
};

/// Allowed checks first, unknown ones last.
pub(super) fn sorted(report: &Report) -> Vec<Check<'_>> {
    let mut checks: Vec<Check<'_>> = report.checks().collect();
    checks.sort_by_key(|check| {
        (rank(check.verdict), check.observations.protocol, check.observations.route, check.observations.port)
    });
    checks
}

/// The place of a verdict among others, the best first.
pub(super) fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Allowed => 0,
        Verdict::Declined => 1,
        Verdict::Blocked => 2,
        Verdict::Unknown => 3,
    }
}

/// The time of the fastest success in milliseconds, else of the whole check. `None` if nothing was tried.
pub(super) fn millis(check: Check<'_>) -> Option<f64> {
    let succeeded = check.observations.attempts.iter().filter_map(time_to_answer).min_by(f64::total_cmp);
    (!check.observations.attempts.is_empty()).then(|| succeeded.unwrap_or(check.observations.duration_ms))
}

/// The time of all stages together, if none failed.
fn time_to_answer(attempt: &Attempt) -> Option<f64> {
    let mut reached = stages(attempt).into_iter().filter(|stage| stage.outcome != Outcome::NotReached);
    reached.try_fold(0.0, |sum, stage| (stage.outcome == Outcome::Ok).then(|| sum + stage.millis.unwrap_or_default()))
}

/// How one stage ended.
pub(super) struct StageRow {
    pub(super) stage: Stage,
    pub(super) outcome: Outcome,
    pub(super) millis: Option<f64>,
}

/// The stages of an attempt.
pub(super) fn stages(attempt: &Attempt) -> Vec<StageRow> {
    let completed = |stage, outcome, millis| StageRow { stage, outcome, millis };
    let upgrade = attempt
        .upgrade
        .as_ref()
        .map(|stage_result| completed(Stage::Upgrade, stage_result.outcome(), stage_result.duration_ms()));
    let proxy = attempt
        .proxy
        .as_ref()
        .map(|stage_result| completed(Stage::Proxy, stage_result.outcome(), stage_result.duration_ms()));
    let stages = [
        Some(completed(Stage::Connect, attempt.connect.outcome(), attempt.connect.duration_ms())),
        proxy,
        Some(completed(Stage::Tls, attempt.tls.outcome(), attempt.tls.duration_ms())),
        upgrade,
        Some(completed(Stage::Exchange, attempt.exchange.outcome(), attempt.exchange.duration_ms())),
    ];
    stages.into_iter().flatten().collect()
}

/// Why the report is incomplete, and what was required, a sentence each.
pub(super) fn limits(report: &Report) -> Vec<String> {
    let depth = match report.observations.depth {
        Depth::Connect => Some("Checked to the TCP handshake only (--depth connect): allowed means no more."),
        Depth::Tls => Some("Checked to the TLS handshake only (--depth tls): allowed means no more."),
        Depth::Exchange => None,
    };
    let partial = report.observations.partial.then_some("Interrupted: this is what was seen until then.");
    let deadline = report
        .observations
        .deadline_reached
        .then_some("The deadline came before everything was seen; try a longer --timeout.");
    let required = (report.observations.requirement != Requirement::Any).then(|| required(report));
    let ours = [depth, partial, deadline].into_iter().flatten().map(str::to_owned);
    ours.chain(left_out(report)).chain(required).collect()
}

/// Whether everything was tested and is allowed without a flaw: among many hubs it needs no further text.
pub(super) fn is_well(report: &Report) -> bool {
    let is_whole = !report.observations.partial
        && !report.observations.deadline_reached
        && report.observations.depth == Depth::Exchange;
    let is_allowed = report.checks().all(|check| check.verdict == Verdict::Allowed);
    is_whole && is_allowed && report.diagnosis.requirement_met && causes_and_notes(report).0.is_empty()
}

/// The requirement, and whether it is met.
pub(super) fn required(report: &Report) -> String {
    let met = if report.diagnosis.requirement_met { "met" } else { "NOT met" };
    format!("Required: {} - {met}.", report.observations.requirement)
}

/// Of the hub's addresses: through a proxy, it is the proxy that connects to one of them.
fn left_out(report: &Report) -> Option<String> {
    let direct = report.observations.checks.iter().filter(|check| check.route == Route::Direct);
    let tried: BTreeSet<IpAddr> = direct.flat_map(|check| &check.attempts).map(|attempt| attempt.address).collect();
    let v4 = tried.iter().filter(|address| address.is_ipv4()).count();
    let (tried, of_a_family, found) =
        (tried.len(), v4.max(tried.len() - v4), report.observations.resolution.addresses.len());
    let found_v6 = report.observations.resolution.addresses.iter().filter(|address| address.is_ipv6()).count();
    let how = match (v4, tried - v4) {
        _ if of_a_family >= MOST_ADDRESSES => format!("; of a family no more than {MOST_ADDRESSES} are"),
        // Another sentence says what the end of the run left out.
        _ if report.observations.partial || report.observations.deadline_reached => String::new(),
        // The user asked for one family.
        (0, _) if found_v6 < found => ", and none over IPv4 (-6)".to_owned(),
        (_, 0) if found_v6 > 0 => ", and none over IPv6 (-4)".to_owned(),
        _ => "; --all-addresses tries all".to_owned(),
    };
    // None were tried if the run ended first.
    let were = if tried == 1 { "was" } else { "were" };
    (0 < tried && tried < found).then(|| format!("{tried} of the {found} addresses {were} tried{how}."))
}

/// `Use MQTT.`, with the route if that makes a difference.
pub(super) fn used(report: &Report) -> Option<String> {
    let recommended = report.diagnosis.recommendation.as_ref()?;
    let (protocol, route) = (recommended.protocol, recommended.route);
    let passes = |check: &Check<'_>| {
        let observed = check.observations;
        observed.protocol == protocol && observed.route == Route::Proxy && check.verdict == Verdict::Allowed
    };
    let how = match route {
        Route::Proxy => " through the proxy",
        Route::Direct if Tested::of(report) == Tested::Both && !report.checks().any(|check| passes(&check)) => {
            " directly"
        }
        Route::Direct => "",
    };
    Some(format!("Use {}{how}.", protocol.label()))
}

/// The text if nothing can be recommended.
pub(super) fn nothing(report: &Report) -> &'static str {
    match report.checks().all(|check| check.verdict == Verdict::Blocked) {
        true => "Nothing is allowed here.",
        false => "Nothing is known to be allowed here.",
    }
}

/// Why it is recommended, and for whom it does not work, formatted by `say`.
pub(super) fn advice(recommendation: &Recommendation, say: fn(&str) -> String) -> String {
    let sentences = [&recommendation.reason].into_iter().chain(&recommendation.caveats);
    sentences.map(|sentence| say(sentence)).collect::<Vec<_>>().join(" ")
}

/// How to choose the recommended protocol in each SDK that has it: (SDK, setting).
pub(super) fn named(settings: &SdkSettings) -> Vec<(&'static str, String)> {
    let named = [
        (".NET", &settings.dotnet),
        ("Java", &settings.java),
        ("Python", &settings.python),
        ("Node", &settings.node),
        ("IoT Edge", &settings.iot_edge),
    ];
    offered(&named)
}

/// How to give the proxy of the recommended route to each SDK that can use it, ready to paste: (SDK, line).
pub(super) fn proxy_lines(recommendation: &Recommendation) -> Vec<(&'static str, String)> {
    let Some(proxy) = &recommendation.proxy else { return Vec::new() };
    let lines = [
        ("C", &proxy.c),
        (".NET", &proxy.dotnet),
        ("Java", &proxy.java),
        ("Python", &proxy.python),
        ("Node", &proxy.node),
        ("IoT Edge, config.toml, [agent.env]", &proxy.iot_edge),
        ("IoT Edge, systemd units, [Service]", &proxy.iot_edge_service),
    ];
    offered(&lines)
}

fn offered(sdks: &[(&'static str, &Option<String>)]) -> Vec<(&'static str, String)> {
    sdks.iter().filter_map(|(sdk, text)| Some((*sdk, shown(text.as_deref()?)))).collect()
}

/// The causes, and the findings that only inform. The answer already names a configured proxy.
pub(super) fn causes_and_notes(report: &Report) -> (Vec<&Finding>, Vec<&Finding>) {
    let findings = report.diagnosis.findings.iter().filter(|finding| finding.code != Code::ProxyConfigured);
    findings.partition(|finding| finding.severity != Severity::Info)
}

/// What a note says, and what becomes of it.
pub(super) fn note(note: &Finding, index: &Index<'_>) -> String {
    let is_carried = is_carried_by_the_proxy(note, index);
    format!("{}{}", note.title(), if is_carried { "; the proxy carries it" } else { "" })
}

/// Whether nothing is to be done about it, because a proxy carries what it stops.
pub(super) fn is_carried_by_the_proxy(finding: &Finding, index: &Index<'_>) -> bool {
    index.root(finding).is_some_and(|root| root.code == Code::ProxyRequired)
}

/// If the direct route is stopped, devices may have to use the configured proxy: that changes what to do.
pub(super) fn proxy(report: &Report) -> Option<String> {
    let finding = report.diagnosis.findings.iter().find(|finding| finding.code == Code::ProxyConfigured)?;
    Some(format!("{}. {}", shown(&finding.title()), shown(&finding.fix())))
}

/// The most important cause: the most severe one that depends on no other. Among warnings, a DNS fault that still gave
/// an address comes last.
///
/// Where the proxy gives all that is required, to use it is all that there is to do.
pub(super) fn chief(report: &Report) -> Option<&Finding> {
    let causes = causes_and_notes(report).0.into_iter().filter(|cause| cause.depends_on.is_none());
    let is_met = report.diagnosis.requirement_met;
    causes.min_by_key(|cause| {
        let is_enough = is_met && cause.code == Code::ProxyRequired;
        (!is_enough, cause.severity, cause.severity == Severity::Warning && cause.stage == Stage::Resolve)
    })
}

/// How severe a cause is, and how sure.
pub(super) fn weight(finding: &Finding) -> String {
    let warning = if finding.severity == Severity::Warning { "warning, " } else { "" };
    format!("{warning}{}", finding.confidence)
}

/// The codes of the alternatives.
pub(super) fn alternatives(finding: &Finding) -> Option<String> {
    let others: Vec<&str> = finding.alternatives.iter().map(|code| code.id()).collect();
    (!others.is_empty()).then(|| others.join(", "))
}

/// What to do about a cause, in order: first the person at the device, then its owner, each after the words that
/// introduce it.
pub(super) fn actions(finding: &Finding) -> Vec<(String, String)> {
    let first = finding.first_step().map(|step| ("To do first".to_owned(), step));
    let then = (format!("To do, for {}", owner(finding.owner)), finding.fix());
    first.into_iter().chain([then]).collect()
}

/// The codes that `hubreach explain` describes, each once.
pub(super) fn codes(report: &Report) -> Vec<&'static str> {
    let mut codes: Vec<&str> = Vec::new();
    for finding in causes_and_notes(report).0 {
        if !codes.contains(&finding.code.id()) {
            codes.push(finding.code.id());
        }
    }
    codes
}

/// The protocols checked in any of `reports`, in report order.
pub(super) fn protocols(reports: &[Report]) -> Vec<Protocol> {
    let has = |protocol: &Protocol| {
        reports.iter().flat_map(|report| report.checks()).any(|check| check.observations.protocol == *protocol)
    };
    Protocol::ALL.iter().copied().filter(has).collect()
}
