//! The places of this machine that name a proxy, read within bounds.

use std::time::Duration;

use tokio::time::timeout;

use super::{
    os::{self, HintedProxy, ProxyHint},
    thread::blocking,
};
use crate::hub::HubHost;

/// Limits reading them: small files, and a desktop's settings, which a program prints. Only a file system that hangs needs longer.
const HINTS_TIMEOUT: Duration = Duration::from_millis(500);

/// Limits asking the system what a script says: it may have to fetch it first, from a server that does not answer.
const SCRIPT_TIMEOUT: Duration = Duration::from_secs(3);

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

/// The hints, with what a script that applies says of `https://host/`, where the system evaluates it for its programs: Windows
/// does. They stay as they are where no script applies, and where the system has not answered in three seconds; then a thread
/// may outlive the call.
pub async fn ask_proxy_script(hints: Vec<ProxyHint>, host: &HubHost) -> Vec<ProxyHint> {
    let is_script = |hint: &ProxyHint| hint.applies && matches!(hint.setting, HintedProxy::Script(_));
    if !cfg!(windows) || !hints.iter().any(is_script) {
        return hints;
    }
    let (asked, host) = (hints.clone(), host.clone());
    match timeout(SCRIPT_TIMEOUT, blocking(move || os::ask_script(asked, &host))).await {
        Ok(Ok(answered)) => answered,
        Ok(Err(_)) | Err(_) => {
            tracing::debug!("the system does not say in time what its proxy script says");
            hints
        }
    }
}
