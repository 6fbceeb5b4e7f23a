//! The peers that several tests share, each started when first wanted.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use tempfile::TempDir;

use super::{
    certificate::{self, Files},
    mosquitto::{Admits, Mosquitto},
    rabbitmq::RabbitMq,
};

/// Shared between the trials.
#[derive(Debug, Clone)]
pub struct Peers(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    dir: TempDir,
    files: Files,
    mosquitto: Mutex<Option<Arc<Mosquitto>>>,
    rabbitmq: Mutex<Option<Result<Arc<RabbitMq>, String>>>,
}

impl Peers {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let files = certificate::make(dir.path()).expect("certificates");
        Self(Arc::new(Shared { dir, files, mosquitto: Mutex::default(), rabbitmq: Mutex::default() }))
    }

    pub fn dir(&self) -> &Path {
        self.0.dir.path()
    }

    pub fn files(&self) -> &Files {
        &self.0.files
    }

    /// A mosquitto that admits anyone.
    pub fn mosquitto(&self) -> Result<Arc<Mosquitto>, String> {
        let mut running = self.0.mosquitto.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mosquitto) = &*running {
            return Ok(mosquitto.clone());
        }
        let started = Arc::new(Mosquitto::start(self.dir(), self.files(), Admits::Anyone)?);
        Ok(running.insert(started).clone())
    }

    pub fn rabbitmq(&self) -> Result<Arc<RabbitMq>, String> {
        let mut running = self.0.rabbitmq.lock().unwrap_or_else(PoisonError::into_inner);
        // A failure to start takes long: it is told to every test, but waited for once.
        running.get_or_insert_with(|| RabbitMq::start(self.dir(), self.files()).map(Arc::new)).clone()
    }

    /// Stops what runs.
    pub fn stop(&self) {
        *self.0.mosquitto.lock().unwrap_or_else(PoisonError::into_inner) = None;
        *self.0.rabbitmq.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
