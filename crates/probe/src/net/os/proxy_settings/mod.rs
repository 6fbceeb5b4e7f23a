//! The proxies that files and settings of this machine name, as most people do not set one in the environment of the
//! program that they start.

mod assignments;
mod containers;
mod files;
mod gnome;
mod iot_edge;
mod macos;
mod program;
mod windows;

use std::{env, path::Path};

use self::files::Files;
#[cfg(windows)]
pub(super) use self::windows::{InternetSettings, ScriptAnswer};
use crate::hub::{HubHost, NoProxy, Proxy, ProxyEnvironment, ProxyError};

/// More places than any machine names a proxy in.
const MAX_HINTS: usize = 16;
/// Longer addresses are cut.
const MAX_PAC_ADDRESS: usize = 300;

/// A place that names a proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyHint {
    /// The file and its key, or the system's settings.
    pub place: String,
    /// What is set there.
    pub setting: HintedProxy,
    /// Whether programs of this system use it where the environment names none: the settings of Windows and of macOS.
    /// Everything else is for one program, and only tells that this network has a proxy.
    pub applies: bool,
}

/// What a place sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HintedProxy {
    /// A proxy.
    Proxy {
        /// The proxy, or why what is set there is none.
        proxy: Result<Proxy, ProxyError>,
        /// The hosts that it is not for.
        no_proxy: Option<NoProxy>,
    },
    /// The address of a script that says which proxy to use (PAC), without credentials and query. hubreach runs none, but asks
    /// Windows for what it says.
    Script(String),
    /// The same, of which the system has said that the hub needs no proxy by it.
    NoneByScript(String),
    /// The network is asked for such a script (WPAD).
    Discovery,
}

/// All places that name a proxy. This blocks, without end if a file system hangs: call it on a thread that can be
/// abandoned.
pub(crate) fn system_proxy_settings() -> Vec<ProxyHint> {
    let mut hints = Vec::new();
    if cfg!(windows) {
        hints.extend(windows::hints());
    } else {
        hints.extend(macos::hints());
        hints.extend(gnome::hints());
    }
    let home = env::var_os(if cfg!(windows) { "USERPROFILE" } else { "HOME" });
    hints.extend(in_files(&Files::of_this_machine(), home.as_ref().map(Path::new)));
    hints.truncate(MAX_HINTS);
    hints
}

/// The hints with what the script of this system's settings, if one applies, says of `https://host/`. This blocks for as long as
/// the system takes to fetch it.
pub(crate) fn ask_script(hints: Vec<ProxyHint>, host: &HubHost) -> Vec<ProxyHint> {
    match windows::ask_script(host) {
        Some(answer) => windows::with_answer(hints, host, &answer),
        None => hints,
    }
}

fn in_files(files: &Files, home: Option<&Path>) -> Vec<ProxyHint> {
    let mut hints = Vec::new();
    if cfg!(unix) {
        hints.extend(assignments::hints(files));
        hints.extend(iot_edge::hints(files));
    }
    hints.extend(containers::hints(files, home));
    hints
}

