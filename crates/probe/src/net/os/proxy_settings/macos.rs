//! The proxies of macOS' network settings, as `scutil --proxy` prints them.

use std::collections::HashMap;

use super::{HintedProxy, ProxyHint, program, proxy_of, script_address};
use crate::hub::NoProxy;

const PLACE: &str = "macOS network settings";
/// Which settings count for TLS, the first before the others, and how those proxies are spoken to.
const KINDS: [(&str, &str); 2] = [("HTTPS", "http"), ("SOCKS", "socks5h")];

/// The settings of the current network.
pub(super) fn hints() -> Vec<ProxyHint> {
    if !cfg!(target_os = "macos") {
        return Vec::new();
    }
    program::output("/usr/sbin/scutil", &["--proxy"]).map(|printed| parsed(&printed)).unwrap_or_default()
}

/// In the order in which the system asks them: discovery, a script, proxies.
pub(super) fn parsed(text: &str) -> Vec<ProxyHint> {
    let Settings { values, exceptions } = Settings::of(text);
    let is_on = |key: &str| values.get(key).is_some_and(|value| *value == "1");
    let hint = |key: &str, setting| ProxyHint { place: format!("{PLACE}: {key}"), setting, applies: true };
    let mut hints = Vec::new();
    if is_on("ProxyAutoDiscoveryEnable") {
        hints.push(hint("ProxyAutoDiscoveryEnable", HintedProxy::Discovery));
    }
    if is_on("ProxyAutoConfigEnable") {
        let script = values.get("ProxyAutoConfigURLString").and_then(|address| script_address(address));
        hints.extend(script.map(|address| hint("ProxyAutoConfigURLString", HintedProxy::Script(address))));
    }
    let mut exceptions: Vec<String> = exceptions.into_iter().map(completed).collect();
    if is_on("ExcludeSimpleHostnames") {
        exceptions.push("<local>".to_owned());
    }
    let proxies = KINDS.iter().filter(|(kind, _)| is_on(&format!("{kind}Enable"))).filter_map(|(kind, scheme)| {
        let key = format!("{kind}Proxy");
        let port = values.get(format!("{kind}Port").as_str()).and_then(|port| port.parse().ok());
        let proxy = proxy_of(scheme, values.get(key.as_str())?, port.unwrap_or(0));
        let no_proxy = (!exceptions.is_empty()).then(|| NoProxy::of_system(&exceptions.join(",")));
        Some(hint(&key, HintedProxy::Proxy { proxy, no_proxy }))
    });
    hints.extend(proxies);
    hints
}

/// What stands in the outermost dictionary; inner ones hold what is for one interface alone.
#[derive(Default)]
struct Settings<'a> {
    values: HashMap<&'a str, &'a str>,
    exceptions: Vec<&'a str>,
}

impl<'a> Settings<'a> {
    fn of(text: &'a str) -> Self {
        let mut settings = Self::default();
        let (mut depth, mut is_list) = (0_usize, false);
        for line in text.lines().map(str::trim) {
            let (key, value) = line.split_once(" : ").unwrap_or(("", line));
            if value.ends_with('{') {
                depth += 1;
                is_list = depth == 2 && key == "ExceptionsList";
            } else if line == "}" {
                depth = depth.saturating_sub(1);
                is_list = false;
            } else if depth == 1 && !key.is_empty() {
                settings.values.insert(key, value);
            } else if is_list {
                settings.exceptions.push(value);
            }
        }
        settings
    }
}

/// `169.254/16` is `169.254.0.0/16`.
fn completed(entry: &str) -> String {
    let is_numbers = |text: &str| text.split('.').all(|part| part.parse::<u8>().is_ok());
    match entry.split_once('/') {
        Some((network, bits)) if is_numbers(network) => {
            let missing = 4_usize.saturating_sub(network.split('.').count());
            format!("{network}{}/{bits}", ".0".repeat(missing))
        }
        _ => entry.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::os::proxy_settings::tests::told;

    const PRINTED: &str = "<dictionary> {
  ExceptionsList : <array> {
    0 : *.local
    1 : 169.254/16
    2 : hub.*
  }
  ExcludeSimpleHostnames : 1
  FTPPassive : 1
  HTTPEnable : 0
  HTTPSEnable : 1
  HTTPSPort : 8080
  HTTPSProxy : proxy.corp
  ProxyAutoConfigEnable : 1
  ProxyAutoConfigURLString : http://wpad.corp/proxy.pac
  ProxyAutoDiscoveryEnable : 0
  SOCKSEnable : 1
  SOCKSPort : 1080
  SOCKSProxy : 2001:db8::1
  __SCOPED__ : <dictionary> {
    en0 : <dictionary> {
      HTTPSEnable : 1
      HTTPSProxy : other.corp
    }
  }
}
";

    #[test]
    fn the_printed_settings_are_read() {
        let place = "macOS network settings";
        let script = format!("{place}: ProxyAutoConfigURLString = script http://wpad.corp/proxy.pac (applies)");
        let https = format!("{place}: HTTPSProxy = http://proxy.corp:8080 but hub.* (applies)");
        let socks = format!("{place}: SOCKSProxy = socks5h://[2001:db8::1]:1080 but hub.* (applies)");
        assert_eq!(told(parsed(PRINTED)), [script, https, socks]);
        let none = PRINTED.replace("Enable : 1", "Enable : 0");
        assert!(parsed(&none).is_empty());
        let discovery = none.replace("ProxyAutoDiscoveryEnable : 0", "ProxyAutoDiscoveryEnable : 1");
        assert_eq!(told(parsed(&discovery)), [format!("{place}: ProxyAutoDiscoveryEnable = discovery (applies)")]);
        assert!(parsed("").is_empty());
        assert!(parsed("}\n}\n{\nHTTPSEnable : 1\n").is_empty());
    }

    #[test]
    fn short_networks_are_completed() {
        assert_eq!(completed("169.254/16"), "169.254.0.0/16");
        assert_eq!(completed("10.0.0.0/8"), "10.0.0.0/8");
        assert_eq!(completed("*.local"), "*.local");
        assert_eq!(completed("2001:db8::/32"), "2001:db8::/32");
    }
}
