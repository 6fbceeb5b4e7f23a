//! Test results for CI servers: a suite per hub, a case per check. A case fails only if it keeps the requirement from
//! being met, so the colour of the build agrees with the exit status.
//!
//! The form satisfies both usual schemas: that of Ant (<https://github.com/windyroad/JUnit-Schema>) and that of
//! Jenkins's xUnit plugin.

use std::fmt::{self, Display, Write};

use super::{
    Check, Report,
    index::{Cause, Index},
    plan, sections,
    text::{self, located, shown},
};
use crate::{
    diagnosis::Verdict,
    hub::{Protocol, Route},
};

struct Suite {
    host: String,
    vantage: String,
    timestamp: String,
    time: String,
    properties: Vec<(&'static str, String)>,
    /// The plan's file, and the line of the target in it.
    source: Option<(String, usize)>,
    cases: Vec<Case>,
}

struct Case {
    name: String,
    time: String,
    outcome: Outcome,
}

enum Outcome {
    /// Allowed.
    Passed,
    /// Neither allowed nor needed.
    Skipped(String),
    /// Needed, and stopped.
    Failed(Trouble),
    /// Needed, and unknown.
    Undecided(Trouble),
}

struct Trouble {
    kind: String,
    message: String,
    text: String,
}

impl Suite {
    fn failures(&self) -> usize {
        self.count(|outcome| matches!(outcome, Outcome::Failed(_)))
    }

    fn errors(&self) -> usize {
        self.count(|outcome| matches!(outcome, Outcome::Undecided(_)))
    }

    fn skipped(&self) -> usize {
        self.count(|outcome| matches!(outcome, Outcome::Skipped(_)))
    }

    fn count(&self, is: fn(&Outcome) -> bool) -> usize {
        self.cases.iter().filter(|case| is(&case.outcome)).count()
    }
}

pub(super) fn render(reports: &[Report]) -> String {
    let mut document = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n".to_owned();
    for (id, report) in reports.iter().enumerate() {
        // Writing to memory does not fail.
        let _ = write_suite(&mut document, id, &suite(report));
    }
    document + "</testsuites>\n"
}

fn write_suite(to: &mut String, id: usize, suite: &Suite) -> fmt::Result {
    let Suite { host, vantage, timestamp, time, .. } = suite;
    let (tests, failures, errors, skipped) = (suite.cases.len(), suite.failures(), suite.errors(), suite.skipped());
    let (host, vantage, timestamp) = (Escaped(host), Escaped(vantage), Escaped(timestamp));
    writeln!(
        to,
        "  <testsuite name=\"{host}\" package=\"hubreach\" id=\"{id}\" timestamp=\"{timestamp}\" hostname=\"{vantage}\" \
         tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\" time=\"{time}\">"
    )?;
    writeln!(to, "    <properties>")?;
    for (name, value) in &suite.properties {
        writeln!(to, "      <property name=\"{name}\" value=\"{}\"/>", Escaped(value))?;
    }
    writeln!(to, "    </properties>")?;
    for case in &suite.cases {
        write!(to, "    <testcase name=\"{}\" classname=\"{host}\" time=\"{}\"", Escaped(&case.name), case.time)?;
        if let Some((file, line)) = &suite.source {
            write!(to, " file=\"{}\" line=\"{line}\"", Escaped(file))?;
        }
        writeln!(to, ">{}</testcase>", case.outcome)?;
    }
    writeln!(to, "    <system-out/>\n    <system-err/>\n  </testsuite>")
}

impl Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (element, Trouble { kind, message, text }) = match self {
            Self::Passed => return Ok(()),
            Self::Skipped(message) => return write!(f, "<skipped message=\"{}\"/>", Escaped(message)),
            Self::Failed(trouble) => ("failure", trouble),
            Self::Undecided(trouble) => ("error", trouble),
        };
        let (kind, message, text) = (Escaped(kind), Escaped(message), Escaped(text));
        write!(f, "<{element} type=\"{kind}\" message=\"{message}\">{text}</{element}>")
    }
}

