//! What one person is asked: everything that is stopped at one place.

use std::{collections::BTreeSet, fmt::Write as _, net::IpAddr};

use super::rules;
use crate::{
    diagnosis::Finding,
    report::{
        Check,
        text::{count, owner, shown, wrapped},
        way::{self, Sighting, Way},
    },
};

/// The most hubs whose evidence is told for what is wrong with all of them alike; the reports hold that of the others.
const MOST_EVIDENCE: usize = 2;

pub(super) struct Request<'a> {
    /// Never empty.
    pub(super) sightings: Vec<Sighting<'a>>,
}

/// What the finding stops.
pub(super) fn checks<'a>(sighting: &Sighting<'a>) -> impl Iterator<Item = &'a Check> + use<'a> {
    let Sighting { report, finding } = *sighting;
    report.checks.iter().filter(|check| finding.affects.contains(&check.seen.id))
}

impl<'a> Request<'a> {
    fn first(&self) -> &'a Finding {
        self.sightings[0].finding
    }

    pub(super) fn is_for_whom(&self, finding: &Finding) -> bool {
        self.first().owner == finding.owner && way::device(self.first()) == way::device(finding)
    }

    pub(super) fn hosts(&self) -> impl Iterator<Item = &'a str> {
        self.sightings.iter().map(|sighting| sighting.report.hub.host.as_str())
    }

    pub(super) fn write(&self, out: &mut String) {
        let at = way::place(&self.sightings).map(|place| format!(", at {place}")).unwrap_or_default();
        wrapped(out, "", "  ", &format!("To {}{at}:", owner(self.first().owner)));
        let rules = rules::of(&self.sightings);
        if !rules.is_empty() {
            let _ = writeln!(out, "\n  Please allow, outbound, from {}:", self.source());
            rules::write(out, &rules);
        }
        for alike in self.alike() {
            out.push('\n');
            reason(out, &alike);
        }
    }

    /// The findings that tell the same of different hubs, each such lot once.
    fn alike(&self) -> Vec<Vec<Sighting<'a>>> {
        let mut lots: Vec<((String, Way), Vec<Sighting>)> = Vec::new();
        for sighting in &self.sightings {
            let gist = (way::with_host(&sighting.finding.title, sighting.report, "{host}"), Way::of(*sighting));
            match lots.iter_mut().find(|(known, _)| *known == gist) {
                Some((_, lot)) => lot.push(*sighting),
                None => lots.push((gist, vec![*sighting])),
            }
        }
        lots.into_iter().map(|(_, lot)| lot).collect()
    }

    /// The machines that ask, and the addresses that they connect from.
    fn source(&self) -> String {
        let mut machines: Vec<(String, BTreeSet<IpAddr>)> = Vec::new();
        for Sighting { report, .. } in &self.sightings {
            let name = report.vantage.host.as_deref().map(shown).unwrap_or_default();
            let attempts = report.checks.iter().flat_map(|check| &check.seen.attempts);
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

/// What is wrong, alike for several hubs or for one, with the evidence of the first few.
fn reason(out: &mut String, alike: &[Sighting<'_>]) {
    let [first, ..] = alike else { return };
    let title = shown(&way::with_hosts(&first.finding.title, alike));
    wrapped(out, "  What is wrong: ", "    ", &format!("{title} ({}).", codes(alike)));
    wrapped(out, "  What to do: ", "    ", &shown(&way::sentence(alike, None)));
    for Sighting { report, finding } in alike.iter().take(MOST_EVIDENCE) {
        let of = if alike.len() > 1 { format!(", of {}", shown(&report.hub.host)) } else { String::new() };
        let tool = format!("{} {}", shown(&report.tool.name), shown(&report.tool.version));
        wrapped(out, "  ", "  ", &format!("Seen at {} by {tool}{of}:", shown(&report.started_at)));
        for evidence in &finding.evidence {
            wrapped(out, "  - ", "    ", &shown(evidence));
        }
    }
    if alike.len() > MOST_EVIDENCE {
        let others = count(alike.len() - MOST_EVIDENCE, "more hub");
        wrapped(out, "  ", "  ", &format!("The same was seen of {others}; the reports hold the evidence."));
    }
}

fn codes(alike: &[Sighting<'_>]) -> String {
    let codes: BTreeSet<_> = alike.iter().map(|sighting| sighting.finding.code).collect();
    codes.into_iter().map(|code| code.id()).collect::<Vec<_>>().join(", ")
}
