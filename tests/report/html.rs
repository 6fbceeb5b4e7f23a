//! The page as text; `tests/readers` opens it in a browser.

use hubreach::{
    diagnosis::Location,
    report::{Format, Report, render},
};

use crate::support::{samples, site};

#[test]
fn the_page_needs_nothing_but_itself() {
    let page = render(&samples::audit(), Format::Html);
    let lower = page.to_lowercase();
    for outside in ["<script", "<link", "<img", "<iframe", "src=", "@import", "url(", "javascript:", " on"] {
        let found = lower.match_indices(outside).map(|(at, _)| &lower[at..(at + 40).min(lower.len())]);
        let active: Vec<&str> = found.filter(|text| !text.starts_with(" on") || is_handler(text)).collect();
        assert!(active.is_empty(), "{outside}: {active:?}");
    }
    assert!(page.contains("default-src 'none'"));
}

/// ` onclick=`
fn is_handler(text: &str) -> bool {
    text[3..].split_once('=').is_some_and(|(name, _)| !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase()))
}

#[test]
fn a_hub_is_a_row_and_a_protocol_a_column() {
    let audit = samples::audit();
    let page = render(&audit, Format::Html);
    assert_eq!(page.matches("<th scope=\"row\">").count(), audit.len());
    assert_eq!(page.matches("<th scope=\"col\">").count(), 2 + 5, "the hub, what is required, the protocols");
    assert_eq!(page.matches("<td class=\"required\"").count(), audit.len());
    let checks: usize = audit.iter().map(|report| report.observations.checks.len()).sum();
    assert_eq!(page.matches("<details>").count(), checks);
}

#[test]
fn every_link_leads_to_a_cause_on_the_page() {
    let page = render(&samples::audit(), Format::Html);
    let links: Vec<&str> = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(links.len() > 5);
    for link in links {
        let id = link.strip_prefix('#').expect("within the page");
        assert_eq!(page.matches(&format!(" id=\"{id}\"")).count(), 1, "{link}");
    }
}

/// The first picture on a page.
fn picture(page: &str) -> &str {
    let (_, rest) = page.split_once("<svg").expect("a picture");
    rest.split_once("</figure>").expect("its end").0
}

#[test]
fn the_path_is_drawn_where_a_place_on_it_is_known() {
    let page = site::dropped("pump-01.azure-devices.net", 8883, site::NEXT).render(Format::Html);
    let picture = picture(&page);
    for told in
        ["Port 443 reaches the hub.", "Port 8883 is stopped at hop 2 of 9 (10.20.0.1) or right behind it (10.9.0.7)."]
    {
        assert_eq!(picture.matches(told).count(), 2, "for those who see it and those who do not: {picture}");
    }
    assert_eq!((picture.matches("class=\"open\"").count(), picture.matches("class=\"stopped\"").count()), (2, 1));
    assert!(picture.contains("2  10.20.0.1") && picture.contains("pump-01.azure-devices.net"), "{picture}");
    assert!(!samples::healthy().render(Format::Html).contains("<svg"), "nothing to show");
    // A file may hold anything.
    let mut evil = site::dropped(&"<script>".repeat(50), 8883, site::NEXT);
    evil.observations.vantage.host = Some("\"><script>".to_owned());
    for finding in &mut evil.diagnosis.findings {
        finding.location = finding.location.clone().map(|location| Location { hop: 255, of: Some(255), ..location });
    }
    let page = evil.render(Format::Html);
    assert!(page.contains("<svg") && !page.contains("<script"));
}

#[test]
fn a_troubled_field_network() {
    let page = samples::field().render(Format::Html);
    let (_, body) = page.split_once("</head>").expect("a body");
    insta::assert_snapshot!(body);
}

/// A report is read elsewhere than where it was made.
#[test]
fn local_time_stands_beside_utc() {
    let mut report = samples::field();
    report.observations.started_at = "2026-11-22T14:03:11.250Z".to_owned();
    let made = |report: &Report| report.render(Format::Html);
    report.observations.vantage.utc_offset_minutes = Some(-210);
    assert!(made(&report).contains("at 2026-11-22 10:33:11 -03:30 (2026-11-22T14:03:11.250Z) by"), "{}", made(&report));
    report.observations.vantage.utc_offset_minutes = None;
    assert!(made(&report).contains(" at 2026-11-22T14:03:11.250Z by"), "as older files have it");
}

/// What five checks show alike is one line on the page of many hubs; their cells hold all of it.
#[test]
fn a_page_of_many_hubs_tells_nothing_twice() {
    let intercepted = || samples::recorded("tls-intercepted", "hub.test");
    let below_the_table = |page: &str| page.split("<article").skip(1).map(str::to_owned).collect::<Vec<_>>().join("");
    let presented = |page: &str| page.matches("the certificate presented is for CN=hub.test").count();
    let (alone, beside) =
        (intercepted().render(Format::Html), render(&[intercepted(), samples::healthy()], Format::Html));
    assert!(presented(&below_the_table(&alone)) > 1, "{alone}");
    assert_eq!(presented(&below_the_table(&beside)), 1, "{beside}");
    assert!(presented(&beside) > 5, "the cells hold all: {beside}");
    let page = render(&[samples::field(), samples::recorded("two-faults", "hub.test")], Format::Html);
    assert_eq!(page.matches("It pushes to the device like MQTT").count(), 1, "{page}");
    assert!(page.contains("<b>Use MQTT over WebSocket.</b> As for contoso.azure-devices.net."), "{page}");
}
