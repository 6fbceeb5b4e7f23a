//! Findings of several hubs that have the same cause or the same fix: compared as data, described together.

use std::net::IpAddr;

use super::{
    Finding, Location, cause::Cause, causes, finding_content::FindingContent, phrases::behind, remedy::Remedy,
    scope::Scope,
};

impl Finding {
    /// What to do, as data.
    pub(crate) fn remedy(&self) -> Remedy {
        match &self.content {
            FindingContent::Judged { cause, .. } => cause.remedy(),
            FindingContent::Read(_) => causes::general(self.code).remedy(),
        }
    }

    /// What the owner does, without the location: for texts that have named it already.
    pub(crate) fn short_fix(&self) -> String {
        match &self.content {
            FindingContent::Judged { cause, scope, .. } => cause.fix(&scope.clone().without_locations()),
            FindingContent::Read(_) => self.fix(),
        }
    }

    /// The device to change, as far as it is known. What stops the packets may be the device right after it.
    pub(crate) fn device(&self) -> Option<IpAddr> {
        let named = match &self.content {
            FindingContent::Judged { cause, .. } => cause.device(),
            FindingContent::Read(_) => None,
        };
        self.location.as_ref().and_then(|location| location.address).or(named)
    }

    /// The only address of the hub that shows the finding, if another address works.
    pub(crate) fn only_at(&self) -> Option<IpAddr> {
        match &self.content {
            FindingContent::Judged { scope, .. } => scope.address(),
            FindingContent::Read(_) => None,
        }
    }

    /// Whether one owner fixes both in the same way, at the same device. Hub names, ports and what comes after the
    /// device do not count: one person opens many ports to many hubs at once.
    pub(crate) fn has_same_fix(&self, other: &Self) -> bool {
        let owner_and_device = |finding: &Self| (finding.owner, finding.device());
        owner_and_device(self) == owner_and_device(other)
            && match (&self.content, &other.content) {
                (FindingContent::Judged { cause, .. }, FindingContent::Judged { cause: other, .. }) => {
                    have_same_remedy(cause, other)
                }
                (one, other) => one.fix() == other.fix(),
            }
    }

    /// Whether both describe the same cause, of any hub.
    pub(crate) fn has_same_cause(&self, other: &Self) -> bool {
        self.code == other.code
            && self.has_same_fix(other)
            && match (&self.content, &other.content) {
                (FindingContent::Judged { cause, .. }, FindingContent::Judged { cause: other, .. }) => {
                    cause.is_same(other)
                }
                (one, other) => one.title() == other.title(),
            }
    }
}

fn have_same_remedy(one: &Cause, other: &Cause) -> bool {
    match one.remedy() {
        Remedy::Own | Remedy::OpenAfter => one.is_same(other),
        remedy @ (Remedy::Open | Remedy::Exempt) => remedy == other.remedy(),
    }
}

/// One title for all of `findings`, which have the same cause.
pub(crate) fn title(findings: &[&Finding]) -> String {
    match merged_scope(findings) {
        Some((cause, scope)) => scope.narrowed_title(cause.title(&scope)),
        None => findings.first().map(|first| first.title()).unwrap_or_default(),
    }
}

/// One fix for all of `findings`, which have the same fix; for these ports only, if any are given.
pub(crate) fn fix(findings: &[&Finding], ports: Option<&[u16]>) -> String {
    match (merged_scope(findings), ports) {
        (Some((cause, scope)), Some(ports)) => cause.fix(&scope.at_ports(ports)),
        (Some((cause, scope)), None) => cause.fix(&scope),
        (None, _) => findings.first().map(|first| first.fix()).unwrap_or_default(),
    }
}

/// What the operator of the devices does before that.
pub(crate) fn first_step(findings: &[&Finding]) -> Option<String> {
    match merged_scope(findings) {
        Some((cause, scope)) => cause.first_step(&scope),
        None => findings.first().and_then(|first| first.first_step()),
    }
}

/// The cause of the first finding, and the scope of all of them.
fn merged_scope<'a>(findings: &[&'a Finding]) -> Option<(&'a Cause, Scope)> {
    let judged = findings.iter().map(|finding| match &finding.content {
        FindingContent::Judged { cause, scope, .. } => Some((cause, scope)),
        FindingContent::Read(_) => None,
    });
    let judged = judged.collect::<Option<Vec<_>>>()?;
    let (first, _) = judged.first()?;
    Some((first, Scope::merged(judged.iter().map(|(_, scope)| *scope))))
}

/// Where the device of all of `findings` is, no more precisely than they agree on: `10.20.0.1 or a device behind it`.
pub(crate) fn device_or_behind(findings: &[&Finding]) -> Option<String> {
    let locations: Vec<&Location> = findings.iter().filter_map(|finding| finding.location.as_ref()).collect();
    let any_behind = locations.iter().any(|location| location.next.is_some());
    let placed = locations.iter().find(|location| location.address.is_some());
    placed.map(|location| behind(location, any_behind)).or_else(|| {
        let device = findings.iter().find_map(|finding| finding.device())?;
        Some(device.to_string())
    })
}
