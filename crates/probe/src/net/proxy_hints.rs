//! The places of this machine that name a proxy, read within bounds.

use std::time::Duration;

use tokio::time::timeout;

use super::{
    os::{self, ProxyHint},
    thread::blocking,
};

/// Limits reading them: small files, and a desktop's settings, which a program prints. Only a file system that hangs needs longer.
const HINTS_TIMEOUT: Duration = Duration::from_millis(500);

/// The places of this machine, apart from the environment, that name a proxy. Takes some milliseconds; none are given where they
/// cannot be read in half a second, and then a thread may outlive the call.
pub async fn proxy_hints() -> Vec<ProxyHint> {
    match timeout(HINTS_TIMEOUT, blocking(os::system_proxy_settings)).await {
        Ok(Ok(hints)) => hints,
        Ok(Err(_)) | Err(_) => {
            tracing::debug!("the proxy settings of this machine cannot be read in time");
            Vec::new()
        }
    }
}
