//! What a report says of its proxy, and of the settings that name one: for readers who want to know.

use super::{
    Report,
    text::{duration, listed, shown},
};
use crate::{
    hub::ProxyScheme,
    observation::{ProxyObservations, ProxySetting, WhyUnused},
};

/// The proxy that was used, then each setting whose proxy was not, a sentence part each.
pub(super) fn lines(report: &Report) -> Vec<String> {
    let used = report.observations.proxy.as_ref().map(used);
    let unused = report.observations.vantage.proxy_settings.iter().filter_map(unused);
    used.into_iter().chain(unused).collect()
}

/// `proxy http://proxy.corp:3128 (HTTP CONNECT, no login), named by https_proxy: 10.0.0.1, in 2 ms`
fn used(proxy: &ProxyObservations) -> String {
    let spoken = spoken(proxy.scheme);
    let login = if proxy.has_credentials { "with a user name and a password" } else { "without a login" };
    let source = proxy.source.as_deref().map(|source| format!(", named by {}", shown(source))).unwrap_or_default();
    let addresses: Vec<String> = proxy.resolution.addresses.iter().map(ToString::to_string).collect();
    let found = match addresses.as_slice() {
        // Its name is its address.
        [one] if *one == proxy.host => String::new(),
        [] => ": no address".to_owned(),
        several => format!(": {}", listed(several)),
    };
    let took = proxy.resolution.duration_ms.map(|took| format!(", in {}", duration(took))).unwrap_or_default();
    format!("proxy {} ({spoken}, {login}){source}{found}{took}", shown(&proxy.url()))
}

fn spoken(scheme: ProxyScheme) -> &'static str {
    match scheme {
        ProxyScheme::Http => "HTTP CONNECT",
        ProxyScheme::Https => "HTTP CONNECT inside TLS",
        ProxyScheme::Socks5 => "SOCKS 5, by the hub's address",
        ProxyScheme::Socks5h => "SOCKS 5, by the hub's name",
    }
}

/// `proxy setting https_proxy (http://proxy.corp:3128): not used, as no_proxy excepts the hub by its entry .test`
fn unused(setting: &ProxySetting) -> Option<String> {
    let why = match setting.unused.as_ref()? {
        WhyUnused::Excepted { by, entry } => {
            format!("not used, as {} excepts the hub by its entry {}", shown(by), shown(entry))
        }
        WhyUnused::Overridden => "not used, as another proxy is named".to_owned(),
        WhyUnused::NotWanted => "not used, as another route is wanted".to_owned(),
        WhyUnused::Unusable { message } => format!("cannot be used: {}", shown(message)),
        WhyUnused::ForOthers => "not used, as it is for other programs".to_owned(),
    };
    let what = setting.url.as_ref().or(setting.pac.as_ref()).map(|what| format!(" ({})", shown(what)));
    Some(format!("proxy setting {}{}: {why}", shown(&setting.source), what.unwrap_or_default()))
}
