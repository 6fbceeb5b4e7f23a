//! Where certificates come from that the user names.

use std::path::PathBuf;

/// Certificates in PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pem {
    /// In a file.
    File(PathBuf),
    /// In memory.
    Text(String),
}
