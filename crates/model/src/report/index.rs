//! Lookup by name for the parts of a report. Constant-time, as a file may hold tens of thousands of checks and
//! findings.

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
    /// The causes of each check, the most severe first.
    causes: HashMap<&'a CheckId, Vec<Rc<Cause<'a>>>>,
    findings: HashMap<&'a str, &'a Finding>,
    /// Checks that the hub need not offer, and does not.
    not_offered: HashSet<&'a CheckId>,
    checks: HashMap<&'a CheckId, Check<'a>>,
    of_protocol: HashMap<Protocol, usize>,
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
            index.checks.entry(&check.observations.id).or_insert(check);
            *index.of_protocol.entry(check.observations.protocol).or_default() += 1;
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

    /// The checks by name, with the port if a hub offers one protocol on several.
    pub(super) fn affected(&self, ids: &[CheckId]) -> String {
        if ids.len() > 1 && ids.len() >= self.checks.len() {
            let these: HashSet<_> = ids.iter().collect();
            if self.checks.keys().all(|id| these.contains(id)) {
                return "every protocol".to_owned();
            }
        }
        let named = ids.iter().map(|id| {
            let Some(check) = self.checks.get(id) else { return shown(id.as_str()) };
            let (protocol, port) = (check.observations.protocol, check.observations.port);
            let is_alone = self.of_protocol.get(&protocol) == Some(&1);
            if is_alone { protocol.label().to_owned() } else { format!("{} on {port}", protocol.label()) }
        });
        named.collect::<Vec<_>>().join(", ")
    }
}
