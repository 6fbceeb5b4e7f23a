//! What runs have in common is read once for all of them: the trust store, and what this machine knows of its network.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::{
    Pem, Settings, os,
    roots::{Roots, RootsError},
};
use crate::target::roots::RootPem;

/// How long what was read is good for: an exporter runs for months, while stores and name servers change.
const LASTS: Duration = Duration::from_secs(60);

/// What was read already. Settings that are cloned from each other share it.
#[derive(Debug, Clone, Default)]
pub struct Shared(Arc<Mutex<Read>>);

#[derive(Debug, Default)]
struct Read {
    machine: Option<(Instant, Machine)>,
    roots: Vec<(Instant, Source, Roots)>,
}

/// This machine's place in its network.
#[derive(Debug, Clone)]
pub(super) struct Machine {
    pub(super) host: Option<String>,
    pub(super) gateway: Option<IpAddr>,
    /// The name servers configured, as written; `None` where they are not known.
    pub(super) resolvers: Option<Vec<String>>,
}

/// Where roots come from.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Source {
    device: Option<Pem>,
    hub: Option<Pem>,
    built_in: &'static [RootPem],
}

impl Shared {
    pub(super) fn machine(&self) -> Machine {
        let mut read = self.lock();
        match &read.machine {
            Some((when, machine)) if when.elapsed() < LASTS => machine.clone(),
            _ => {
                let resolvers = os::resolver_config().map(|config| config.servers);
                let machine = Machine { host: os::host_name(), gateway: os::gateway(), resolvers };
                read.machine = Some((Instant::now(), machine.clone()));
                machine
            }
        }
    }

    /// The roots that `settings` name, else this machine's and those built in for the hub. Takes milliseconds where they
    /// were not read yet; whoever wants them meanwhile waits.
    pub(super) fn roots(&self, settings: &Settings, built_in: &'static [RootPem]) -> Result<Roots, RootsError> {
        let source = Source { device: settings.ca.clone(), hub: settings.hub_ca.clone(), built_in };
        let mut read = self.lock();
        read.roots.retain(|(when, ..)| when.elapsed() < LASTS);
        if let Some((.., roots)) = read.roots.iter().find(|(_, other, _)| *other == source) {
            return Ok(roots.clone());
        }
        // The device's store is the larger part, and the same for hubs whose own roots differ.
        let same_device = read.roots.iter().find(|(_, other, _)| other.device == source.device);
        let roots = match same_device {
            Some((.., roots)) => Roots::load_beside(roots, settings, built_in)?,
            None => Roots::load(settings, built_in)?,
        };
        read.roots.push((Instant::now(), source, roots.clone()));
        Ok(roots)
    }

    fn lock(&self) -> MutexGuard<'_, Read> {
        // What is read is put there whole or not at all.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_read_once_for_all_that_share_it() {
        let settings = Settings { ca: Some(Pem::Text(crate::target::roots::AMAZON.concat())), ..Settings::default() };
        let azure = crate::target::roots::AZURE_PUBLIC;
        let read = |settings: &Settings, built_in| settings.shared.roots(settings, built_in).expect("roots");
        let first = read(&settings, azure);
        let second = read(&settings.clone(), azure);
        assert!(Arc::ptr_eq(&first.device, &second.device));
        let other_hub = read(&settings, &[]);
        assert!(Arc::ptr_eq(&first.device, &other_hub.device) && other_hub.hub.is_none() && first.hub.is_some());
        let apart = Settings { shared: Shared::default(), ..settings.clone() };
        assert!(!Arc::ptr_eq(&first.device, &read(&apart, azure).device));
        let other_device = Settings { ca: Some(Pem::Text(azure.concat())), ..settings };
        assert_eq!(read(&other_device, azure).device.len(), azure.len());
    }
}
