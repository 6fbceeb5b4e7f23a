//! Ways of mending: findings of different hubs that one person mends in one way, at one device.

use super::{Report, text::listed};
use crate::diagnosis::{Finding, Owner};

/// The most hubs that are named in a sentence.
const MOST_NAMED: usize = 3;

/// Who is to do what, and where. The names of hubs and the ports are left out of what is to be done: one person opens many ports
/// to many hubs in one way.
#[derive(PartialEq, Eq)]
pub(super) struct Way {
    pub(super) owner: Owner,
    /// The device that is to be changed, as far as it is known.
    pub(super) device: Option<String>,
    form: String,
}

impl Way {
    pub(super) fn of(report: &Report, finding: &Finding) -> Self {
        let form = with_ports(&with_host(&finding.fix, report, "{host}"), finding, "{ports}");
        Self { owner: finding.owner, device: device(finding), form }
    }
}

/// The device that is to be changed, as far as it is known.
pub(super) fn device(finding: &Finding) -> Option<String> {
    let at = finding.location.as_ref().and_then(|location| location.address).map(|address| address.to_string());
    at.or_else(|| finding.facts.get("offender")?.as_str().map(str::to_owned))
}

/// What is to be done about `finding` of `report` and all that is mended in the same way.
pub(super) fn sentence(report: &Report, finding: &Finding, hosts: &[&str], ports: &[u16]) -> String {
    let mut named: Vec<&str> = Vec::new();
    for host in hosts {
        if !named.contains(host) {
            named.push(host);
        }
    }
    let ports: Vec<String> = ports.iter().map(ToString::to_string).collect();
    let fix = with_ports(&finding.fix, finding, &listed(&ports));
    match named.as_slice() {
        [_] => fix,
        // What follows speaks of one hub: `its address`.
        named => with_host(&fix, report, &format!("each of {}", some(named))),
    }
}

/// `a, b and c`, or `a, b, c and 4 more`.
pub(super) fn some(names: &[&str]) -> String {
    let mut said: Vec<String> = names.iter().take(MOST_NAMED).map(|name| (*name).to_owned()).collect();
    if names.len() > MOST_NAMED {
        said.push(format!("{} more", names.len() - MOST_NAMED));
    }
    listed(&said)
}

/// `text` with `other` in place of the hub's name. A bare name may be any word of ours, so it stays.
pub(super) fn with_host(text: &str, report: &Report, other: &str) -> String {
    let host = &report.hub.host;
    if host.contains(['.', ':']) { replaced(text, host, other) } else { text.to_owned() }
}

/// `text` with `other` in place of the finding's ports.
fn with_ports(text: &str, finding: &Finding, other: &str) -> String {
    let ports = finding.facts.get("ports").and_then(serde_json::Value::as_array);
    let ports: Vec<String> = ports.into_iter().flatten().map(ToString::to_string).collect();
    match ports.is_empty() {
        true => text.to_owned(),
        false => replaced(text, &format!("TCP {}", listed(&ports)), &format!("TCP {other}")),
    }
}

/// `text` with `other` wherever `word` stands by itself, and not within a longer name or number.
fn replaced(text: &str, word: &str, other: &str) -> String {
    let is_name = |character: char| character.is_alphanumeric() || matches!(character, '-' | '_');
    let mut done = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let (before, behind) = (&rest[..at], &rest[at + word.len()..]);
        let goes_on = behind.starts_with(is_name) || behind.starts_with('.') && behind[1..].starts_with(is_name);
        let is_whole = !goes_on && !before.ends_with(|last| is_name(last) || last == '.');
        done.push_str(before);
        done.push_str(if is_whole { other } else { word });
        rest = behind;
    }
    done + rest
}

#[cfg(test)]
mod tests {
    use super::{replaced, some};

    #[test]
    fn names_are_replaced_as_a_whole() {
        assert_eq!(
            replaced("Allow a.test, not b.a.test or a.test.org.", "a.test", "X"),
            "Allow X, not b.a.test or a.test.org."
        );
        assert_eq!(replaced("to a.test.", "a.test", "X"), "to X.");
        assert_eq!(replaced("TCP 443 and TCP 4430", "TCP 443", "TCP 1"), "TCP 1 and TCP 4430");
        assert_eq!(replaced("aXa.test", "a.test", "Y"), "aXa.test");
    }

    #[test]
    fn many_names_are_counted() {
        assert_eq!(some(&["a", "b", "c"]), "a, b and c");
        assert_eq!(some(&["a", "b", "c", "d", "e"]), "a, b, c and 2 more");
    }
}
