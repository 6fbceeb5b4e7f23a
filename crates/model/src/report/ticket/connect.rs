//! What a proxy's administrator is asked for: to let through requests to connect to the hub, port by port.

use std::collections::{BTreeMap, BTreeSet};

use super::request::checks;
use crate::{
    diagnosis::{Code, Finding},
    hub::{Protocol, ProxyScheme, in_url},
    observation::ProxyObservations,
    report::{finding_ref::FindingRef, screen::Page, text::shown},
};

/// The requests to one proxy that one cause stops, as (host, port), each with its protocols.
type Requests<'a> = BTreeMap<(&'a str, u16), BTreeSet<Protocol>>;

/// Whether the administrator is asked for requests, and not for something else.
pub(super) fn is_asked_for(finding: &Finding) -> bool {
    wish(finding.code).is_some()
}

/// The requests of all sightings, by what is to be done with them and by the proxy.
pub(super) fn write(page: &mut Page, sightings: &[FindingRef<'_>], source: &str) {
    let mut wishes: Vec<((&str, &str), String, Requests<'_>)> = Vec::new();
    for sighting in sightings {
        let proxy = sighting.report.observations.proxy.as_ref();
        let Some((wish, proxy)) = wish(sighting.finding.code).zip(proxy.map(|proxy| shown(&proxy.url()))) else {
            continue;
        };
        let known = wishes.iter().position(|(known, of, _)| (*known, of) == (wish, &proxy)).unwrap_or_else(|| {
            wishes.push((wish, proxy, Requests::new()));
            wishes.len() - 1
        });
        for check in checks(sighting) {
            let host = sighting.report.observations.hub.host.as_str();
            let requests = &mut wishes[known].2;
            requests.entry((host, check.observations.port)).or_default().insert(check.observations.protocol);
        }
    }
    for ((before, after), proxy, requests) in wishes {
        page.part();
        page.wrapped("  ", "    ", &format!("Please {before} the proxy {proxy}{after}, from {source}:"));
        for ((host, port), protocols) in requests {
            let labels: Vec<&str> = protocols.iter().map(|protocol| protocol.label()).collect();
            let target = target(host, port);
            page.wrapped("    ", "      ", &format!("CONNECT {target} ({})", labels.join(", ")));
        }
    }
}

/// `contoso.azure-devices.net:443`; an IPv6 address in brackets.
fn target(host: &str, port: u16) -> String {
    format!("{}:{port}", in_url(&shown(host)))
}

/// What is to be done with the requests that a cause stops: the words before the proxy, and after it.
fn wish(code: Code) -> Option<(&'static str, &'static str)> {
    match code {
        Code::ProxyPortDenied | Code::ProxyHostDenied => Some(("allow these requests to", "")),
        Code::ProxyAuthRequired => {
            Some(("let these requests to", " through without a login, or with a user name and a password (Basic)"))
        }
        Code::ProxyUpstreamFailure => Some(("look into these requests to", ", which it does not fulfil")),
        _ => None,
    }
}

/// A command that shows whether a request to the proxy is fulfilled.
pub(super) fn command(proxy: &ProxyObservations, host: &str, port: u16) -> String {
    let login = if proxy.has_credentials { " -U USER:PASSWORD" } else { "" };
    format!("curl -v --max-time 9 -x {}{login} https://{}", shown(&proxy.url()), target(host, port))
}

/// The options by which `openssl s_client` goes through the proxy; `None` if it cannot.
pub(super) fn openssl_options(proxy: &ProxyObservations) -> Option<String> {
    let login = if proxy.has_credentials { " -proxy_user USER -proxy_pass pass:PASSWORD" } else { "" };
    (proxy.scheme == ProxyScheme::Http).then(|| format!(" -proxy {}{login}", shown(&proxy.address())))
}
