//! The parts of a report as every format for people tells them.

use std::{collections::BTreeSet, net::IpAddr};

use super::{
    Check, Report,
    text::{owner, shown},
};
use crate::{
    diagnosis::{Code, Finding, Recommendation, SdkSettings, Severity, Verdict},
    hub::{Depth, Protocol, Requirement, limits::MOST_ADDRESSES},
    observation::{Attempt, Outcome, Stage},
};

/// What is allowed first, what is not known last.
pub(super) fn sorted(report: &Report) -> Vec<Check<'_>> {
    let rank = |verdict| match verdict {
        Verdict::Allowed => 0,
        Verdict::Declined => 1,
        Verdict::Blocked => 2,
        Verdict::Unknown => 3,
    };
    let mut checks: Vec<Check<'_>> = report.checks().collect();
    checks.sort_by_key(|check| (rank(check.verdict), check.seen.protocol, check.seen.route, check.seen.port));
    checks
}

/// How long the fastest success took, in milliseconds; else how long was tried. `None` where nothing was.
pub(super) fn millis(check: Check<'_>) -> Option<f64> {
    let succeeded = check.seen.attempts.iter().filter_map(time_to_answer).min_by(f64::total_cmp);
    (!check.seen.attempts.is_empty()).then(|| succeeded.unwrap_or(check.seen.duration_ms))
}

/// The time of all stages together, where none of them failed.
fn time_to_answer(attempt: &Attempt) -> Option<f64> {
    let mut reached = stages(attempt).into_iter().filter(|stage| stage.outcome != Outcome::NotReached);
    reached.try_fold(0.0, |sum, stage| (stage.outcome == Outcome::Ok).then(|| sum + stage.millis.unwrap_or_default()))
}

/// How one stage of the stages ended.
pub(super) struct StageRow {
    pub(super) stage: Stage,
    pub(super) outcome: Outcome,
    pub(super) millis: Option<f64>,
}

/// The stages that an attempt has.
pub(super) fn stages(attempt: &Attempt) -> Vec<StageRow> {
    let completed = |stage, outcome, millis| StageRow { stage, outcome, millis };
    let upgrade = attempt
        .upgrade
        .as_ref()
        .map(|stage_result| completed(Stage::Upgrade, stage_result.outcome(), stage_result.duration_ms()));
    let stages = [
        Some(completed(Stage::Connect, attempt.connect.outcome(), attempt.connect.duration_ms())),
        Some(completed(Stage::Tls, attempt.tls.outcome(), attempt.tls.duration_ms())),
        upgrade,
        Some(completed(Stage::Exchange, attempt.exchange.outcome(), attempt.exchange.duration_ms())),
    ];
    stages.into_iter().flatten().collect()
}

/// What keeps the report from being complete, and what was required, a sentence each.
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

/// Whether all of it was tested, and all is allowed without a flaw: among many, no more is to be told of it.
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

fn left_out(report: &Report) -> Option<String> {
    let tried: BTreeSet<IpAddr> =
        report.checks().flat_map(|check| &check.seen.attempts).map(|attempt| attempt.address).collect();
    let v4 = tried.iter().filter(|address| address.is_ipv4()).count();
    let (tried, of_a_family, found) =
        (tried.len(), v4.max(tried.len() - v4), report.observations.resolution.addresses.len());
    let found_v6 = report.observations.resolution.addresses.iter().filter(|address| address.is_ipv6()).count();
    let how = match (v4, tried - v4) {
        _ if of_a_family >= MOST_ADDRESSES => format!("; of a family no more than {MOST_ADDRESSES} are"),
        // What the end of the run left out is said beside.
        _ if report.observations.partial || report.observations.deadline_reached => String::new(),
        // One family was asked for.
        (0, _) if found_v6 < found => ", and none over IPv4 (-6)".to_owned(),
        (_, 0) if found_v6 > 0 => ", and none over IPv6 (-4)".to_owned(),
        _ => "; --all-addresses tries all".to_owned(),
    };
    // None at all were tried where the run ended first.
    let were = if tried == 1 { "was" } else { "were" };
    (0 < tried && tried < found).then(|| format!("{tried} of the {found} addresses {were} tried{how}."))
}

