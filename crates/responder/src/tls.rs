//! The server's side of TLS.

use std::sync::Arc;

use rustls::{
    RootCertStore, ServerConfig,
    crypto::aws_lc_rs,
    server::{NoServerSessionStorage, WebPkiClientVerifier},
    version::{TLS12, TLS13},
};
use tokio_rustls::TlsAcceptor;

use super::{ServerIdentity, Tls};
use crate::probe::clock::Clock;

/// Shows `identity`, under the restrictions of `tls`.
pub(super) fn acceptor(identity: &ServerIdentity, tls: &Tls) -> Result<TlsAcceptor, rustls::Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let versions: &[_] = if tls.tls12_only { &[&TLS12] } else { &[&TLS13, &TLS12] };
    let builder =
        ServerConfig::builder_with_details(provider.clone(), Arc::new(Clock)).with_protocol_versions(versions)?;
    let builder = if tls.require_client_certificate {
        let mut roots = RootCertStore::empty();
        if let Some(anchor) = identity.anchor() {
            roots.add(anchor)?;
        }
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
            .build()
            .map_err(|error| rustls::Error::General(error.to_string()))?;
        builder.with_client_cert_verifier(verifier)
    } else {
        builder.with_no_client_auth()
    };
    let mut config = builder.with_single_cert(identity.chain.clone(), identity.key.clone_key())?;
    // Every connection shows its certificate, and nothing is remembered.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
