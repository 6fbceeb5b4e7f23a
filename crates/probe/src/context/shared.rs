//! What runs have in common, read once for all of them: the trust store, and this machine's network configuration.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::OnceCell, time::timeout};

use super::{
    cached::{Cached, NotRead},
    error::SetupError,
    revocation_answers::RevocationAnswers,
};
use crate::{
    hub::{HubHost, roots::RootPem},
    net::{
        clock,
        dns::configured,
        families::Families,
        os,
        pem::Pem,
        roots::{Roots, RootsError},
    },
    observation::RevocationServer,
};

/// Limits reading the small files that say how this machine resolves names, and its time zone. Only a file system that
/// hangs needs longer.
pub(crate) const LOCAL_FILES_TIMEOUT: Duration = Duration::from_millis(250);

/// Cached values. Settings that are cloned from each other share them.
#[derive(Debug, Clone, Default)]
pub struct Shared(Arc<Parts>);

#[derive(Debug, Default)]
struct Parts {
    machine: Cached<Machine, Infallible>,
    utc_offset_minutes: Cached<Option<i32>, Infallible>,
    revocation_answers: RevocationAnswers,
    roots: Mutex<Vec<(Source, Cached<Roots, RootsError>)>>,
}

/// This machine's place in its network.
#[derive(Debug, Clone, Default)]
pub(crate) struct Machine {
    pub(crate) host: Option<String>,
    pub(crate) gateway: Option<IpAddr>,
    /// The name servers that the system asks, as written; `None` where they are not known.
    pub(crate) resolvers: Option<Vec<String>>,
    /// Those configured after them, which it does not query.
    pub(crate) unused_resolvers: Vec<String>,
}

impl Machine {
    /// What the kernel knows, which never blocks.
    fn without_files() -> Self {
        Self { host: os::host_name(), gateway: os::gateway(), ..Self::default() }
    }
}

/// Where roots come from.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Source {
    device: Option<Pem>,
    hub: Option<Pem>,
    built_in: &'static [RootPem],
}

impl Shared {
    /// Learns this machine's place in its network, if that is due. Where its files cannot be read in time, it stays unknown
    /// for now.
    pub(crate) async fn look_around(&self) {
        let look = || {
            let (resolvers, unused_resolvers) =
                match os::resolver_config().map(|config| configured::split_for_system(config.servers)) {
                    Some((used, unused)) => (Some(used), unused),
                    None => (None, Vec::new()),
                };
            Ok(Machine { resolvers, unused_resolvers, ..Machine::without_files() })
        };
        // The system reads that from files, too.
        let offset = || Ok(os::utc_offset_minutes(clock::now()));
        let (machine_read, offset_read) = tokio::join!(
            timeout(LOCAL_FILES_TIMEOUT, self.0.machine.get(look)),
            timeout(LOCAL_FILES_TIMEOUT, self.0.utc_offset_minutes.get(offset))
        );
        if machine_read.is_err() || offset_read.is_err() {
            tracing::debug!("this machine's own configuration cannot be read in time");
        }
    }

    /// Minutes by which local time is ahead of UTC, where that was [learnt](Self::look_around).
    pub(crate) fn utc_offset_minutes(&self) -> Option<i32> {
        self.0.utc_offset_minutes.last().flatten()
    }

    /// What was [learnt](Self::look_around) last.
    pub(crate) fn machine(&self) -> Machine {
        self.0.machine.last().unwrap_or_else(Machine::without_files)
    }

    /// The roots of the `device`, else this machine's, and those of the `hub`, else those built in for it. Takes
    /// milliseconds if they were not read yet; does not end if a file blocks its reader and none were read before.
    pub(crate) async fn roots(
        &self,
        device: Option<&Pem>,
        hub: Option<&Pem>,
        built_in: &'static [RootPem],
    ) -> Result<Roots, SetupError> {
        let source = Source { device: device.cloned(), hub: hub.cloned(), built_in };
        let (cached, same_device) = self.find(&source);
        let read = move || match same_device.filter(Cached::is_fresh).and_then(|other| other.last()) {
            Some(other) => Roots::load_beside(&other, source.hub.as_ref(), built_in),
            None => Roots::load(source.device.as_ref(), source.hub.as_ref(), built_in),
        };
        cached.get(read).await.map_err(|why| match why {
            NotRead::Failed(error) => error.into(),
            NotRead::NoThread(error) => error.into(),
        })
    }

    /// The cell for the answer of a host that certificates name for revocation.
    pub(crate) fn revocation_answer(
        &self,
        host: &HubHost,
        port: u16,
        families: Families,
        resolvers: &[SocketAddr],
    ) -> Arc<OnceCell<RevocationServer>> {
        self.0.revocation_answers.find(host, port, families, resolvers)
    }

    /// Whether old roots are in use because the new ones cannot be read.
    pub fn has_stale_roots(&self) -> bool {
        self.known().iter().any(|(_, cached)| cached.is_stale())
    }

    /// Where the roots of `source` are kept, and where others whose larger part, the device's store, is the same.
    fn find(&self, source: &Source) -> (Cached<Roots, RootsError>, Option<Cached<Roots, RootsError>>) {
        let mut known = self.known();
        let same_device = known.iter().find(|(other, _)| other.device == source.device && other != source);
        let same_device = same_device.map(|(_, cached)| cached.clone());
        if let Some((_, cached)) = known.iter().find(|(other, _)| other == source) {
            return (cached.clone(), same_device);
        }
        let cached = Cached::default();
        known.push((source.clone(), cached.clone()));
        (cached, same_device)
    }

    fn known(&self) -> MutexGuard<'_, Vec<(Source, Cached<Roots, RootsError>)>> {
        // Nothing is read while it is locked.
        self.0.roots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_store_is_read_once_for_all_that_share_it() {
        let shared = Shared::default();
        let ca = Pem::Text(crate::hub::roots::AMAZON.concat());
        let azure = crate::hub::roots::AZURE_PUBLIC;
        let read = async |shared: &Shared, device: &Pem, built_in| {
            shared.roots(Some(device), None, built_in).await.expect("roots")
        };
        let first = read(&shared, &ca, azure).await;
        let second = read(&shared.clone(), &ca, azure).await;
        assert!(Arc::ptr_eq(&first.device, &second.device));
        let other_hub = read(&shared, &ca, &[]).await;
        assert!(Arc::ptr_eq(&first.device, &other_hub.device) && other_hub.hub.is_none() && first.hub.is_some());
        assert!(!Arc::ptr_eq(&first.device, &read(&Shared::default(), &ca, azure).await.device));
        let other = Pem::Text(azure.concat());
        assert_eq!(read(&shared, &other, azure).await.device.len(), azure.len());
    }
}
