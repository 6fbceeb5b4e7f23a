//! Which roots stand for the device, and which for the hub.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::pki_types::{CertificateDer, pem::PemObject};
use rustls_native_certs::ErrorKind;

use super::{os, pem::Pem, trust::store::Store};
use crate::{
    hub::{redacted, roots::RootPem},
    observation::{RootSource, TrustStore},
    wire::text,
};

/// The most bytes of a file of roots: all that the world trusts take less than a quarter of a MiB.
const MAX_SIZE: u64 = 16 << 20;

/// The two sets of roots that a chain is judged by.
#[derive(Debug, Clone)]
pub(crate) struct Roots {
    pub(crate) device: Arc<Store>,
    pub(crate) device_source: RootSource,
    /// `None` where nothing is known of the hub's roots.
    pub(crate) hub: Option<(Arc<Store>, RootSource)>,
}

/// A file of roots that cannot be used.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum RootsError {
    /// It could not be read.
    #[error("cannot read {}: {source}; give a readable PEM file of root certificates", redacted(&.path.to_string_lossy()))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: Arc<io::Error>,
    },
    /// It is not PEM, or holds no certificate that can be a root.
    #[error(
        "{} holds no PEM certificate; give a file with at least one `-----BEGIN CERTIFICATE-----`",
        redacted(&.path.to_string_lossy())
    )]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

impl RootsError {
    /// What this machine lacks, where that is why the file could not be read.
    pub(crate) fn lacking(&self) -> Option<&io::Error> {
        match self {
            Self::Unreadable { source, .. } if os::is_fd_exhausted(source) => Some(source.as_ref()),
            _ => None,
        }
    }
}

impl Roots {
    /// Reads the roots of the `device`, else this machine's, and those of the `hub`, else those built in for it.
    pub(crate) fn load(device: Option<&Pem>, hub: Option<&Pem>, built_in: &[RootPem]) -> Result<Self, RootsError> {
        let (device, device_source) = match device {
            Some(pem) => (given(pem)?, RootSource::File),
            None => native()?,
        };
        Self::with_hub(Arc::new(device), device_source, hub, built_in)
    }

    /// The same, where the device's roots are those of `other`.
    pub(crate) fn load_beside(other: &Self, hub: Option<&Pem>, built_in: &[RootPem]) -> Result<Self, RootsError> {
        Self::with_hub(Arc::clone(&other.device), other.device_source, hub, built_in)
    }

    fn with_hub(
        device: Arc<Store>,
        device_source: RootSource,
        hub: Option<&Pem>,
        built_in: &[RootPem],
    ) -> Result<Self, RootsError> {
        let hub = match hub {
            Some(pem) => Some((given(pem)?, RootSource::File)),
            None if built_in.is_empty() => None,
            None => Some((Store::of(certificates(built_in.concat().as_bytes())), RootSource::BuiltIn)),
        };
        let hub = hub.map(|(store, source)| (Arc::new(store), source));
        Ok(Self { device, device_source, hub })
    }

    pub(crate) fn trust_store(&self) -> TrustStore {
        TrustStore { source: self.device_source, roots: self.device.len() }
    }
}

fn given(pem: &Pem) -> Result<Store, RootsError> {
    let (found, path) = match pem {
        Pem::Text(text) => (certificates(text.as_bytes()).collect(), Path::new("the text given")),
        Pem::File(path) => {
            let read = read(path).and_then(|bytes| text::utf8(bytes).map_err(io::Error::other));
            let bytes = read.map_err(|error| RootsError::Unreadable { path: path.clone(), source: Arc::new(error) })?;
            (certificates(&bytes).collect::<Vec<_>>(), path.as_path())
        }
    };
    let store = Store::of(found);
    if store.is_empty() { Err(RootsError::Empty { path: path.to_owned() }) } else { Ok(store) }
}

/// Devices and pipes may have no end.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_SIZE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_SIZE { Err(io::Error::other("it is larger than any such file")) } else { Ok(bytes) }
}

fn certificates(pem: &[u8]) -> impl Iterator<Item = CertificateDer<'static>> {
    CertificateDer::pem_slice_iter(pem).filter_map(Result::ok)
}

/// This machine's store (which honours `SSL_CERT_FILE` and `SSL_CERT_DIR`); where it has none, as in an empty
/// container image, the public roots built into the program.
fn native() -> Result<(Store, RootSource), RootsError> {
    let found = rustls_native_certs::load_native_certs();
    for error in found.errors {
        tracing::debug!(error = %redacted(&error.to_string()), "part of the trust store was not read");
        // What is missing on that account would be missed in the peer's chain.
        if let ErrorKind::Io { inner: source, path } = error.kind
            && os::is_fd_exhausted(&source)
        {
            return Err(RootsError::Unreadable { path, source: Arc::new(source) });
        }
    }
    let store = Store::of(found.certs);
    Ok(if store.is_empty() { (Store::public(), RootSource::BuiltIn) } else { (store, RootSource::Native) })
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::digest::{self, Algorithm};

    use super::certificates;
    use crate::{
        hub::roots::{AMAZON, AZURE_PUBLIC, AZURE_SOVEREIGN, RootPem},
        observation::hex,
    };

    fn fingerprints(roots: &[RootPem], hash: &'static Algorithm) -> Vec<String> {
        let roots = roots.iter().flat_map(|pem| certificates(pem.as_bytes()));
        roots.map(|der| hex(digest::digest(hash, &der).as_ref())).collect()
    }

    #[test]
    fn azures_roots_are_the_published_ones() {
        let published = [
            "df3c24f9bfd666761b268073fe06d1cc8d4f82a4",
            "73a5e64a3bff8316ff0edccc618a906e4eae4d74",
            "a8985d3a65e5e5c4b2d7d66d40c6dd2fb19c5436",
        ];
        assert_eq!(fingerprints(AZURE_SOVEREIGN, &digest::SHA1_FOR_LEGACY_USE_ONLY), published);
        assert_eq!(fingerprints(AZURE_PUBLIC, &digest::SHA1_FOR_LEGACY_USE_ONLY), published[..2]);
    }

    #[test]
    fn amazons_roots_are_the_published_ones() {
        let published = [
            "8ecde6884f3d87b1125ba31ac3fcb13d7016de7f57cc904fe1cb97c6ae98196e",
            "1ba5b2aa8c65401a82960118f80bec4f62304d83cec4713a19c39c011ea46db4",
            "18ce6cfe7bf14e60b2e347b8dfe868cb31d02ebb3ada271569f50343b46db3a4",
            "e35d28419ed02025cfa69038cd623962458da5c695fbdea3c22b0bfb25897092",
            "568d6905a2c88708a4b3025190edcfedb1974a606a13c6e5290fcb2ae63edab5",
        ];
        assert_eq!(fingerprints(AMAZON, &digest::SHA256), published);
    }
}
