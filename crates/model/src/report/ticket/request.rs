//! The request to one person: everything that is stopped at one location.

use std::{
    collections::{BTreeSet, HashSet},
    net::IpAddr,
};

use super::{connect, rules};
use crate::{
    diagnosis::{Confidence, Finding, across_hubs, remedy::Remedy},
    hub::Requirement,
    report::{
        Check, Report,
        finding_ref::{self, FindingRef, findings},
        screen::Page,
        sections,
        text::{count, owner, shown},
    },
};

/// Hubs whose evidence is shown for a fault that they share; the reports hold the rest.
const MAX_EVIDENCE: usize = 2;

pub(super) struct Request<'a> {
    /// Never empty.
    pub(super) sightings: Vec<FindingRef<'a>>,
}

/// The checks that the finding stops.
pub(super) fn checks<'a>(sighting: &FindingRef<'a>) -> impl Iterator<Item = Check<'a>> + use<'a> {
    let FindingRef { report, finding } = *sighting;
    let affected: HashSet<_> = finding.affects.iter().collect();
    report.checks().filter(move |check| affected.contains(&check.observations.id))
}

impl<'a> Request<'a> {
    fn first(&self) -> &'a Finding {
        self.sightings[0].finding
    }

    pub(super) fn is_for_whom(&self, finding: &Finding) -> bool {
        self.first().owner == finding.owner && self.first().device() == finding.device()
    }

    pub(super) fn hosts(&self) -> impl Iterator<Item = &'a str> {
        self.sightings.iter().map(|sighting| sighting.report.observations.hub.host.as_str())
    }

    pub(super) fn write(&self, page: &mut Page) {
        let at = finding_ref::locate(&self.sightings).map(|place| format!(", at {place}")).unwrap_or_default();
        page.wrapped("", "  ", &format!("To {}{at}:", owner(self.first().owner)));
        let asked: [(&str, &str, &[Remedy]); 2] = [
            ("allow, outbound", "Allow", &[Remedy::Open, Remedy::OpenAfter]),
            ("exempt from TLS inspection", "Exempt", &[Remedy::Exempt]),
        ];
        for (what, verb, remedies) in asked {
            let rules = rules::of(&self.sightings, remedies, |report, check| !is_optional(report, check));
            if !rules.is_empty() {
                page.part();
                page.wrapped("  ", "    ", &format!("Please {what}, from {}:", self.source()));
                rules::write(page, &rules, verb);
            }
        }
        for (what, verb, remedies) in asked {
            let rules = rules::of(&self.sightings, remedies, is_optional);
            if !rules.is_empty() {
                page.push("\n");
                page.wrapped("  ", "    ", &format!("Optional, not required of us: {what}, from {}:", self.source()));
                rules::write(page, &rules, verb);
            }
        }
        connect::write(page, &self.sightings, &self.source());
        for alike in self.alike() {
            page.part();
            reason(page, &alike, &self.source());
        }
    }

    /// Findings of different hubs with the same text, each group once.
    fn alike(&self) -> Vec<Vec<FindingRef<'a>>> {
        let mut lots: Vec<Vec<FindingRef>> = Vec::new();
        for sighting in &self.sightings {
            match lots.iter_mut().find(|lot| lot[0].finding.has_same_cause(sighting.finding)) {
                Some(lot) => lot.push(*sighting),
                None => lots.push(vec![*sighting]),
            }
        }
        lots
    }

    /// The machines that ask, and their source addresses.
    fn source(&self) -> String {
        let mut machines: Vec<(String, BTreeSet<IpAddr>)> = Vec::new();
        for FindingRef { report, .. } in &self.sightings {
            let name = report.observations.vantage.host.as_deref().map(shown).unwrap_or_default();
            let attempts = report.checks().flat_map(|check| &check.observations.attempts);
            let local = attempts.filter_map(|attempt| Some(attempt.connect.success()?.local?.ip()));
            match machines.iter_mut().find(|(known, _)| *known == name) {
                Some((_, addresses)) => addresses.extend(local),
                None => machines.push((name, local.collect())),
            }
        }
        let named = machines.iter().map(|(name, addresses)| {
            let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
            match (name.is_empty(), addresses.is_empty()) {
                (false, true) => name.clone(),
                (false, false) => format!("{name} ({})", addresses.join(", ")),
                (true, true) => "this machine".to_owned(),
                (true, false) => addresses.join(", "),
            }
        });
        named.collect::<Vec<_>>().join("; ")
    }
}

/// What the owner must know if the proof is incomplete.
fn doubt(finding: &Finding) -> String {
    let others =
        sections::alternatives(finding).map(|others| format!(" It could also be: {others}.")).unwrap_or_default();
    match finding.confidence {
        Confidence::Confirmed => others,
        unproved => format!(" That is {unproved}, not proved.{others}"),
    }
}

/// Whether the user's requirement does not need a check. If any protocol is enough, all are kept.
fn is_optional(report: &Report, check: Check<'_>) -> bool {
    let spec = &report.observations.requirement;
    *spec != Requirement::Any && !spec.lacks(check.observations.protocol, check.observations.route, &[])
}

/// What is wrong, for one hub or for several alike, with the evidence of the first few.
fn reason(page: &mut Page, lot: &[FindingRef<'_>], source: &str) {
    let [first, ..] = lot else { return };
    let together = findings(lot);
    let title = shown(&across_hubs::title(&together));
    let (fix, remedy) = (shown(&across_hubs::fix(&together, None)), first.finding.remedy());
    // What no rule expresses is requested in a sentence.
    let is_asked_for = connect::is_asked_for(first.finding);
    if remedy == Remedy::Own && !is_asked_for {
        page.wrapped("  What we ask for: ", "    ", &fix);
    }
    page.wrapped("  What is wrong: ", "    ", &format!("{title} ({}).{}", first.finding.code, doubt(first.finding)));
    if is_asked_for || matches!(remedy, Remedy::Open | Remedy::OpenAfter) {
        page.wrapped("  What to do: ", "    ", &fix);
    }
    for FindingRef { report, finding } in lot.iter().take(MAX_EVIDENCE) {
        let of = if lot.len() > 1 { format!(", of {}", shown(&report.observations.hub.host)) } else { String::new() };
        let tool = format!("{} {}", shown(&report.tool.name), shown(&report.tool.version));
        let from = if remedy == Remedy::Own && !is_asked_for { format!(", from {source}") } else { String::new() };
        page.wrapped("  ", "  ", &format!("Seen at {} by {tool}{of}{from}:", shown(&report.observations.started_at)));
        for evidence in finding.evidence() {
            page.wrapped("  - ", "    ", &shown(&evidence));
        }
    }
    if lot.len() > MAX_EVIDENCE {
        let others = count(lot.len() - MAX_EVIDENCE, "more hub");
        page.wrapped("  ", "  ", &format!("The same was seen of {others}; the reports hold the evidence."));
    }
}