/// The hint of a file that holds variables of an environment. `get` gives the value of a variable; `key` says how that
/// file spells its name.
fn hint_by_variables(
    file: &str,
    get: impl Fn(&str) -> Option<String>,
    key: impl Fn(&'static str) -> &'static str,
) -> Option<ProxyHint> {
    let ProxyEnvironment { proxy, no_proxy, http_only } = ProxyEnvironment::read(get);
    let found = proxy.or(http_only)?;
    Some(ProxyHint {
        place: format!("{file}: {}", key(found.variable)),
        setting: HintedProxy::Proxy { proxy: found.value, no_proxy: no_proxy.map(|named| named.value) },
        applies: false,
    })
}

/// A proxy whose host and port are set apart from each other. Port 0 stands for none.
fn proxy_of(scheme: &str, host: &str, port: u16) -> Result<Proxy, ProxyError> {
    let host = host.trim();
    let host = if host.contains(':') && !host.starts_with('[') { format!("[{host}]") } else { host.to_owned() };
    match port {
        0 => Proxy::parse(&format!("{scheme}://{host}")),
        port => Proxy::parse(&format!("{scheme}://{host}:{port}")),
    }
}

/// The address of a script, without anything in it that may be secret.
fn script_address(address: &str) -> Option<String> {
    let address = address.split(['?', '#']).next().unwrap_or_default().trim();
    let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
    // A user may hold a slash, a path hardly an `@`.
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
    let separator = if scheme.is_empty() { "" } else { "://" };
    let shown = [scheme, separator, rest].concat();
    let shown: String = shown.chars().filter(|letter| !letter.is_control()).take(MAX_PAC_ADDRESS).collect();
    (!shown.is_empty()).then_some(shown)
}

/// All that is read of such files, settings and programs.
#[cfg(fuzzing)]
pub(crate) fn read_proxy_settings(text: &str) {
    let lines: Vec<&str> = text.splitn(3, '\n').collect();
    let value = |at: usize| lines.get(at).map(|line| (*line).to_owned());
    let windows =
        windows::InternetSettings { is_enabled: true, server: value(0), exceptions: value(1), script: value(2) };
    let hints = [assignments::environment_hint("a file", text), assignments::unit_hint("a file", text)];
    let json = [containers::client_hint("a file", text), containers::daemon_hint("a file", text)];
    let hints = hints.into_iter().chain(json).chain([iot_edge::hint("a file", text)]).flatten();
    let hints = hints.chain(gnome::parsed(text)).chain(macos::parsed(text)).chain(windows.hints());
    let hub = crate::hub::HubHost::Name("hub.test".to_owned());
    for hint in hints {
        match hint.setting {
            HintedProxy::Proxy { no_proxy, .. } => {
                let _ = no_proxy.as_ref().and_then(|list| list.exempts(&hub, 443));
            }
            HintedProxy::Script(address) | HintedProxy::NoneByScript(address) => {
                assert!(address.chars().count() <= MAX_PAC_ADDRESS)
            }
            HintedProxy::Discovery => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Place, proxy and an exempting entry of `hub.test`, in a line.
    pub(super) fn told(hints: impl IntoIterator<Item = ProxyHint>) -> Vec<String> {
        let hub = crate::hub::HubHost::Name("hub.test".to_owned());
        let line = |hint: ProxyHint| {
            let setting = match &hint.setting {
                HintedProxy::Proxy { proxy: Err(error), .. } => error.to_string(),
                HintedProxy::Proxy { proxy: Ok(proxy), no_proxy } => {
                    let entry = no_proxy.as_ref().and_then(|list| list.exempts(&hub, 443));
                    format!("{proxy}{}", entry.map(|entry| format!(" but {entry}")).unwrap_or_default())
                }
                HintedProxy::Script(address) => format!("script {address}"),
                HintedProxy::NoneByScript(address) => format!("none by script {address}"),
                HintedProxy::Discovery => "discovery".to_owned(),
            };
            format!("{} = {setting}{}", hint.place, if hint.applies { " (applies)" } else { "" })
        };
        hints.into_iter().map(line).collect()
    }

    #[test]
    fn the_address_of_a_script_holds_no_secret() {
        for (address, shown) in [
            ("http://wpad.corp/proxy.pac", Some("http://wpad.corp/proxy.pac")),
            ("http://user:s3/cret@wpad.corp/proxy.pac?token=s3cret#x", Some("http://wpad.corp/proxy.pac")),
            ("file:///etc/proxy.pac", Some("file:///etc/proxy.pac")),
            ("wpad.corp/\u{1b}[31mproxy.pac", Some("wpad.corp/[31mproxy.pac")),
            (" ", None),
        ] {
            assert_eq!(script_address(address).as_deref(), shown, "{address}");
        }
        assert_eq!(script_address(&"x".repeat(1000)).map(|shown| shown.len()), Some(MAX_PAC_ADDRESS));
    }

    #[test]
    fn a_host_and_its_port_are_put_together() {
        let shown = |host, port| proxy_of("http", host, port).map(|proxy| proxy.to_string());
        assert_eq!(shown("proxy.corp", 3128).as_deref(), Ok("http://proxy.corp:3128"));
        assert_eq!(shown("proxy.corp", 0).as_deref(), Ok("http://proxy.corp:80"));
        assert_eq!(shown("2001:db8::1", 3128).as_deref(), Ok("http://[2001:db8::1]:3128"));
    }
}
