//! The container engine's proxies: what its client gives to containers, and what its daemon uses itself.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{ProxyHint, files::Files, hint_by_variables};

const ROOTS_HOME: &str = "/root";
const CLIENT: &str = ".docker/config.json";
const DAEMON: &str = "/etc/docker/daemon.json";

/// Variables, and their names in the client's file.
const CLIENT_KEYS: [(&str, &str); 4] = [
    ("https_proxy", "proxies.default.httpsProxy"),
    ("all_proxy", "proxies.default.allProxy"),
    ("http_proxy", "proxies.default.httpProxy"),
    ("no_proxy", "proxies.default.noProxy"),
];
/// The same in the daemon's.
const DAEMON_KEYS: [(&str, &str); 3] =
    [("https_proxy", "proxies.https-proxy"), ("http_proxy", "proxies.http-proxy"), ("no_proxy", "proxies.no-proxy")];

pub(super) fn hints(files: &Files, home: Option<&Path>) -> Vec<ProxyHint> {
    let root = cfg!(unix).then(|| PathBuf::from(ROOTS_HOME)).filter(|root| home != Some(root));
    let homes = home.map(Path::to_owned).into_iter().chain(root);
    let clients = homes.filter_map(|home| {
        let path = home.join(CLIENT);
        client_hint(&path.display().to_string(), &files.read(&path)?)
    });
    let daemon = files.read(Path::new(DAEMON)).and_then(|text| daemon_hint(DAEMON, &text));
    clients.chain(daemon).collect()
}

/// What the client's file sets for every container.
pub(super) fn client_hint(file: &str, text: &str) -> Option<ProxyHint> {
    hint_of(file, text, &CLIENT_KEYS)
}

/// What the daemon's file sets for the daemon.
pub(super) fn daemon_hint(file: &str, text: &str) -> Option<ProxyHint> {
    hint_of(file, text, &DAEMON_KEYS)
}

fn hint_of(file: &str, text: &str, keys: &[(&'static str, &'static str)]) -> Option<ProxyHint> {
    let config: Value = serde_json::from_str(text).ok()?;
    let key = |variable: &str| keys.iter().find(|(known, _)| *known == variable).map(|(_, key)| *key);
    let get = |variable: &str| {
        let value = key(variable)?.split('.').try_fold(&config, |value, name| value.get(name))?;
        value.as_str().map(str::to_owned)
    };
    hint_by_variables(file, get, |variable| key(variable).unwrap_or(variable))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::os::proxy_settings::{files::tests::Folder, tests::told};

    #[test]
    fn the_clients_file_is_read() {
        let text = r#"{"auths":{"registry":{"auth":"s3cret"}},"proxies":{"default":{
            "httpProxy":"http://a:1","httpsProxy":"http://u:s3cret@b:2","noProxy":"*.test,10.0.0.0/8"}}}"#;
        assert_eq!(told(client_hint("/f", text)), ["/f: proxies.default.httpsProxy = http://b:2 but *.test"]);
        let plain = r#"{"proxies":{"default":{"httpProxy":"a:1"}}}"#;
        assert_eq!(told(client_hint("/f", plain)), ["/f: proxies.default.httpProxy = http://a:1"]);
        for text in ["", "{", "[]", r#"{"proxies":{"default":{"httpsProxy":1}}}"#, r#"{"proxies":[]}"#] {
            assert_eq!(client_hint("/f", text), None, "{text}");
        }
        assert_eq!(client_hint("/f", &"[".repeat(60_000)), None);
    }

    #[test]
    #[cfg_attr(not(unix), ignore = "the layout is that of Unix")]
    fn both_users_and_the_daemons_file_are_found() {
        let client = r#"{"proxies":{"default":{"httpsProxy":"a:1"}}}"#;
        let daemon = r#"{"proxies":{"http-proxy":"b:2","https-proxy":"c:3","no-proxy":"localhost"}}"#;
        let folder = Folder::with(
            "engine",
            &[
                ("/home/me/.docker/config.json", client),
                ("/root/.docker/config.json", client),
                ("/etc/docker/daemon.json", daemon),
            ],
        );
        let at = |home: &str| told(hints(&folder.files(), Some(Path::new(home))));
        let own = "/home/me/.docker/config.json: proxies.default.httpsProxy = http://a:1";
        let roots = "/root/.docker/config.json: proxies.default.httpsProxy = http://a:1";
        let daemons = "/etc/docker/daemon.json: proxies.https-proxy = http://c:3";
        assert_eq!(at("/home/me"), [own, roots, daemons]);
        assert_eq!(at("/root"), [roots, daemons]);
    }
}
