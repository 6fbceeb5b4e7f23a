//! A hub on two routes: each format says which route it speaks of.

use hubreach::{
    diagnosis::Code,
    report::{Audit, Format, Report, Screen, diff},
};
use textwrap::core::display_width;

use crate::support::{proxied, samples};

/// As it is shown at once on a screen of so many columns.
fn shown(report: &Report, columns: usize, unfolded: bool) -> String {
    let text = report.render_on(Screen::new(columns, unfolded), Format::Human);
    let plain = anstream::adapter::strip_str(&text).to_string();
    for line in plain.lines() {
        assert!(display_width(line) <= columns, "{} columns: {line}", display_width(line));
        assert_eq!(line.trim_end(), line);
    }
    plain
}

#[test]
fn a_network_that_is_left_through_its_proxy() {
    let report = proxied::required();
    insta::assert_snapshot!(format!("{}\n-v:\n\n{}", shown(&report, 80, false), shown(&report, 80, true)));
}

#[test]
fn a_proxy_beside_an_open_way() {
    insta::assert_snapshot!(shown(&proxied::beside(), 80, false));
}

#[test]
fn both_routes_are_open() {
    insta::assert_snapshot!(shown(&proxied::healthy_on_both(), 80, false));
}

#[test]
fn what_was_cut_short_is_not_called_closed() {
    let screen = shown(&proxied::interrupted(), 80, false);
    let answer = screen.split("\n\n").next().expect("a paragraph").replace('\n', " ");
    let wanted = "by the proxy socks5h://10.88.1.1:3128; whether directly too is not known.";
    assert!(answer.contains(wanted), "{answer}");
    assert!(!answer.contains("alone"), "{answer}");
}

#[test]
fn the_proxys_route_alone() {
    insta::assert_snapshot!(shown(&proxied::locked(), 80, false));
}

#[test]
fn a_dead_proxy() {
    insta::assert_snapshot!(shown(&proxied::dead(), 80, false));
}

#[test]
fn on_a_narrow_terminal_and_on_a_wide_one() {
    let report = proxied::required();
    insta::assert_snapshot!(format!("{}\n120:\n\n{}", shown(&report, 40, false), shown(&report, 120, false)));
    for columns in 40..=120 {
        for unfolded in [false, true] {
            shown(&report, columns, unfolded);
        }
    }
}

#[test]
fn what_has_one_cause_fits_a_small_terminal() {
    for report in [proxied::required(), proxied::beside(), proxied::healthy_on_both(), proxied::locked()] {
        let screen = shown(&report, 80, false);
        assert!(screen.lines().count() <= 24, "{screen}");
    }
}

#[test]
fn in_every_format() {
    for (format, name) in [
        (Format::Brief, "brief"),
        (Format::Markdown, "markdown"),
        (Format::Csv, "csv"),
        (Format::Junit, "junit"),
        (Format::Ticket, "ticket"),
    ] {
        insta::assert_snapshot!(name, proxied::required().render(format));
    }
    let tickets = [proxied::beside(), proxied::locked(), proxied::dead()].map(|report| report.render(Format::Ticket));
    insta::assert_snapshot!("tickets", tickets.join("\n---\n\n"));
    let health = [proxied::required(), proxied::beside(), proxied::locked()].map(|report| report.health());
    insta::assert_snapshot!("health", health.join(""));
}

/// Two hubs that are reached by the proxy alone, one beside it, and one without a proxy.
fn site() -> Audit {
    let mut other = proxied::required().observations;
    other.hub.host = "fabrikam.azure-devices.net".to_owned();
    let other = Report::new(other.clone(), hubreach::diagnose(&other));
    Audit::of(vec![proxied::required(), other, proxied::beside(), samples::field()])
}

#[test]
fn an_audit_sets_the_proxy_once_for_all_hubs() {
    let audit = site();
    let set = audit.summary.actions.iter().filter(|action| action.codes == [Code::ProxyRequired]);
    assert_eq!(set.map(|action| action.targets.len()).collect::<Vec<_>>(), [2]);
    let text = audit.render_on(Screen::new(80, false), Format::Human);
    insta::assert_snapshot!("audit", anstream::adapter::strip_str(&text).to_string());
    let narrow = audit.render_on(Screen::new(40, false), Format::Human);
    assert!(anstream::adapter::strip_str(&narrow).to_string().lines().all(|line| display_width(line) <= 40));
    insta::assert_snapshot!("audit_ticket", audit.render(Format::Ticket));
    let markdown = audit.render(Format::Markdown);
    assert!(markdown.contains("direct **BLOCKED**, by proxy allowed"), "{markdown}");
}

#[test]
fn a_route_is_compared_with_the_same_route() {
    let (before, after) = (proxied::beside(), proxied::required());
    insta::assert_snapshot!("diff", shown_diff(&[before], &[after]));
    let without = samples::recorded("silent-drop-everything", "contoso.azure-devices.net");
    insta::assert_snapshot!("diff_with_a_report_without_a_proxy", shown_diff(&[without], &[proxied::required()]));
}

fn shown_diff(before: &[Report], after: &[Report]) -> String {
    let diff = diff::compare(before, after).expect("one hub");
    anstream::adapter::strip_str(&diff.human(Screen::new(80, false))).to_string()
}

#[test]
fn a_page_says_the_route_of_each_cell() {
    let page = proxied::required().render(Format::Html);
    for text in [
        "443 by proxy <span",
        "443 direct <span",
        "proxy http://10.88.1.1:3128 (HTTP CONNECT, without a login), named by https_proxy",
        "Use MQTT over WebSocket through the proxy.",
        "Port 443 is stopped at hop 1 of 4 (10.77.1.1)",
        "is silently dropped; the proxy carries it.",
        "TCP 2 ms, proxy 12 ms, TLS 31 ms",
    ] {
        assert!(page.contains(text), "{text}\n{page}");
    }
    assert_eq!(page.matches("<svg").count(), 1, "the path to the hub");
}

#[test]
fn the_path_to_a_proxy_that_is_not_reached_is_drawn() {
    let report = proxied::dropped();
    insta::assert_snapshot!("dropped", shown(&report, 80, false));
    insta::assert_snapshot!("dropped_ticket", report.render(Format::Ticket));
    let page = report.render(Format::Html);
    assert_eq!(page.matches("<svg").count(), 1, "{page}");
    assert!(page.contains("Port 8883 is stopped at hop 2 of 4 (10.77.2.2)"), "{page}");
}