/// What to say where there is nothing to recommend.
pub(super) fn nothing(report: &Report) -> &'static str {
    match report.checks().all(|check| check.verdict == Verdict::Blocked) {
        true => "Nothing is allowed here.",
        false => "Nothing is known to be allowed here.",
    }
}

/// Why it is recommended, and for whom it does not work, as `say` has it.
pub(super) fn advice(recommendation: &Recommendation, say: fn(&str) -> String) -> String {
    let told = [&recommendation.reason].into_iter().chain(&recommendation.caveats);
    told.map(|sentence| say(sentence)).collect::<Vec<_>>().join(" ")
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
    named.into_iter().filter_map(|(sdk, setting)| Some((sdk, shown(setting.as_deref()?)))).collect()
}

/// What stops or troubles something, and what is merely good to know. A configured proxy is told with the answer.
pub(super) fn causes_and_notes(report: &Report) -> (Vec<&Finding>, Vec<&Finding>) {
    let told = report.diagnosis.findings.iter().filter(|finding| finding.code != Code::ProxyConfigured);
    told.partition(|finding| finding.severity != Severity::Info)
}

/// Where the direct way is stopped, a configured proxy may be the way that devices are to take: that changes what to do.
pub(super) fn proxy(report: &Report) -> Option<String> {
    let finding = report.diagnosis.findings.iter().find(|finding| finding.code == Code::ProxyConfigured)?;
    Some(format!("{}. {}", shown(&finding.title()), shown(&finding.fix())))
}

/// The cause that matters most: the gravest that follows from no other. A name that became an address all the same troubles
/// least of what is a mere warning.
pub(super) fn chief(report: &Report) -> Option<&Finding> {
    let causes = causes_and_notes(report).0.into_iter().filter(|cause| cause.depends_on.is_none());
    causes.min_by_key(|cause| (cause.severity, cause.severity == Severity::Warning && cause.stage == Stage::Resolve))
}

/// How much a cause hurts, and how sure it is.
pub(super) fn weight(finding: &Finding) -> String {
    let warning = if finding.severity == Severity::Warning { "warning, " } else { "" };
    format!("{warning}{}", finding.confidence)
}

/// The codes that remain possible too.
pub(super) fn alternatives(finding: &Finding) -> Option<String> {
    let others: Vec<&str> = finding.alternatives.iter().map(|code| code.id()).collect();
    (!others.is_empty()).then(|| others.join(", "))
}

/// What to do about a cause, in order: what whoever stands before the device does first, and what its owner does then, each
/// behind the words that lead to it.
pub(super) fn actions(finding: &Finding) -> Vec<(String, String)> {
    let first = finding.first_step().map(|step| ("To do first".to_owned(), step));
    let then = (format!("To do, for {}", owner(finding.owner)), finding.fix());
    first.into_iter().chain([then]).collect()
}

/// Each code that `hubreach explain` has more to say of, once.
pub(super) fn codes(report: &Report) -> Vec<&'static str> {
    let mut codes: Vec<&str> = Vec::new();
    for finding in causes_and_notes(report).0 {
        if !codes.contains(&finding.code.id()) {
            codes.push(finding.code.id());
        }
    }
    codes
}

/// The protocols that any of `reports` has checks of, in the order in which reports list them.
pub(super) fn protocols(reports: &[Report]) -> Vec<Protocol> {
    let has = |protocol: &Protocol| {
        reports.iter().flat_map(|report| report.checks()).any(|check| check.seen.protocol == *protocol)
    };
    Protocol::ALL.iter().copied().filter(has).collect()
}
