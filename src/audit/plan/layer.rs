//! What a target says lies over what holds for all.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    Defaults,
    file::{Address, Keys, NameServer, ProxyUrl, Timeout},
};
use crate::{
    hub::{TargetOptions, redacted},
    probe::{NamedProxy, Pem},
    report::PlanEntry,
};

/// How a report calls the setting of a proxy that a plan names.
const SOURCE: &str = "the plan's key `proxy`";

impl Keys {
    /// What they and those of `below` say to the readers of a report, of the target of a line.
    pub(super) fn entry(&self, below: &Self, line: usize) -> PlanEntry {
        let plain = |text: &String| redacted(text).into_owned();
        let inherited = |own: &Option<String>, below: &Option<String>| own.as_ref().or(below.as_ref()).map(plain);
        PlanEntry {
            name: self.name.as_ref().map(|name| plain(name.get_ref())),
            site: inherited(&self.site, &below.site),
            contact: inherited(&self.contact, &below.contact),
            note: inherited(&self.note, &below.note),
            file: None,
            line: Some(line),
        }
    }

    /// These keys, and `below` where they say nothing. Relative paths begin at `directory`.
    pub(super) fn over(&self, below: &Defaults, directory: &Path) -> Defaults {
        let Defaults { options, mut settings, mut routing } = below.clone();
        if self.route.is_some() || self.proxy.is_some() {
            let routing = Arc::make_mut(&mut routing);
            set(&mut routing.routes, self.route.clone());
            let named =
                |ProxyUrl(proxy): &ProxyUrl| NamedProxy { proxy: proxy.clone(), source: Some(SOURCE.to_owned()) };
            routing.proxy = self.proxy.as_ref().map(named).or(routing.proxy.take());
        }
        let pem = |path: &PathBuf| Pem::File(directory.join(path));
        if let Some(Timeout(timeout)) = self.timeout {
            (settings.timeout, settings.slow_timeout) = (timeout, None);
        }
        set(&mut settings.depth, self.depth);
        set(&mut settings.families, self.family.map(Into::into));
        set(&mut settings.all_addresses, self.all_addresses);
        let addresses = |given: &Vec<Address>| given.iter().map(|Address(address)| *address).collect();
        set(&mut settings.addresses, self.address.as_ref().map(addresses));
        let resolvers = |given: &Vec<NameServer>| given.iter().map(|NameServer(server)| *server).collect();
        set(&mut settings.resolvers, self.resolver.as_ref().map(resolvers));
        settings.ca = self.ca.as_ref().map(pem).or(settings.ca);
        settings.hub_ca = self.hub_ca.as_ref().map(pem).or(settings.hub_ca);
        set(&mut settings.experiments, self.experiments);
        set(&mut settings.requirement, self.require.clone());
        set(&mut settings.role, self.role);
        Defaults {
            options: TargetOptions {
                kind: self.kind.or(options.kind),
                protocols: self.protocol.clone().unwrap_or(options.protocols),
                ports: self.port.clone().unwrap_or(options.ports),
                ws_path: self.ws_path.clone().or(options.ws_path),
                https_path: self.https_path.clone().or(options.https_path),
            },
            settings,
            routing,
        }
    }
}

/// What is given takes the place of what was there.
fn set<T>(setting: &mut T, given: Option<T>) {
    if let Some(given) = given {
        *setting = given;
    }
}
