//! A value that a thread of its own reads, and reads again from time to time. The last value is used until there is a
//! new one. A file that never ends, or a file system that hangs, blocks only that thread.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::watch,
    time::{Instant, timeout},
};

use crate::net::thread::{self, NoThread};

/// How long a value is used before it is read again. An exporter runs for months, while trust stores and name servers
/// change.
pub(crate) const VALUE_LIFETIME: Duration = Duration::from_secs(30);

/// How long a new value is awaited if there is an old one: local files are read in far less.
const REFRESH_TIMEOUT: Duration = Duration::from_millis(250);

/// A cached value. Clones share it.
#[derive(Debug)]
pub(crate) struct Cached<T, E>(Arc<Mutex<State<T, E>>>);

#[derive(Debug)]
struct State<T, E> {
    last: Option<(Instant, T)>,
    /// The reading under way.
    reading: Option<Reading<T, E>>,
    /// The last value should have been replaced by now.
    stale: bool,
}

type Reading<T, E> = watch::Receiver<Option<Result<T, E>>>;

/// Why there is no value.
#[derive(Debug)]
pub(crate) enum NotRead<E> {
    Failed(E),
    NoThread(NoThread),
}

impl<T, E> Default for Cached<T, E> {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(State { last: None, reading: None, stale: false })))
    }
}

impl<T, E> Clone for Cached<T, E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: Clone + Send + Sync + 'static, E: Clone + Send + Sync + 'static> Cached<T, E> {
    /// The value, which is `read` first if that is due. Waits without end only if there is no value yet.
    pub(crate) async fn get(&self, read: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, NotRead<E>> {
        let (older, reading) = {
            let mut state = self.lock();
            match &state.last {
                Some((when, value)) if when.elapsed() < VALUE_LIFETIME => return Ok(value.clone()),
                _ => {}
            }
            let reading = match state.reading.clone().filter(|reading| reading.has_changed().is_ok()) {
                Some(reading) => Ok(reading),
                None => self.begin(read).inspect(|reading| state.reading = Some(reading.clone())),
            };
            (state.last.as_ref().map(|(_, value)| value.clone()), reading)
        };
        let newer = async {
            let mut reading = reading.map_err(NotRead::NoThread)?;
            let read = reading.wait_for(Option::is_some).await.ok().and_then(|read| read.clone());
            read.ok_or(NotRead::NoThread(NoThread::Lost))?.map_err(NotRead::Failed)
        };
        let Some(older) = older else { return newer.await };
        match timeout(REFRESH_TIMEOUT, newer).await {
            Ok(Ok(newer)) => Ok(newer),
            _ => {
                self.lock().stale = true;
                Ok(older)
            }
        }
    }

    /// The last value, of any age.
    pub(crate) fn last(&self) -> Option<T> {
        self.lock().last.as_ref().map(|(_, value)| value.clone())
    }

    /// Whether the value is younger than [`VALUE_LIFETIME`].
    pub(crate) fn is_fresh(&self) -> bool {
        self.lock().last.as_ref().is_some_and(|(when, _)| when.elapsed() < VALUE_LIFETIME)
    }

    /// Whether an old value was used since the last read.
    pub(crate) fn is_stale(&self) -> bool {
        self.lock().stale
    }

    fn begin(&self, read: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<Reading<T, E>, NoThread> {
        let (tell, reading) = watch::channel(None);
        let cached = self.clone();
        thread::start(move || {
            let outcome = read();
            {
                let mut state = cached.lock();
                state.reading = None;
                if let Ok(value) = &outcome {
                    state.last = Some((Instant::now(), value.clone()));
                    state.stale = false;
                }
            }
            tell.send_replace(Some(outcome));
        })?;
        Ok(reading)
    }

    fn lock(&self) -> MutexGuard<'_, State<T, E>> {
        // A value is stored whole or not at all, and no file is read under the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
