//! A root and a certificate for `hub.test`, as files.

use std::{
    fs,
    path::{Path, PathBuf},
};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

/// The name that the certificate is for.
pub const HOST: &str = "hub.test";

/// Paths of PEM files.
#[derive(Debug, Clone)]
pub struct Files {
    pub root: PathBuf,
    pub chain: PathBuf,
    pub key: PathBuf,
}

/// Makes both and writes them below `dir`.
pub fn make(dir: &Path) -> Result<Files, rcgen::Error> {
    let root_key = KeyPair::generate()?;
    let mut root = CertificateParams::new(Vec::new())?;
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    root.distinguished_name.push(DnType::CommonName, "Test Root");
    let root_certificate = root.self_signed(&root_key)?;
    let issuer = Issuer::new(root, root_key);

    let key = KeyPair::generate()?;
    let mut leaf = CertificateParams::new(vec![HOST.to_owned()])?;
    leaf.distinguished_name.push(DnType::CommonName, HOST);
    leaf.use_authority_key_identifier_extension = true;
    let certificate = leaf.signed_by(&key, &issuer)?;

    let files = Files { root: dir.join("root.pem"), chain: dir.join("chain.pem"), key: dir.join("key.pem") };
    for (path, text) in [
        (&files.root, root_certificate.pem()),
        (&files.chain, certificate.pem() + &root_certificate.pem()),
        (&files.key, key.serialize_pem()),
    ] {
        fs::write(path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
    Ok(files)
}
