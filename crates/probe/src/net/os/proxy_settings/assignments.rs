//! Files that set variables for services and sessions: `/etc/environment` (`pam_env(8)`), and the units of services that
//! connect devices to hubs (systemd.exec(5)).

use std::path::{Path, PathBuf};

use super::{ProxyHint, files::Files, hint_by_variables};

const ENVIRONMENT: &str = "/etc/environment";
const UNITS: &str = "/etc/systemd/system";
/// Agents that connect to a hub, or load what those run: the container engines, Azure IoT Edge 1.2 and later with its
/// identity service, IoT Edge 1.1, Device Update for IoT Hub, AWS IoT Greengrass, AWS IoT Device Client.
const AGENTS: [&str; 8] = [
    "docker",
    "containerd",
    "aziot-edged",
    "aziot-identityd",
    "iotedge",
    "deviceupdate-agent",
    "greengrass",
    "aws-iot-device-client",
];

pub(super) fn hints(files: &Files) -> Vec<ProxyHint> {
    let environment = files.read(Path::new(ENVIRONMENT)).and_then(|text| environment_hint(ENVIRONMENT, &text));
    // What an administrator sets is here; those of packages hold no proxy.
    let units = AGENTS.iter().flat_map(|agent| {
        let own = Path::new(UNITS).join(format!("{agent}.service"));
        let drop_ins: PathBuf = Path::new(UNITS).join(format!("{agent}.service.d"));
        [own].into_iter().chain(files.list(&drop_ins, ".conf"))
    });
    let units = units.filter_map(|path| unit_hint(&path.display().to_string(), &files.read(&path)?));
    environment.into_iter().chain(units).collect()
}

/// What a file of lines `NAME=value` sets.
pub(super) fn environment_hint(file: &str, text: &str) -> Option<ProxyHint> {
    let assignments: Vec<_> = text.lines().filter_map(assignment).collect();
    hint_of(file, &assignments)
}

/// What a unit of systemd, or a drop-in, sets for its service.
pub(super) fn unit_hint(file: &str, text: &str) -> Option<ProxyHint> {
    hint_of(file, &of_unit(text))
}

/// The last assignment counts.
fn hint_of(file: &str, assignments: &[(String, String)]) -> Option<ProxyHint> {
    let get = |name: &str| {
        let last = assignments.iter().rev().find(|(known, _)| known == name);
        last.map(|(_, value)| value.clone())
    };
    hint_by_variables(file, get, |variable| variable)
}

fn assignment(line: &str) -> Option<(String, String)> {
    let line = line.trim();
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=').filter(|_| !line.starts_with('#'))?;
    let value = value.trim();
    let quoted = ['"', '\''].iter().find_map(|&quote| value.strip_prefix(quote)?.strip_suffix(quote));
    Some((name.trim().to_owned(), quoted.unwrap_or(value).to_owned()))
}

fn of_unit(text: &str) -> Vec<(String, String)> {
    let mut assignments = Vec::new();
    let mut is_service = false;
    for line in joined(text) {
        let line = line.trim();
        if line.starts_with('[') {
            is_service = line == "[Service]";
        }
        let value = line.split_once('=').filter(|(key, _)| key.trim() == "Environment").map(|(_, value)| value.trim());
        match value {
            Some("") if is_service => assignments.clear(),
            Some(value) if is_service => assignments.extend(words(value).iter().filter_map(|word| {
                let (name, value) = word.split_once('=')?;
                Some((name.to_owned(), value.replace("%%", "%")))
            })),
            _ => {}
        }
    }
    assignments
}

/// The lines without comments, where a backslash at the end joins a line with the next.
fn joined(text: &str) -> Vec<String> {
    let (mut lines, mut open) = (Vec::new(), String::new());
    for line in text.lines().filter(|line| !line.trim_start().starts_with(['#', ';'])) {
        match line.strip_suffix('\\') {
            Some(begin) => {
                open.push_str(begin);
                open.push(' ');
            }
            None => {
                open.push_str(line);
                lines.push(std::mem::take(&mut open));
            }
        }
    }
    lines.push(open);
    lines
}

