//! The user's proxy in Windows' Internet settings, which browsers, .NET and most programs use.

use super::{HintedProxy, ProxyHint, script_address};
use crate::hub::{HubHost, NoProxy, Proxy};

const KEY: &str = r"Software\Microsoft\Windows\CurrentVersion\Internet Settings";

/// The settings, where this is Windows.
pub(super) fn hints() -> Vec<ProxyHint> {
    InternetSettings::read().map(|settings| settings.hints()).unwrap_or_default()
}

/// The settings, by the names of their values in the registry.
#[derive(Debug, Default)]
pub(crate) struct InternetSettings {
    /// `ProxyEnable`.
    pub(crate) is_enabled: bool,
    /// `ProxyServer`: `host:port`, or `https=host:port;socks=host:port`.
    pub(crate) server: Option<String>,
    /// `ProxyOverride`: patterns with `;` between them.
    pub(crate) exceptions: Option<String>,
    /// `AutoConfigURL`.
    pub(crate) script: Option<String>,
}

/// What the system's script says of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(not(windows), allow(dead_code))]
pub(crate) enum ScriptAnswer {
    /// It needs no proxy.
    Direct,
    /// A list of proxies, the preferred first.
    Servers(String),
}

/// What the system answers for `https://host/` by the script of its settings. This blocks: see
/// [`system_proxy_settings`](super::system_proxy_settings).
#[cfg(windows)]
pub(super) fn ask_script(host: &HubHost) -> Option<ScriptAnswer> {
    let script = InternetSettings::read()?.script?;
    crate::net::os::windows::ask_script(&script, &host.in_url())
}

/// The same on other systems, which run no script.
#[cfg(not(windows))]
pub(super) fn ask_script(_: &HubHost) -> Option<ScriptAnswer> {
    None
}

/// The hints with what the script that applies has answered: a proxy stands after it and before all that the system would ask
/// next; where it says that none is needed, nothing after it counts.
pub(super) fn with_answer(mut hints: Vec<ProxyHint>, host: &HubHost, answer: &ScriptAnswer) -> Vec<ProxyHint> {
    let script = hints.iter_mut().enumerate().find_map(|(at, hint)| match &hint.setting {
        HintedProxy::Script(address) if hint.applies => {
            let address = address.clone();
            Some((at, hint, address))
        }
        _ => None,
    });
    let Some((at, hint, address)) = script else { return hints };
    match answer {
        ScriptAnswer::Direct => hint.setting = HintedProxy::NoneByScript(address),
        ScriptAnswer::Servers(servers) => {
            let place = format!("{}, asked for https://{}/", hint.place, host.in_url());
            if let Some(server) = for_tls(servers) {
                let setting = HintedProxy::Proxy { proxy: Proxy::parse(&server), no_proxy: None };
                hints.insert(at + 1, ProxyHint { place, setting, applies: true });
            }
        }
    }
    hints
}

impl InternetSettings {
    #[cfg(windows)]
    fn read() -> Option<Self> {
        crate::net::os::windows::internet_settings()
    }

    #[cfg(not(windows))]
    fn read() -> Option<Self> {
        None
    }

    /// In the order in which the system asks them: a script, a proxy.
    pub(super) fn hints(&self) -> Vec<ProxyHint> {
        let hint = |value: &str, setting| ProxyHint { place: format!(r"HKCU\{KEY}: {value}"), setting, applies: true };
        let script = self.script.as_deref().and_then(script_address);
        let script = script.map(|address| hint("AutoConfigURL", HintedProxy::Script(address)));
        let server = self.server.as_deref().filter(|_| self.is_enabled).and_then(for_tls);
        let proxy = server.map(|server| {
            let no_proxy = self.exceptions.as_deref().map(NoProxy::of_system);
            hint("ProxyServer", HintedProxy::Proxy { proxy: Proxy::parse(&server), no_proxy })
        });
        script.into_iter().chain(proxy).collect()
    }
}

