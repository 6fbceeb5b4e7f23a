//! The requested rules: port by port, with the hubs by name.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt::Write as _,
};

use crate::{
    diagnosis::remedy::Remedy,
    hub::Protocol,
    observation::Outcome,
    report::{
        Check, Report,
        finding_ref::FindingRef,
        screen::Page,
        text::{listed, shown},
    },
};

/// The stopped ports in the order of their checks, each with its hubs.
pub(super) type Rules<'a> = Vec<(u16, BTreeMap<&'a str, Asked<'a>>)>;

/// What to allow to a hub at a port.
pub(super) struct Asked<'a> {
    protocols: BTreeSet<Protocol>,
    report: &'a Report,
}

/// What a rule can fix in one of these ways, among the checks that are `wanted`. Empty if no rule helps.
pub(super) fn of<'a>(
    sightings: &[FindingRef<'a>],
    remedies: &[Remedy],
    wanted: impl Fn(&Report, Check<'_>) -> bool,
) -> Rules<'a> {
    let mut rules: Rules = Vec::new();
    let mut places: HashMap<u16, usize> = HashMap::new();
    for report in reports(sightings) {
        let of_it = sightings.iter().filter(|sighting| std::ptr::eq(sighting.report, report));
        let stopped = of_it.filter(|sighting| remedies.contains(&sighting.finding.remedy()));
        let affected: BTreeSet<_> = stopped.flat_map(|sighting| &sighting.finding.affects).collect();
        for check in report.checks().filter(|check| affected.contains(&check.observations.id) && wanted(report, *check))
        {
            let at = *places.entry(check.observations.port).or_insert_with(|| {
                rules.push((check.observations.port, BTreeMap::new()));
                rules.len() - 1
            });
            let new = Asked { protocols: BTreeSet::new(), report };
            rules[at]
                .1
                .entry(&report.observations.hub.host)
                .or_insert(new)
                .protocols
                .insert(check.observations.protocol);
        }
    }
    rules
}

/// Each report once, in order.
fn reports<'a>(sightings: &[FindingRef<'a>]) -> Vec<&'a Report> {
    let mut reports: Vec<&Report> = sightings.iter().map(|sighting| sighting.report).collect();
    // A report's findings are adjacent.
    reports.dedup_by(|a, b| std::ptr::eq(*a, *b));
    reports
}

/// `verb` is the requested action.
pub(super) fn write(page: &mut Page, rules: &Rules<'_>, verb: &str) {
    for (port, hubs) in rules {
        let before = format!("    TCP {port:<5} ");
        match hubs.iter().next() {
            Some((host, asked)) if hubs.len() == 1 => {
                let to = format!("to {} ({})", shown(host), labels(&asked.protocols));
                page.wrapped(&before, "              ", &to);
            }
            _ => several(page, &before, hubs),
        }
    }
    page.wrapped("  ", "  ", &by_name(rules, verb));
}

/// One line per hub, to copy into a rule.
fn several(page: &mut Page, before: &str, hubs: &BTreeMap<&str, Asked<'_>>) {
    let spoken: BTreeSet<&BTreeSet<Protocol>> = hubs.values().map(|asked| &asked.protocols).collect();
    let is_alike = spoken.len() == 1;
    let all = spoken.first().filter(|_| is_alike).map(|all| format!(" ({})", labels(all))).unwrap_or_default();
    let _ = writeln!(page, "{before}to these {} hubs{all}:", hubs.len());
    for (host, asked) in hubs {
        let own = if is_alike { String::new() } else { format!(" ({})", labels(&asked.protocols)) };
        let _ = writeln!(page, "              {}{own}", shown(host));
    }
}

fn labels(protocols: &BTreeSet<Protocol>) -> String {
    protocols.iter().map(|protocol| protocol.label()).collect::<Vec<_>>().join(", ")
}

/// Hub addresses change: a rule that lists one becomes outdated.
fn by_name(rules: &Rules<'_>, verb: &str) -> String {
    let mut hubs: BTreeMap<&str, &Report> = BTreeMap::new();
    for (host, asked) in rules.iter().flat_map(|(_, hubs)| hubs) {
        hubs.insert(host, asked.report);
    }
    match hubs.values().next() {
        Some(report) if hubs.len() == 1 => by_its_name(report, verb),
        _ => format!("{verb} them by name{}: their addresses can change.", tags(&hubs)),
    }
}

fn by_its_name(report: &Report, verb: &str) -> String {
    let tag = report
        .observations
        .hub
        .kind
        .facts()
        .service_tag
        .map(|tag| format!(" or by the service tag {tag}"))
        .unwrap_or_default();
    let today: Vec<String> = report.observations.resolution.addresses.iter().map(ToString::to_string).collect();
    let resolved = report.observations.resolution.outcome == Outcome::Ok;
    match (today.as_slice(), resolved) {
        ([], _) => format!("{verb} it by name{tag}: its address can change."),
        (today, true) => format!("{verb} it by name{tag}: its address can change. Today it is {}.", today.join(", ")),
        (today, false) => format!("{verb} it by name{tag}: its address can change. Tested was {}.", today.join(", ")),
    }
}

/// The service tags that cover some or all of the hubs.
fn tags(hubs: &BTreeMap<&str, &Report>) -> String {
    let of: Vec<_> = hubs
        .values()
        .map(|report| (report.observations.hub.kind, report.observations.hub.kind.facts().service_tag))
        .collect();
    let tags: BTreeSet<&str> = of.iter().filter_map(|(_, tag)| *tag).collect();
    let is_all = of.iter().all(|(_, tag)| tag.is_some());
    match (tags.first(), is_all && tags.len() == 1) {
        (None, _) => String::new(),
        (Some(tag), true) => format!(" or by the service tag {tag}"),
        (Some(_), false) => {
            let named = tags.iter().map(|tag| {
                let kinds: BTreeSet<&str> =
                    of.iter().filter(|(_, of)| *of == Some(*tag)).map(|(kind, _)| kind.id()).collect();
                format!("{tag} (for {})", kinds.into_iter().collect::<Vec<_>>().join(", "))
            });
            format!(", or some by a service tag: {}", listed(&named.collect::<Vec<_>>()))
        }
    }
}
