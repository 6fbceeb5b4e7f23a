//! The few actions that help most: findings of all targets, grouped if one person fixes them in one way.

use std::{cmp::Reverse, collections::BTreeSet};

use serde::{Deserialize, Serialize};

use super::roots::Stopped;
use crate::{
    diagnosis::{Code, Confidence, Owner, across_hubs},
    hub::CheckId,
    report::{
        Report,
        finding_ref::{self, FindingRef, findings},
        text::shown,
    },
};

/// Something that one person can do, and what it achieves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// Who must act.
    pub owner: Owner,
    /// The address of the device to change, if known. The device that stops the packets may be the next one.
    pub device: Option<String>,
    /// Its location in words, no more precise than the evidence.
    pub location: Option<String>,
    /// What the person at the device does first, in sentences.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_step: Option<String>,
    /// What the owner does, in sentences.
    pub what: String,
    /// The causes that it fixes.
    pub codes: Vec<Code>,
    /// The lowest confidence among them. If it is `possible`, something else may turn out to be needed.
    pub confidence: Confidence,
    /// The affected ports, sorted.
    pub ports: Vec<u16>,
    /// How many checks have no other known cause.
    pub checks: usize,
    /// How many of these keep their target from being ready.
    pub required: usize,
    /// How many more checks have another cause too.
    pub partly: usize,
    /// The targets, each with the checks that this stops, alone or together with other causes.
    pub targets: Vec<Concerned>,
}

/// Some checks of a target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Concerned {
    /// The hub's host.
    pub host: String,
    /// Its name and line in the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The ids of the checks.
    pub checks: Vec<CheckId>,
}

/// Everything that one person fixes in one way.
struct Group<'a> {
    /// Part of the key: a group with a merely possible finding would make the sure ones look less sure.
    is_possible: bool,
    /// Each finding once; never empty.
    sightings: Vec<FindingRef<'a>>,
    confidence: Confidence,
    codes: BTreeSet<Code>,
    ports: BTreeSet<u16>,
    checks: usize,
    required: usize,
    partly: usize,
    targets: Targets<'a>,
}

/// Checks by their target; a host that is tested twice is two targets.
#[derive(Default)]
struct Targets<'a>(Vec<(&'a Report, Vec<CheckId>)>);

/// The actions, sorted by how many required checks they fix, then by how many checks.
pub(super) fn actions(stopped: &[Stopped<'_>]) -> Vec<Action> {
    let mut groups: Vec<Group> = Vec::new();
    for stopped in stopped {
        let mut mended_by = BTreeSet::new();
        for finding in &stopped.roots {
            let sighting = FindingRef { report: stopped.report, finding };
            let at = group_of(&mut groups, sighting);
            groups[at].see(sighting);
            mended_by.insert(at);
        }
        let is_enough = mended_by.len() == 1;
        for at in mended_by {
            groups[at].add(stopped, is_enough);
        }
    }
    let mut actions: Vec<Action> = groups.into_iter().map(Group::action).collect();
    actions.sort_by_key(|action| Reverse((action.required, action.checks, action.partly)));
    actions
}

/// Checks without a known cause.
pub(super) fn unexplained(stopped: &[Stopped<'_>]) -> Vec<Concerned> {
    let mut targets = Targets::default();
    for stopped in stopped.iter().filter(|stopped| stopped.roots.is_empty()) {
        targets.add(stopped);
    }
    targets.told()
}

/// The index of the group that `sighting` belongs to. Adds the group if it is new.
fn group_of<'a>(groups: &mut Vec<Group<'a>>, sighting: FindingRef<'a>) -> usize {
    let is_possible = sighting.finding.confidence == Confidence::Possible;
    let is_alike = |group: &Group<'_>| group.sightings[0].finding.has_same_fix(sighting.finding);
    let at = groups.iter().position(|group| group.is_possible == is_possible && is_alike(group));
    at.unwrap_or_else(|| {
        groups.push(Group {
            is_possible,
            sightings: vec![sighting],
            confidence: sighting.finding.confidence,
            codes: BTreeSet::from([sighting.finding.code]),
            ports: BTreeSet::new(),
            checks: 0,
            required: 0,
            partly: 0,
            targets: Targets::default(),
        });
        groups.len() - 1
    })
}

impl<'a> Group<'a> {
    fn see(&mut self, sighting: FindingRef<'a>) {
        // A finding appears once for each of its checks, and these follow one another.
        let of_it = self.sightings.iter().rev().take_while(|seen| std::ptr::eq(seen.report, sighting.report));
        if of_it.into_iter().any(|seen| std::ptr::eq(seen.finding, sighting.finding)) {
            return;
        }
        self.sightings.push(sighting);
        self.codes.insert(sighting.finding.code);
        if sighting.finding.confidence == Confidence::Likely && self.confidence == Confidence::Confirmed {
            self.confidence = Confidence::Likely;
        }
    }

    fn add(&mut self, stopped: &Stopped<'a>, is_enough: bool) {
        self.ports.insert(stopped.check.observations.port);
        match is_enough {
            true => self.checks += 1,
            false => self.partly += 1,
        }
        self.required += usize::from(is_enough && stopped.is_lacking);
        self.targets.add(stopped);
    }

    fn action(self) -> Action {
        let ports: Vec<u16> = self.ports.into_iter().collect();
        Action {
            owner: self.sightings[0].finding.owner,
            device: self
                .sightings
                .iter()
                .find_map(|sighting| sighting.finding.device())
                .map(|device| device.to_string()),
            location: finding_ref::locate(&self.sightings),
            first_step: across_hubs::first_step(&findings(&self.sightings)),
            what: across_hubs::fix(&findings(&self.sightings), Some(&ports)),
            codes: self.codes.into_iter().collect(),
            confidence: self.confidence,
            ports,
            checks: self.checks,
            required: self.required,
            partly: self.partly,
            targets: self.targets.told(),
        }
    }
}

impl<'a> Targets<'a> {
    fn add(&mut self, stopped: &Stopped<'a>) {
        let id = stopped.check.observations.id.clone();
        // Checks are sorted by target, so only the last entry can be this target.
        match self.0.last_mut().filter(|(report, _)| std::ptr::eq(*report, stopped.report)) {
            Some((_, checks)) => checks.push(id),
            None => self.0.push((stopped.report, vec![id])),
        }
    }

    fn told(self) -> Vec<Concerned> {
        let told = self.0.into_iter().map(|(report, checks)| {
            let (host, name) = (report.observations.hub.host.clone(), report.label());
            Concerned { name: (name != shown(&host)).then_some(name), host, checks }
        });
        told.collect()
    }
}
