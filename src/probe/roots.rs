//! Which roots stand for the device, and which for the hub.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

use super::{Pem, Settings, certificate};
use crate::{
    observation::{Certificate, HubRoot, RootSource, TrustStore},
    target::roots::RootPem,
};

/// The two sets of roots that a chain is judged by.
#[derive(Debug, Clone)]
pub(crate) struct Roots {
    pub(crate) device: Arc<RootCertStore>,
    pub(crate) device_source: RootSource,
    /// `None` where nothing is known of the hub's roots.
    pub(crate) hub: Option<(Arc<RootCertStore>, RootSource)>,
    /// The names of the hub's roots; a store keeps none of their certificates.
    pub(crate) hub_names: Arc<[HubRoot]>,
}

/// A file of roots that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RootsError {
    /// It could not be read.
    #[error("cannot read {}: {source}; give a readable PEM file of root certificates", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// It is not PEM, or holds no certificate that can be a root.
    #[error("{} holds no PEM certificate; give a file with at least one `-----BEGIN CERTIFICATE-----`", .path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

impl Roots {
    /// Reads the roots that `settings` name, else this machine's and those built in for the hub.
    pub(crate) fn load(settings: &Settings, built_in: &[RootPem]) -> Result<Self, RootsError> {
        let (device, device_source) = match &settings.ca {
            Some(pem) => (store(&given(pem)?), RootSource::File),
            None => native(),
        };
        Self::with_hub(Arc::new(device), device_source, settings, built_in)
    }

    /// The same, where the device's roots are those of `other`.
    pub(crate) fn load_beside(other: &Self, settings: &Settings, built_in: &[RootPem]) -> Result<Self, RootsError> {
        Self::with_hub(Arc::clone(&other.device), other.device_source, settings, built_in)
    }

    fn with_hub(
        device: Arc<RootCertStore>,
        device_source: RootSource,
        settings: &Settings,
        built_in: &[RootPem],
    ) -> Result<Self, RootsError> {
        let hub = match &settings.hub_ca {
            Some(pem) => Some((given(pem)?, RootSource::File)),
            None if built_in.is_empty() => None,
            None => Some((certificates(built_in.concat().as_bytes()), RootSource::BuiltIn)),
        };
        let hub_names = hub.iter().flat_map(|(certificates, _)| certificates).filter_map(|der| name(der)).collect();
        let hub = hub.map(|(certificates, source)| (Arc::new(store(&certificates)), source));
        Ok(Self { device, device_source, hub, hub_names })
    }

    pub(crate) fn trust_store(&self) -> TrustStore {
        TrustStore { source: self.device_source, roots: self.device.len() }
    }
}

fn given(pem: &Pem) -> Result<Vec<CertificateDer<'static>>, RootsError> {
    let (found, path) = match pem {
        Pem::Text(text) => (certificates(text.as_bytes()), Path::new("the text given")),
        Pem::File(path) => {
            let read = std::fs::read(path);
            let bytes = read.map_err(|source| RootsError::Unreadable { path: path.clone(), source })?;
            (certificates(&bytes), path.as_path())
        }
    };
    if store(&found).is_empty() { Err(RootsError::Empty { path: path.to_owned() }) } else { Ok(found) }
}

fn certificates(pem: &[u8]) -> Vec<CertificateDer<'static>> {
    CertificateDer::pem_slice_iter(pem).filter_map(Result::ok).collect()
}

/// All of `certificates` that can be a root.
fn store(certificates: &[CertificateDer<'static>]) -> RootCertStore {
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(certificates.iter().cloned());
    store
}

fn name(der: &[u8]) -> Option<HubRoot> {
    let Certificate { subject, sha256, .. } = certificate::record(der);
    Some(HubRoot { subject: subject?, sha256 })
}

/// This machine's store (which honours `SSL_CERT_FILE` and `SSL_CERT_DIR`); where it has none, as in an empty
/// container image, the public roots built into the program.
fn native() -> (RootCertStore, RootSource) {
    let mut store = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::debug!(%error, "part of the trust store was not read");
    }
    store.add_parsable_certificates(found.certs);
    if store.is_empty() {
        store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        return (store, RootSource::BuiltIn);
    }
    (store, RootSource::Native)
}
