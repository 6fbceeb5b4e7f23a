//! Lookup by name for the parts of a report. Constant-time, as a file may hold tens of thousands of checks and
//! findings.

use std::{
    cell::OnceCell,
    collections::{HashMap, HashSet, hash_map::Entry},
    ops::Deref,
    rc::Rc,
};

use super::{
    Check, Report,
    endpoint::{self, Tested},
    sections,
    text::shown,
};
use crate::{
    diagnosis::{Code, Finding, Severity},
    hub::{CheckId, Protocol, Route},
};

pub(super) struct Index<'a> {
    /// The causes of each check, the most severe first.
    causes: HashMap<&'a CheckId, Vec<Rc<Cause<'a>>>>,
    findings: HashMap<&'a str, &'a Finding>,
    /// Checks that the hub need not offer, and does not.
    not_offered: HashSet<&'a CheckId>,
    checks: HashMap<&'a CheckId, Check<'a>>,
    of_protocol: HashMap<(Protocol, Route), usize>,
    of_route: HashMap<Route, usize>,
    tested: Tested,
}

/// A cause of checks. Its words are made once, for all its checks.
pub(super) struct Cause<'a> {
    finding: &'a Finding,
    words: OnceCell<Words>,
}

/// The words of a cause, ready to show.
pub(super) struct Words {
    pub(super) title: String,
    pub(super) evidence: Vec<String>,
    /// In order, each after the words that introduce it.
    pub(super) actions: Vec<(String, String)>,
}

impl<'a> Cause<'a> {
    pub(super) fn finding(&self) -> &'a Finding {
        self.finding
    }

    pub(super) fn words(&self) -> &Words {
        self.words.get_or_init(|| Words {
            title: shown(&self.finding.title()),
            evidence: self.finding.evidence().iter().map(|line| shown(line)).collect(),
            actions: sections::actions(self.finding).into_iter().map(|(lead, what)| (lead, shown(&what))).collect(),
        })
    }
}

impl Deref for Cause<'_> {
    type Target = Finding;

    fn deref(&self) -> &Finding {
        self.finding
    }
}

impl<'a> Index<'a> {
    pub(super) fn of(report: &'a Report) -> Self {
        let mut index = Self {
            causes: HashMap::new(),
            findings: HashMap::new(),
            not_offered: HashSet::new(),
            checks: HashMap::new(),
            of_protocol: HashMap::new(),
            of_route: HashMap::new(),
            tested: Tested::of(report),
        };
        for finding in &report.diagnosis.findings {
            index.findings.entry(finding.id.as_str()).or_insert(finding);
            // What only informs because a proxy carries it is offered all the same.
            let is_told_alone = finding.depends_on.is_none();
            if is_told_alone && (finding.code, finding.severity) == (Code::PortClosed, Severity::Info) {
                index.not_offered.extend(&finding.affects);
            }
        }
        for finding in sections::causes_and_notes(report).0 {
            let cause = Rc::new(Cause { finding, words: OnceCell::new() });
            for id in finding.affects.iter().collect::<HashSet<_>>() {
                index.causes.entry(id).or_default().push(Rc::clone(&cause));
            }
        }
        for check in report.checks() {
            if let Entry::Vacant(free) = index.checks.entry(&check.observations.id) {
                free.insert(check);
                *index.of_route.entry(check.observations.route).or_default() += 1;
            }
            *index.of_protocol.entry((check.observations.protocol, check.observations.route)).or_default() += 1;
        }
        index
    }

    /// The causes of one check, the most severe first.
    pub(super) fn causes(&self, check: Check<'_>) -> &[Rc<Cause<'a>>] {
        self.causes.get(&check.observations.id).map_or(&[], Vec::as_slice)
    }

    /// Whether the hub should offer it, as far as is known. No requirement lacks what the hub need not offer.
    pub(super) fn is_offered(&self, check: Check<'_>) -> bool {
        !self.not_offered.contains(&check.observations.id)
    }

    /// The finding whose fix also fixes `finding`.
    pub(super) fn root(&self, finding: &Finding) -> Option<&'a Finding> {
        self.findings.get(finding.depends_on.as_deref()?).copied()
    }

    /// The protocols by name, with the port if a hub offers one protocol on several, and with the route if they pass on one
    /// of two.
    pub(super) fn affected(&self, ids: &[CheckId]) -> String {
        if self.are_all(ids, None) {
            return "every protocol".to_owned();
        }
        if self.tested != Tested::Both {
            return ids.iter().map(|id| self.named(id)).collect::<Vec<_>>().join(", ");
        }
        if let Some(route) = Route::ALL.iter().find(|route| self.are_all(ids, Some(**route))) {
            return format!("every protocol ({})", endpoint::by(*route));
        }
        let mut names: Vec<(String, Vec<Route>)> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        for id in ids {
            let (name, route) = (self.named(id), self.checks.get(id).map(|check| check.observations.route));
            let at = *places.entry(name.clone()).or_insert_with(|| {
                names.push((name, Vec::new()));
                names.len() - 1
            });
            let routes = &mut names[at].1;
            routes.extend(route.filter(|route| !routes.contains(route)));
        }
        let routes: HashSet<&[Route]> = names.iter().map(|(_, routes)| routes.as_slice()).collect();
        let is_alike = routes.len() == 1;
        let how = |routes: &[Route]| match routes {
            [one] => format!(" ({})", endpoint::by(*one)),
            _ => String::new(),
        };
        let told = names.iter().map(|(name, routes)| if is_alike { name.clone() } else { name.clone() + &how(routes) });
        let told = told.collect::<Vec<_>>().join(", ");
        told + &routes.into_iter().next().filter(|_| is_alike).map(how).unwrap_or_default()
    }

    /// Whether these are all checks, or exactly those of a route. One alone is named.
    fn are_all(&self, ids: &[CheckId], route: Option<Route>) -> bool {
        let all = match route {
            Some(route) => self.of_route.get(&route).copied().unwrap_or_default(),
            None => self.checks.len(),
        };
        if ids.len() < all.max(2) {
            return false;
        }
        let these: HashSet<_> = ids.iter().collect();
        let is_of_it = |check: &Check<'_>| route.is_none_or(|route| check.observations.route == route);
        let of_it = these.iter().filter(|id| self.checks.get(**id).is_some_and(is_of_it)).count();
        of_it == all && (route.is_none() || of_it == these.len())
    }

    /// A check's protocol, with the port if it has several on its route.
    fn named(&self, id: &CheckId) -> String {
        let Some(check) = self.checks.get(id) else { return shown(id.as_str()) };
        self.endpoint(*check)
    }

    /// The protocol of a check, with the port if its hub offers it on several.
    pub(super) fn endpoint(&self, check: Check<'_>) -> String {
        let (protocol, port) = (check.observations.protocol, check.observations.port);
        let is_alone = self.of_protocol.get(&(protocol, check.observations.route)) == Some(&1);
        if is_alone { protocol.label().to_owned() } else { format!("{} on {port}", protocol.label()) }
    }
}
