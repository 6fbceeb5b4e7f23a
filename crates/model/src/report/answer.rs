//! The answer comes first: how much gets through, what to use, what stops the rest, and who can fix it.

use std::net::IpAddr;

use super::{
    Report,
    endpoint::{self, Endpoint, Tested},
    index::Index,
    sections,
    text::{located, owner, shown},
};
use crate::{
    diagnosis::{Code, Confidence, Finding, Owner, Severity, Verdict},
    hub::Route,
};

/// How many of the hub's protocols get through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Everything that the hub should offer gets through.
    All,
    /// Some protocols get through.
    Some,
    /// No protocol gets through.
    None,
    /// No protocol is known to get through.
    Unknown,
}

pub(super) struct Answer {
    pub(super) standing: Standing,
    /// `contoso.azure-devices.net: 3 of 5 protocols get through.`
    pub(super) counted: String,
    /// `Use MQTT over WebSocket.`
    pub(super) used: Option<String>,
    /// `Outbound TCP 8883 is silently dropped at hop 2. That is confirmed; it is up to the firewall's owner.`
    pub(super) cause: Option<String>,
    /// `A proxy is configured here (http://proxy.test:3128), and the direct way is stopped. ...`
    pub(super) proxy: Option<String>,
}

impl Answer {
    /// As one paragraph: its sentences name the proxy once.
    pub(super) fn of(report: &Report, index: &Index<'_>) -> Self {
        let is_named = |url: &str| {
            sections::chief(report).is_some_and(|chief| told(report, chief).is_some_and(|told| told.contains(url)))
        };
        Self::naming(report, index, !is_named(&url(report)))
    }

    /// For a line of its own.
    pub(super) fn in_parts(report: &Report, index: &Index<'_>) -> Self {
        Self::naming(report, index, true)
    }

    fn naming(report: &Report, index: &Index<'_>, names_the_proxy: bool) -> Self {
        let (standing, counted) = counted(report, index, names_the_proxy);
        let recommended = report.diagnosis.recommendation.as_ref();
        let is_named = recommended.is_some_and(|recommended| counted.starts_with(recommended.protocol.label()));
        Self {
            standing,
            counted: format!("{}: {counted}.", report.label_and_host()),
            // If only one protocol was tested, the sentence has already named it.
            used: sections::used(report).filter(|_| !is_named),
            cause: sections::chief(report).and_then(|chief| told(report, chief)),
            proxy: sections::proxy(report),
        }
    }

    /// The whole answer as one paragraph.
    pub(super) fn sentences(&self) -> String {
        let rest = [&self.used, &self.cause, &self.proxy].into_iter().flatten();
        rest.fold(self.counted.clone(), |told, sentence| told + " " + sentence)
    }
}

/// A protocol that the hub need not offer, and does not, is not counted.
fn counted(report: &Report, index: &Index<'_>, names_the_proxy: bool) -> (Standing, String) {
    let mut offered = endpoint::all(report);
    offered.retain(|endpoint| endpoint.is_offered(index));
    let through = offered.iter().filter(|endpoint| endpoint.passes()).count();
    let is_known = offered.iter().all(|endpoint| matches!(endpoint.verdict(), Verdict::Blocked | Verdict::Declined));
    let (standing, counted) = match (offered.as_slice(), through) {
        ([], _) => return (Standing::Unknown, "nothing of it was tested".to_owned()),
        ([one], 1) => (Standing::All, format!("{} gets through", one.protocol().label())),
        ([one], _) if is_known => (Standing::None, format!("{} does not get through", one.protocol().label())),
        ([one], _) => (Standing::Unknown, format!("{} is not known to get through", one.protocol().label())),
        (all, 0) if is_known => (Standing::None, format!("none of {} protocols gets through", all.len())),
        (_, 0) => (Standing::Unknown, "no protocol is known to get through".to_owned()),
        (_, 2) if offered.len() == 2 => (Standing::All, "both protocols get through".to_owned()),
        (all, through) if through == all.len() => (Standing::All, format!("all {through} protocols get through")),
        (all, 1) => (Standing::Some, format!("1 of {} protocols gets through", all.len())),
        (all, through) => (Standing::Some, format!("{through} of {} protocols get through", all.len())),
    };
    (standing, counted + &how(report, &offered, through, names_the_proxy))
}