/// Text in an attribute or an element (XML 1.0, section 2.4).
#[derive(Clone, Copy)]
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '"' | '&' | '\'' | '<' | '>' => write!(f, "&#{};", u32::from(c))?,
                _ => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

fn suite(report: &Report) -> Suite {
    let (standing, index) = (report.standing(), Index::of(report));
    let case = |check: Check<'_>| Case {
        name: token(check.observations.id.as_str()),
        time: seconds(check.observations.duration_ms),
        outcome: outcome(report, check, &standing, &index),
    };
    Suite {
        host: token(&report.observations.hub.host),
        vantage: report.observations.vantage.host.as_deref().map_or_else(|| "localhost".to_owned(), token),
        timestamp: timestamp(&report.observations.started_at),
        time: seconds(report.observations.duration_ms),
        source: source(report),
        properties: [
            ("tool", format!("{} {}", shown(&report.tool.name), shown(&report.tool.version))),
            ("kind", report.observations.hub.kind.to_string()),
            ("depth", report.observations.depth.to_string()),
            ("required", report.observations.requirement.to_string()),
            ("partial", report.observations.partial.to_string()),
        ]
        .into_iter()
        .chain(report.observations.proxy.as_ref().map(|proxy| ("proxy", shown(&proxy.url()))))
        .chain(plan::keys(std::slice::from_ref(report)).into_iter().map(|key| (key, report.planned(key))))
        .collect(),
        cases: report.checks().map(case).collect(),
    }
}

/// The file and line that CI servers link to.
fn source(report: &Report) -> Option<(String, usize)> {
    let plan = report.plan.as_ref()?;
    Some((token(plan.file.as_deref()?), plan.line?))
}

fn outcome(report: &Report, check: Check<'_>, standing: &[(Protocol, Route, bool)], index: &Index<'_>) -> Outcome {
    let message = format!("{}: {}", text::verdict(check.verdict), shown(check.summary));
    let is_lacking = index.is_offered(check)
        && report.observations.requirement.lacks(check.observations.protocol, check.observations.route, standing);
    if check.verdict == Verdict::Allowed {
        return Outcome::Passed;
    }
    if !is_lacking {
        return Outcome::Skipped(format!("not required. {message}"));
    }
    let causes = index.causes(check);
    let trouble = Trouble {
        kind: causes
            .first()
            .map_or_else(|| text::verdict(check.verdict).to_lowercase(), |cause| cause.code.to_string()),
        message,
        text: causes.iter().map(|cause| explained(index, cause)).collect::<Vec<_>>().join("\n\n"),
    };
    match check.verdict {
        Verdict::Unknown => Outcome::Undecided(trouble),
        _ => Outcome::Failed(trouble),
    }
}

/// What stops it, where, the proof, and what to do: CI servers show it as a stack trace.
fn explained(index: &Index<'_>, cause: &Cause<'_>) -> String {
    let mut lines = vec![format!("{} ({}, {})", cause.words().title, cause.code, sections::weight(cause))];
    lines.extend(cause.location.as_ref().map(|at| format!("Where: {}", located(at))));
    lines.extend(cause.words().evidence.iter().map(|line| format!("- {line}")));
    lines.extend(sections::alternatives(cause).map(|others| format!("It could also be: {others}")));
    match index.root(cause) {
        Some(root) => lines.push(format!("It follows from: {}", root.code)),
        None => lines.extend(cause.words().actions.iter().map(|(lead, what)| format!("{lead}: {what}"))),
    }
    lines.join("\n")
}

/// A name that is never empty, as the schemas require.
fn token(text: &str) -> String {
    match shown(text) {
        text if text.is_empty() => "unknown".to_owned(),
        text => text,
    }
}

/// UTC without a zone, as Ant's schema forbids one. An invalid time, from a hand-edited file, becomes the epoch.
fn timestamp(text: &str) -> String {
    let time = humantime::parse_rfc3339(text).unwrap_or(std::time::UNIX_EPOCH);
    humantime::format_rfc3339_seconds(time).to_string().trim_end_matches('Z').to_owned()
}

fn seconds(millis: f64) -> String {
    format!("{:.3}", millis.max(0.0) / 1000.0)
}