/// The words between spaces; quotes keep spaces, a backslash keeps the next character.
fn words(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quote, mut is_word) = (Vec::new(), String::new(), None, false);
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match (letter, quote) {
            ('\\', _) => word.extend(letters.next()),
            (letter, Some(open)) if letter == open => quote = None,
            ('"' | '\'', None) => quote = Some(letter),
            (letter, None) if letter.is_whitespace() => {
                if std::mem::take(&mut is_word) {
                    words.push(std::mem::take(&mut word));
                }
                continue;
            }
            (letter, _) => word.push(letter),
        }
        is_word = true;
    }
    words.extend(is_word.then_some(word));
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::os::proxy_settings::{files::tests::Folder, tests::told};

    #[test]
    fn an_environment_file_is_read_as_sessions_read_it() {
        let text = "# HTTPS_PROXY=http://old:1\nPATH=\"/usr/bin\"\nexport https_proxy=\"http://u:s3cret@proxy.corp:3128/\"\r\n\
                    no_proxy='localhost, .hub.test'\nrubbish\n=\n";
        assert_eq!(told(environment_hint("/f", text)), ["/f: https_proxy = http://proxy.corp:3128 but .hub.test"]);
        assert_eq!(told(environment_hint("/f", "http_proxy=a:1\n")), ["/f: http_proxy = http://a:1"]);
        let bad = "all_proxy=socks4://a:1";
        assert!(told(environment_hint("/f", bad))[0].starts_with("/f: all_proxy = hubreach speaks SOCKS"));
        assert!(told(environment_hint("/f", "PATH=/usr/bin\nhttps_proxy=\n")).is_empty());
    }

    #[test]
    fn a_unit_is_read_as_systemd_reads_it() {
        for (text, expected) in [
            ("[Service]\nEnvironment=HTTPS_PROXY=http://proxy:3128", Some("HTTPS_PROXY = http://proxy:3128")),
            (
                "[Service]\nEnvironment=\"HTTPS_PROXY=http://u:p%%40ss@proxy:3128\" 'NO_PROXY=a b,hub.test'",
                Some("HTTPS_PROXY = http://proxy:3128 but hub.test"),
            ),
            (
                "[Service]\nEnvironment=A=b \\\n# comment\n  https_proxy=proxy:3128\n",
                Some("https_proxy = http://proxy:3128"),
            ),
            ("[Service]\nEnvironment=https_proxy=a:1\nEnvironment=https_proxy=b:2", Some("https_proxy = http://b:2")),
            ("[Service]\nEnvironment=https_proxy=a:1\nEnvironment=\n", None),
            ("[Unit]\nEnvironment=https_proxy=a:1\n", None),
            ("[Service]\n;Environment=https_proxy=a:1\nEnvironmentFile=/x\n", None),
            ("[Service]\nEnvironment=\"https_proxy=a:1", Some("https_proxy = http://a:1")),
        ] {
            let expected: Vec<_> = expected.iter().map(|expected| format!("/f: {expected}")).collect();
            assert_eq!(told(unit_hint("/f", text)), expected, "{text}");
        }
    }

    #[test]
    fn words_are_split_as_systemd_splits_them() {
        assert_eq!(words(r#" a "b c"d 'e"f' g\ h \"i "" "#), ["a", "b cd", "e\"f", "g h", "\"i", ""]);
        assert!(words("  ").is_empty());
    }

    #[test]
    #[cfg_attr(not(unix), ignore = "the layout is that of Unix")]
    fn drop_ins_of_agents_are_found() {
        let unit = "[Service]\nEnvironment=https_proxy=a:1";
        let folder = Folder::with(
            "units",
            &[
                ("/etc/environment", "ALL_PROXY=b:2"),
                ("/etc/systemd/system/docker.service.d/http-proxy.conf", unit),
                ("/etc/systemd/system/aziot-edged.service.d/override.conf", unit),
                ("/etc/systemd/system/greengrass.service", unit),
                ("/etc/systemd/system/sshd.service", unit),
            ],
        );
        assert_eq!(
            told(hints(&folder.files())),
            [
                "/etc/environment: ALL_PROXY = http://b:2",
                "/etc/systemd/system/docker.service.d/http-proxy.conf: https_proxy = http://a:1",
                "/etc/systemd/system/aziot-edged.service.d/override.conf: https_proxy = http://a:1",
                "/etc/systemd/system/greengrass.service: https_proxy = http://a:1",
            ]
        );
    }
}