/// By which routes: the end of a sentence that ends with `through`. Empty if there is no proxy.
fn how(report: &Report, offered: &[Endpoint<'_>], through: usize, names_the_proxy: bool) -> String {
    let proxy = if names_the_proxy { format!("the proxy {}", url(report)) } else { "the proxy".to_owned() };
    let proxy = proxy.trim_end();
    let on = |route: Route| offered.iter().filter(|endpoint| endpoint.passes_on(route)).count();
    let (direct, proxied, several) = (on(Route::Direct), on(Route::Proxy), through > 1);
    // A check that was cut short is no reason to say that its route is closed.
    let is_open_question =
        |route: Route| offered.iter().any(|endpoint| endpoint.passes() && endpoint.is_unknown_on(route));
    match Tested::of(report) {
        Tested::Direct => String::new(),
        Tested::Proxy => format!(" {proxy}"),
        Tested::Both if through == 0 => format!(", directly or by {proxy}"),
        Tested::Both if direct == through && proxied == through => format!(", directly and by {proxy}"),
        Tested::Both if direct == through && proxied == 0 && is_open_question(Route::Proxy) => {
            format!(" directly; whether by {proxy} too is not known")
        }
        Tested::Both if direct == through && proxied == 0 && several => format!(" directly, none of them by {proxy}"),
        Tested::Both if direct == through && proxied == 0 => format!(" directly, not by {proxy}"),
        Tested::Both if direct == through => format!("; {proxied} of them by {proxy} too"),
        Tested::Both if direct == 0 && is_open_question(Route::Direct) => {
            format!(", by {proxy}; whether directly too is not known")
        }
        Tested::Both if direct == 0 && several => format!(", all of them by {proxy} alone"),
        Tested::Both if direct == 0 => format!(", by {proxy} alone"),
        Tested::Both => format!(": {direct} directly, {proxied} by {proxy}"),
    }
}

/// The proxy's; empty if there is none.
fn url(report: &Report) -> String {
    report.observations.proxy.as_ref().map(|proxy| shown(&proxy.url())).unwrap_or_default()
}

/// What is wrong, where, how sure that is, and who owns it. `None` if the count has said it.
fn told(report: &Report, finding: &Finding) -> Option<String> {
    let passes_directly =
        report.checks().any(|check| check.observations.route == Route::Direct && check.verdict == Verdict::Allowed);
    if finding.code == Code::ProxyRequired && !passes_directly {
        return None;
    }
    let warning = if finding.severity == Severity::Warning { "Warning: " } else { "" };
    let whose = match finding.owner {
        Owner::Nobody => String::new(),
        whose if finding.confidence == Confidence::Possible => format!("; it may be up to {}", owner(whose)),
        whose => format!("; it is up to {}", owner(whose)),
    };
    Some(format!("{warning}{}. That is {}{whose}.", placed(finding), finding.confidence))
}

/// What is wrong and where: `... dropped at hop 2 of 9 (10.20.0.1)`, or `rejected by 10.20.0.1 (hop 2): ...` if the
/// title itself names the location.
pub(super) fn placed(finding: &Finding) -> String {
    let title = shown(&finding.title());
    let Some(location) = &finding.location else { return title };
    // Every such title already says that it is this machine.
    if location.hop == 0 && location.next.is_none() {
        return title;
    }
    let named = location.address.filter(|_| location.next.is_none()).and_then(|address| end_of(&title, address));
    match named {
        Some(end) => format!("{} (hop {}){}", &title[..end], location.hop, &title[end..]),
        None => format!("{title} at {}", located(location)),
    }
}

/// Where `address` ends in the text. The text may hold longer addresses that contain it.
fn end_of(text: &str, address: IpAddr) -> Option<usize> {
    let address = address.to_string();
    let belongs = |next: char| next.is_ascii_hexdigit() || next == '.';
    text.match_indices(&address).find_map(|(start, found)| {
        let end = start + found.len();
        let is_whole = !text[..start].ends_with(|before: char| belongs(before) || before == ':')
            && !text[end..].starts_with(belongs);
        is_whole.then_some(end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_found_whole() {
        let end = |text: &str, address: &str| end_of(text, address.parse().unwrap());
        assert_eq!(end("by 10.77.1.10 and 10.77.1.1: no", "10.77.1.1"), Some(27));
        assert_eq!(end("by 110.77.1.1", "10.77.1.1"), None);
        assert_eq!(end("by fd77:1::1: no", "fd77:1::1"), Some(12));
        assert_eq!(end("by fd77:1::12", "fd77:1::1"), None);
    }
}
