//! Findings of several hubs that are the same cause, or are mended in one way: compared as data, told together.

use std::net::IpAddr;

use super::{Finding, Location, cause::Cause, causes, phrases::behind, remedy::Remedy, scope::Scope, told::Told};

impl Finding {
    /// What is to be done, as data.
    pub(crate) fn remedy(&self) -> Remedy {
        match &self.told {
            Told::Judged { cause, .. } => cause.remedy(),
            Told::Read(_) => causes::general(self.code).remedy(),
        }
    }

    /// What its owner does about it, where it has been told already where that is.
    pub(crate) fn fix_in_short(&self) -> String {
        match &self.told {
            Told::Judged { cause, scope, .. } => cause.fix(&scope.clone().anywhere()),
            Told::Read(_) => self.fix(),
        }
    }

    /// The device that is to be changed, as far as it is known: what stops the packets may stand right behind it.
    pub(crate) fn device(&self) -> Option<IpAddr> {
        let named = match &self.told {
            Told::Judged { cause, .. } => cause.device(),
            Told::Read(_) => None,
        };
        self.location.as_ref().and_then(|location| location.address).or(named)
    }

    /// The one address of the hub at which it shows, while another works.
    pub(crate) fn alone_at(&self) -> Option<IpAddr> {
        match &self.told {
            Told::Judged { scope, .. } => scope.address(),
            Told::Read(_) => None,
        }
    }

    /// Whether one person mends both in one way, at one device. The names of hubs, the ports and what is behind the device are
    /// left out of account: one person opens many ports to many hubs at once.
    pub(crate) fn is_mended_like(&self, other: &Self) -> bool {
        let who = |finding: &Self| (finding.owner, finding.device());
        who(self) == who(other)
            && match (&self.told, &other.told) {
                (Told::Judged { cause, .. }, Told::Judged { cause: other, .. }) => are_mended_alike(cause, other),
                (one, other) => one.fix() == other.fix(),
            }
    }

    /// Whether both say the same, of whichever hub.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        self.code == other.code
            && self.is_mended_like(other)
            && match (&self.told, &other.told) {
                (Told::Judged { cause, .. }, Told::Judged { cause: other, .. }) => cause.is_same(other),
                (one, other) => one.title() == other.title(),
            }
    }
}

fn are_mended_alike(one: &Cause, other: &Cause) -> bool {
    match one.remedy() {
        Remedy::Own | Remedy::OpenAfter => one.is_same(other),
        remedy @ (Remedy::Open | Remedy::Exempt) => remedy == other.remedy(),
    }
}

/// What is wrong, said of all of `findings`, which are alike.
pub(crate) fn title(findings: &[&Finding]) -> String {
    match told_together(findings) {
        Some((cause, scope)) => scope.narrowed(cause.title(&scope)),
        None => findings.first().map(|first| first.title()).unwrap_or_default(),
    }
}

/// What is to be done about all of `findings`, which are mended alike; at these ports alone, where any are given.
pub(crate) fn fix(findings: &[&Finding], ports: Option<&[u16]>) -> String {
    match (told_together(findings), ports) {
        (Some((cause, scope)), Some(ports)) => cause.fix(&scope.at_ports(ports)),
        (Some((cause, scope)), None) => cause.fix(&scope),
        (None, _) => findings.first().map(|first| first.fix()).unwrap_or_default(),
    }
}

/// What is to be done before that by whoever stands before the devices.
pub(crate) fn first_step(findings: &[&Finding]) -> Option<String> {
    match told_together(findings) {
        Some((cause, scope)) => cause.first_step(&scope),
        None => findings.first().and_then(|first| first.first_step()),
    }
}

/// The first's cause, and where all of them were seen.
fn told_together<'a>(findings: &[&'a Finding]) -> Option<(&'a Cause, Scope)> {
    let judged = findings.iter().map(|finding| match &finding.told {
        Told::Judged { cause, scope, .. } => Some((cause, scope)),
        Told::Read(_) => None,
    });
    let judged = judged.collect::<Option<Vec<_>>>()?;
    let (first, _) = judged.first()?;
    Some((first, Scope::together(judged.iter().map(|(_, scope)| *scope))))
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
