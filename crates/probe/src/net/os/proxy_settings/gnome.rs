//! GNOME's settings, which its programs use, and nothing that is started by a service.

use std::{collections::HashMap, env};

use super::{HintedProxy, ProxyHint, program, proxy_of, script_address};
use crate::hub::NoProxy;

const SCHEMA: &str = "org.gnome.system.proxy";
/// The desktops that keep their proxy there.
const DESKTOPS: [&str; 6] = ["gnome", "unity", "cinnamon", "x-cinnamon", "budgie", "pantheon"];

/// Which settings count for TLS, the first before the others, and how those proxies are spoken to.
const KINDS: [(&str, &str); 3] = [(".https", "http"), (".socks", "socks5h"), (".http", "http")];

/// The settings, where this is a session of such a desktop.
pub(super) fn hints() -> Vec<ProxyHint> {
    let desktop = env::var("XDG_CURRENT_DESKTOP").unwrap_or_default().to_ascii_lowercase();
    if !cfg!(target_os = "linux") || !desktop.split(':').any(|name| DESKTOPS.contains(&name)) {
        return Vec::new();
    }
    let printed = program::output("/usr/bin/gsettings", &["list-recursively", SCHEMA]);
    printed.as_deref().and_then(parsed).into_iter().collect()
}

/// What `gsettings list-recursively` prints: lines of schema, key and value.
pub(super) fn parsed(text: &str) -> Option<ProxyHint> {
    let settings: HashMap<String, &str> = text.lines().filter_map(setting).collect();
    let value = |key: &str| settings.get(key).copied();
    let string = |key: &str| value(key).map(unquoted).filter(|value| !value.is_empty());
    let hint = |key: &str, setting| ProxyHint { place: format!("{SCHEMA}{key}"), setting, applies: false };
    match string(" mode")? {
        "auto" => {
            let script = string(" autoconfig-url").and_then(script_address);
            Some(hint(" autoconfig-url", script.map_or(HintedProxy::Discovery, HintedProxy::Script)))
        }
        "manual" => KINDS.iter().find_map(|(kind, scheme)| {
            let host = string(&format!("{kind} host"))?;
            let port = value(&format!("{kind} port")).and_then(|port| port.parse().ok());
            let proxy = proxy_of(scheme, host, port.unwrap_or(0));
            Some(hint(kind, HintedProxy::Proxy { proxy, no_proxy: value(" ignore-hosts").map(exceptions) }))
        }),
        _ => None,
    }
}

/// The key, with the schema's child before it: ` mode`, `.https host`.
fn setting(line: &str) -> Option<(String, &str)> {
    let (child, rest) = line.strip_prefix(SCHEMA)?.split_once(' ')?;
    let (key, value) = rest.split_once(' ')?;
    Some((format!("{child} {key}"), value.trim()))
}

fn unquoted(value: &str) -> &str {
    value.trim_matches(['\'', '"'])
}

/// `['localhost', '127.0.0.0/8']`. A host stands for its domain, as in `NO_PROXY`.
fn exceptions(value: &str) -> NoProxy {
    NoProxy::parse(&value.replace(['[', ']', '\'', '"'], " "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::os::proxy_settings::tests::told;

    const PRINTED: &str = "org.gnome.system.proxy autoconfig-url 'http://wpad.corp/proxy.pac'\n\
        org.gnome.system.proxy ignore-hosts ['localhost', '127.0.0.0/8', 'hub.test']\n\
        org.gnome.system.proxy mode 'none'\norg.gnome.system.proxy use-same-proxy true\n\
        org.gnome.system.proxy.ftp host ''\norg.gnome.system.proxy.ftp port 0\n\
        org.gnome.system.proxy.http authentication-password ''\norg.gnome.system.proxy.http host 'proxy.corp'\n\
        org.gnome.system.proxy.http port 8080\norg.gnome.system.proxy.https host 'secure.corp'\n\
        org.gnome.system.proxy.https port 8443\norg.gnome.system.proxy.socks host 'socks.corp'\n\
        org.gnome.system.proxy.socks port 0\n";

    #[test]
    fn the_mode_says_what_counts() {
        let with = |mode: &str| PRINTED.replace("'none'", mode);
        assert_eq!(parsed(PRINTED), None);
        let place = "org.gnome.system.proxy";
        assert_eq!(told(parsed(&with("'manual'"))), [format!("{place}.https = http://secure.corp:8443 but hub.test")]);
        let without = with("'manual'").replace("secure.corp", "");
        assert_eq!(told(parsed(&without)), [format!("{place}.socks = socks5h://socks.corp:1080 but hub.test")]);
        let plain = without.replace("socks.corp", "").replace("hub.test", "@as");
        assert_eq!(told(parsed(&plain)), [format!("{place}.http = http://proxy.corp:8080")]);
        let auto = with("'auto'");
        assert_eq!(told(parsed(&auto)), [format!("{place} autoconfig-url = script http://wpad.corp/proxy.pac")]);
        let discovery = auto.replace("http://wpad.corp/proxy.pac", "");
        assert_eq!(told(parsed(&discovery)), [format!("{place} autoconfig-url = discovery")]);
        assert_eq!(parsed("No such schema"), None);
    }
}
