//! What a target says lies over what holds for all.

use std::path::{Path, PathBuf};

use super::{
    Defaults,
    file::{Address, Keys, NameServer, Timeout},
};
use crate::{
    hub::{TargetOptions, redacted},
    probe::{Pem, Settings},
    report::PlanEntry,
};

impl Keys {
    /// What they and those of `below` say to the readers of a report, of the target of a line.
    pub(super) fn entry(&self, below: &Self, line: usize) -> PlanEntry {
        let plain = |text: &String| redacted(text).into_owned();
        let said = |own: &Option<String>, below: &Option<String>| own.as_ref().or(below.as_ref()).map(plain);
        PlanEntry {
            name: self.name.as_ref().map(|name| plain(name.get_ref())),
            site: said(&self.site, &below.site),
            contact: said(&self.contact, &below.contact),
            note: said(&self.note, &below.note),
            file: None,
            line: Some(line),
        }
    }

    /// These keys, and `below` where they say nothing. Relative paths begin at `directory`.
    pub(super) fn over(&self, below: &Defaults, directory: &Path) -> Defaults {
        let Defaults { options, settings } = below.clone();
        let pem = |path: &PathBuf| Pem::File(directory.join(path));
        Defaults {
            options: TargetOptions {
                kind: self.kind.or(options.kind),
                protocols: self.protocol.clone().unwrap_or(options.protocols),
                ports: self.port.clone().unwrap_or(options.ports),
                ws_path: self.ws_path.clone().or(options.ws_path),
                https_path: self.https_path.clone().or(options.https_path),
            },
            settings: Settings {
                timeout: self.timeout.map_or(settings.timeout, |Timeout(timeout)| timeout),
                slow_timeout: settings.slow_timeout.filter(|_| self.timeout.is_none()),
                depth: self.depth.unwrap_or(settings.depth),
                families: self.family.map_or(settings.families, Into::into),
                all_addresses: self.all_addresses.unwrap_or(settings.all_addresses),
                addresses: match &self.address {
                    Some(given) => given.iter().map(|Address(address)| *address).collect(),
                    None => settings.addresses,
                },
                resolvers: match &self.resolver {
                    Some(given) => given.iter().map(|NameServer(server)| *server).collect(),
                    None => settings.resolvers,
                },
                ca: self.ca.as_ref().map(pem).or(settings.ca),
                hub_ca: self.hub_ca.as_ref().map(pem).or(settings.hub_ca),
                experiments: self.experiments.unwrap_or(settings.experiments),
                requirement: self.require.clone().unwrap_or(settings.requirement),
                role: self.role.unwrap_or(settings.role),
                ..settings
            },
        }
    }
}