/// The proxy for TLS of a list of proxies: `https=`, one for everything, `socks=`, which is SOCKS version 4 here.
fn for_tls(servers: &str) -> Option<String> {
    let servers =
        || servers.split(|letter: char| letter == ';' || letter.is_whitespace()).filter(|one| !one.is_empty());
    let named = |wanted: &str| {
        let found = servers().find_map(|server| {
            let (name, server) = server.split_once('=')?;
            name.eq_ignore_ascii_case(wanted).then_some(server)
        });
        found.filter(|server| !server.is_empty())
    };
    let for_everything = || servers().find(|server| !server.contains('='));
    let https = named("https").or_else(for_everything).map(str::to_owned);
    https.or_else(|| Some(format!("socks4://{}", named("socks")?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::os::proxy_settings::tests::told;

    fn with(server: &str, is_enabled: bool) -> Vec<String> {
        let exceptions = Some("*.corp;hub.*;<local>".to_owned());
        let settings =
            InternetSettings { is_enabled, server: Some(server.to_owned()), exceptions, ..InternetSettings::default() };
        told(settings.hints())
    }

    #[test]
    fn the_proxy_for_tls_is_found() {
        let place = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Internet Settings: ProxyServer";
        for (server, proxy) in [
            ("proxy.corp:8080", "http://proxy.corp:8080"),
            ("http://proxy.corp:8080", "http://proxy.corp:8080"),
            ("http=a:1;https=b:2;ftp=c:3;socks=d:4", "http://b:2"),
            ("http=a:1 HTTPS=b:2", "http://b:2"),
            ("http=a:1;e:5", "http://e:5"),
        ] {
            assert_eq!(with(server, true), [format!("{place} = {proxy} but hub.* (applies)")], "{server}");
        }
        assert!(with("socks=d:4", true)[0].contains("SOCKS version 5 only"));
        assert!(with("http=a:1;https=", true).is_empty());
        assert!(with("", true).is_empty());
        assert!(with("proxy.corp:8080", false).is_empty());
    }

    #[test]
    fn what_a_script_answers_counts_before_all_that_follows_it() {
        let settings = || InternetSettings {
            is_enabled: true,
            server: Some("static.corp:8080".to_owned()),
            exceptions: None,
            script: Some("http://wpad.corp/proxy.pac".to_owned()),
        };
        let host = HubHost::parse("hub.test").expect("a name");
        let with = |answer: ScriptAnswer| told(with_answer(settings().hints(), &host, &answer));
        let found = with(ScriptAnswer::Servers("by-script.corp:3128;second.corp:3128".to_owned()));
        assert_eq!(found.len(), 3);
        let answered = "AutoConfigURL, asked for https://hub.test/ = http://by-script.corp:3128 (applies)";
        assert!(found[1].ends_with(answered), "{found:?}");
        let found = with(ScriptAnswer::Direct);
        assert!(found[0].ends_with("AutoConfigURL = none by script http://wpad.corp/proxy.pac (applies)"), "{found:?}");
        assert_eq!(with(ScriptAnswer::Servers("=;".to_owned())).len(), 2, "nothing for TLS");
        let without = InternetSettings { script: None, ..settings() }.hints();
        assert_eq!(with_answer(without.clone(), &host, &ScriptAnswer::Direct), without);
    }

    #[test]
    fn a_script_comes_before_a_proxy() {
        let settings = InternetSettings {
            is_enabled: true,
            server: Some("proxy.corp:8080".to_owned()),
            exceptions: None,
            script: Some("http://wpad.corp/proxy.pac?s3cret".to_owned()),
        };
        let told = told(settings.hints());
        assert!(told[0].ends_with("AutoConfigURL = script http://wpad.corp/proxy.pac (applies)"), "{told:?}");
        assert!(told[1].ends_with("ProxyServer = http://proxy.corp:8080 (applies)"), "{told:?}");
    }
}
