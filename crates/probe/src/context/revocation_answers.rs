//! The answers of the revocation hosts that certificates name. Hubs of one authority name the same hosts, which are
//! queried once for all of them.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::OnceCell;

use crate::{hub::HubHost, net::families::Families, observation::RevocationServer};

/// How long an answer holds. The targets of an audit follow one another within this time; networks change later.
const ANSWER_LIFETIME: Duration = Duration::from_secs(60);
/// More hosts than the hubs of one site name. Beyond it, the run of each hub asks for itself.
const MAX_ENTRIES: usize = 1000;

/// A host and port, queried in the same way.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Key {
    host: HubHost,
    port: u16,
    families: Families,
    resolvers: Vec<SocketAddr>,
}

#[derive(Debug)]
struct Entry {
    key: Key,
    began: Instant,
    answer: Arc<OnceCell<RevocationServer>>,
}

/// The answers, also those that are still awaited.
#[derive(Debug, Default)]
pub(crate) struct RevocationAnswers(Mutex<Vec<Entry>>);

impl RevocationAnswers {
    /// The cell for the answer of a host.
    pub(crate) fn find(
        &self,
        host: &HubHost,
        port: u16,
        families: Families,
        resolvers: &[SocketAddr],
    ) -> Arc<OnceCell<RevocationServer>> {
        let key = Key { host: host.clone(), port, families, resolvers: resolvers.to_vec() };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|entry| entry.began.elapsed() < ANSWER_LIFETIME);
        if let Some(entry) = known.iter().find(|entry| entry.key == key) {
            return entry.answer.clone();
        }
        let answer = Arc::new(OnceCell::new());
        if known.len() < MAX_ENTRIES {
            known.push(Entry { key, began: Instant::now(), answer: answer.clone() });
        }
        answer
    }
}
