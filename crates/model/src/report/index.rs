//! What the parts of a report refer to by name: found at once, for a file may hold tens of thousands of checks and findings.

use std::{
    cell::OnceCell,
    collections::{HashMap, HashSet},
    ops::Deref,
    rc::Rc,
};

use super::{Check, Report, sections, text::shown};
use crate::{
    diagnosis::{Code, Finding, Severity},
    hub::{CheckId, Protocol},
};

pub(super) struct Index<'a> {
    /// What stops or troubles each check, the gravest first.
    causes: HashMap<&'a CheckId, Vec<Rc<Cause<'a>>>>,
    findings: HashMap<&'a str, &'a Finding>,
    /// Checks of what the hub need not offer, and does not.
    not_offered: HashSet<&'a CheckId>,
    checks: HashMap<&'a CheckId, Check<'a>>,
    of_protocol: HashMap<Protocol, usize>,
}

/// What stops or troubles checks. Its words are made once, however many checks it is told of.
pub(super) struct Cause<'a> {
    finding: &'a Finding,
    words: OnceCell<Words>,
}

/// What is said of a cause, as it may be shown.
pub(super) struct Words {
    pub(super) title: String,
    pub(super) evidence: Vec<String>,
    /// In order, each behind the words that lead to it.
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
        };
        for finding in &report.diagnosis.findings {
            index.findings.entry(finding.id.as_str()).or_insert(finding);
            if (finding.code, finding.severity) == (Code::PortClosed, Severity::Info) {
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
            index.checks.entry(&check.seen.id).or_insert(check);
            *index.of_protocol.entry(check.seen.protocol).or_default() += 1;
        }
        index
    }

    /// What stops or troubles one check, the gravest first.
    pub(super) fn causes(&self, check: Check<'_>) -> &[Rc<Cause<'a>>] {
        self.causes.get(&check.seen.id).map_or(&[], Vec::as_slice)
    }

    /// Whether the hub is to offer it at all, as far as is known: what it need not offer, no requirement lacks.
    pub(super) fn is_offered(&self, check: Check<'_>) -> bool {
        !self.not_offered.contains(&check.seen.id)
    }

    /// The finding that mends `finding` when it is mended.
    pub(super) fn root(&self, finding: &Finding) -> Option<&'a Finding> {
        self.findings.get(finding.depends_on.as_deref()?).copied()
    }

    /// The checks by name, with the port where a hub offers one protocol on several.
    pub(super) fn affected(&self, ids: &[CheckId]) -> String {
        if ids.len() > 1 && ids.len() >= self.checks.len() {
            let these: HashSet<_> = ids.iter().collect();
            if self.checks.keys().all(|id| these.contains(id)) {
                return "every protocol".to_owned();
            }
        }
        let named = ids.iter().map(|id| {
            let Some(check) = self.checks.get(id) else { return shown(id.as_str()) };
            let (protocol, port) = (check.seen.protocol, check.seen.port);
            let is_alone = self.of_protocol.get(&protocol) == Some(&1);
            if is_alone { protocol.label().to_owned() } else { format!("{} on {port}", protocol.label()) }
        });
        named.collect::<Vec<_>>().join(", ")
    }
}
