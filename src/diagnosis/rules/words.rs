//! Parts of sentences that several rules say.

use crate::{
    diagnosis::{cause::clipped, scene::Scene},
    observation::{HttpResponse, Identity},
};

/// How far the peer is known to be the hub, as the end of a sentence.
pub(super) fn identity(scene: Scene<'_>) -> &'static str {
    match scene.identity() {
        Some(Identity::Proven) => "inside TLS that proves the hub",
        Some(Identity::Trusted) => "inside TLS that this device trusts (the hub's own roots are not known)",
        Some(Identity::Intercepted) => "inside intercepted TLS",
        Some(Identity::UntrustedHere) => "inside the hub's genuine TLS, which this device does not trust",
        _ => "inside TLS that proves nobody",
    }
}

/// The status of an HTTP answer, and the headers by which gateways give themselves away.
pub(super) fn answer(status: u16, response: Option<&HttpResponse>) -> String {
    let telling = ["server", "via", "x-cache", "location", "iothub-errorcode"].into_iter().filter_map(|name| {
        let value = response?.header(name)?;
        Some(format!("{name}: {}", clipped(value)))
    });
    let telling: Vec<String> = telling.collect();
    if telling.is_empty() { format!("HTTP {status}") } else { format!("HTTP {status} ({})", telling.join("; ")) }
}
