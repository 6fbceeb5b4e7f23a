//! The request to whoever stops something.

use hubreach::report::{Format, PlanEntry, Report, escape};

use crate::support::samples;

fn ticket(report: &Report) -> String {
    let text = report.render(Format::Ticket);
    assert!(!text.contains('\x1b'), "a ticket is pasted: {text:?}");
    text
}

#[test]
fn a_troubled_field_network() {
    insta::assert_snapshot!(ticket(&samples::field()));
}

#[test]
fn what_is_not_required_stands_apart() {
    let mut report = samples::field();
    assert!(!ticket(&report).contains("Optional"), "where any will do, nobody has said which");
    report.observations.requirement = "mqtt".parse().expect("a requirement");
    let text = ticket(&report);
    let (required, optional) = text.split_once("Optional, not required of us").expect("both");
    assert!(required.contains("TCP 8883 ") && !required.contains("TCP 5671 "), "{text}");
    assert!(optional.contains("    TCP 5671  to"), "{text}");
}

#[test]
fn nothing_to_ask() {
    let text = ticket(&samples::healthy()).split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(text, "Nothing to ask of this network: nothing in it is known to stop contoso.azure-devices.net.");
}

#[test]
fn what_peers_sent_is_inert() {
    let text = ticket(&samples::hostile());
    assert!(text.lines().all(|line| escape(line) == line), "{text:?}");
}

fn of_the_lab(name: &str) -> String {
    ticket(&samples::recorded(name, "hub.test"))
}

/// What is asked, and how it is seen to be done, fits the cause.
#[test]
fn a_ticket_speaks_of_its_cause() {
    let cases: [(&str, &[&str], &[&str]); 13] = [
        (
            "silent-drop-r2",
            &["let hub.test through", "Please allow, outbound", "TCP 8883  to hub.test", "openssl"],
            &[],
        ),
        (
            "dns-filtered",
            &[
                "let the name server answer for hub.test",
                "ask for: Allow hub.test in the DNS filter",
                "nslookup hub.test 10.77.1.1",
            ],
            &["openssl", "TCP 8883", "Please allow"],
        ),
        (
            "tls-intercepted",
            &[
                "exempt hub.test from TLS inspection",
                "Please exempt from TLS inspection",
                "Exempt it by name",
                "openssl x509 -noout -issuer",
                "and not CN=Inspector CA",
            ],
            &["allow, outbound", "Allow it"],
        ),
        ("sni-filter-drop-r1-v4", &["ask for: Exempt hub.test from the rule that stops TLS"], &["allow, outbound"]),
        (
            "alpn-filter",
            &["ask for: Allow TLS with the application protocol", "-alpn x-amzn-mqtt-ca"],
            &["allow, outbound"],
        ),
        (
            "revocation-unreachable",
            &["--companions", "no word of revocation-unreachable", "curl --max-time 9 http://crl.trust.test/"],
            &["openssl", "TCP 8883"],
        ),
        ("hello-rewritten", &["no word of hello-rewritten", "-tls1_3"], &["allow, outbound"]),
        ("hello-rewritten-to-tls-1-1", &["-tls1_2"], &["-tls1_3"]),
        (
            "tcp-reset-r2",
            &["What to do: Allow outbound TCP 5671", "That is possible, not proved. It could also be: port-closed."],
            &["Compare from"],
        ),
        (
            "one-port-of-one-address",
            &["TCP 8883 is silently dropped (for 10.77.4.3 alone)", "-connect 10.77.4.3:8883 -servername hub.test"],
            &["not proved"],
        ),
        ("transparent-hole", &["ask for: Have the box"], &["Nothing to do"]),
        ("connection-limit-drop", &["no word of connection-limit"], &["openssl", "allow, outbound"]),
        (
            "captive-portal",
            &["Nothing to ask of this network yet", "Open a browser in this network and sign in"],
            &["openssl"],
        ),
    ];
    for (name, has, lacks) in cases {
        let text = of_the_lab(name).split_whitespace().collect::<Vec<_>>().join(" ");
        for part in has {
            assert!(
                text.contains(&part.split_whitespace().collect::<Vec<_>>().join(" ")),
                "{name} lacks {part}: {text}"
            );
        }
        for part in lacks {
            assert!(!text.contains(part), "{name} has {part}: {text}");
        }
    }
}

#[test]
fn whoever_has_to_find_the_device_is_told_where_it_is() {
    let plan = PlanEntry {
        name: Some("Pump 1".to_owned()),
        site: Some("Leeds".to_owned()),
        contact: Some("Control room, 4711".to_owned()),
        note: Some("behind the gate".to_owned()),
        ..PlanEntry::default()
    };
    let report = samples::field().in_plan(Some(plan));
    for format in
        [Format::Human, Format::Html, Format::Markdown, Format::Csv, Format::Json, Format::Ticket, Format::Junit]
    {
        let text = report.render(format);
        for said in ["Pump 1", "Leeds", "Control room, 4711", "behind the gate"] {
            assert!(text.contains(said), "{format} lacks {said}: {text}");
        }
    }
    let place = "contoso.azure-devices.net: Pump 1, Leeds. Contact: Control room, 4711. Note: behind the gate.";
    let text = ticket(&report).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains(place), "{text}");
}
