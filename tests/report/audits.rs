//! What several reports say together: who is ready, what would help most, and one request for all.

use std::collections::BTreeSet;

use hubreach::{
    diagnosis::{Code, Confidence, Finding, Owner, Severity, Verdict},
    hub::{CheckId, Requirement},
    observation::{ProxySetting, WhyUnused},
    report::{Action, Audit, Format, Pace, PlanEntry, Report, Screen, Summary, escape},
};
use proptest::{prelude::*, sample::select};
use serde_json::Value;
use textwrap::core::display_width;

use crate::{
    csv, markdown,
    support::{samples, schema, site},
};

fn screen(audit: &Audit) -> String {
    shown(audit, 80)
}

fn shown(audit: &Audit, columns: usize) -> String {
    let text = audit.render_on(Screen::new(columns, false), Format::Human);
    let plain = anstream::adapter::strip_str(&text).to_string();
    for line in plain.lines() {
        assert!(display_width(line) <= columns, "{} columns: {line}", display_width(line));
        assert_eq!(line.trim_end(), line);
        assert_eq!(escape(line), line);
    }
    plain
}

/// A site in which something of each kind is told, and what of it changed.
fn few() -> Audit {
    let host = |report: &Report| report.observations.hub.host.clone();
    let mut reports = site::reports();
    let wanted = ["pump-01", "pump-12", "valve-01", "boiler-02", "camera-01", "a1b2"];
    reports.retain(|report| wanted.iter().any(|name| host(report).starts_with(name)));
    let mut before = reports.clone();
    before[0].diagnosis.verdicts.iter_mut().for_each(|check| check.verdict = Verdict::Allowed);
    Audit::of(reports).since(&before)
}

#[test]
fn on_a_narrow_terminal_and_on_a_wide_one() {
    insta::assert_snapshot!(format!("{}\n120:\n\n{}", shown(&few(), 40), shown(&few(), 120)));
    for columns in [40, 50, 60, 64, 70, 80, 100, 120, 200] {
        shown(&site::audit(), columns);
    }
    assert_eq!(few().render(Format::Human), few().render_on(Screen::FILE, Format::Human));
}

#[test]
fn a_ticket_is_no_wider_than_a_mail() {
    let of = |columns| few().render_on(Screen::new(columns, false), Format::Ticket);
    assert_eq!(of(200), few().render(Format::Ticket));
    assert_eq!(of(80), few().render(Format::Ticket));
    // What is copied is not broken; all else is.
    let is_copied = |line: &str| line.contains(".azure-devices.net") || line.contains(".amazonaws.com");
    let wide: Vec<String> = of(40).lines().filter(|line| line.len() > 40).map(str::to_owned).collect();
    assert!(wide.iter().all(|line| is_copied(line)), "{wide:#?}");
}

#[test]
fn a_site_on_the_screen() {
    insta::assert_snapshot!(screen(&site::audit()));
}

#[test]
fn a_site_in_markdown() {
    let text = site::audit().render(Format::Markdown);
    let (before, _) = text.split_once("\n## Pump 1, Leeds (pump-01").expect("a section for each hub");
    let (_, after) = text.rsplit_once("\n## ").expect("a signature");
    insta::assert_snapshot!(format!("{before}\n...\n## {after}"));
}

#[test]
fn a_ticket_of_a_site() {
    insta::assert_snapshot!(site::audit().render(Format::Ticket));
}

#[test]
fn an_audit_keeps_to_its_schema() {
    for audit in [site::audit(), Audit::of(Vec::new()), Audit::of(vec![samples::field()])] {
        schema::validate_audit(&serde_json::from_str(&audit.render(Format::Json)).expect("JSON"));
        let last: Value = serde_json::from_str(&audit.last_event()).expect("a line of JSON");
        assert_eq!(last["event"], "audit");
        schema::validate_audit(&last);
    }
}

/// The action against `code`.
fn against(summary: &Summary, code: Code) -> &Action {
    let mut found = summary.actions.iter().filter(|action| action.codes.contains(&code));
    let action = found.next().expect("an action");
    assert!(found.next().is_none(), "one for all targets");
    action
}

#[test]
fn an_action_counts_what_it_alone_would_open() {
    let audit = Audit::of(site::reports()[..15].to_vec());
    // 12 pumps, three of which are stopped on another port too; three valves behind a gateway.
    // All are opened by one person at one firewall, whether it drops or rejects.
    let open = against(&audit.summary, Code::SilentDrop);
    assert_eq!(open.codes, [Code::IcmpReject, Code::SilentDrop]);
    assert_eq!((open.checks, open.required, open.partly, open.targets.len()), (15, 15, 0, 12));
    assert_eq!((open.device.as_deref(), open.ports.as_slice()), (Some("10.20.0.1"), &[5671, 8883][..]));
    // What follows from the interception is mended with it; of the two checks one is required.
    let exempt = against(&audit.summary, Code::TlsIntercepted);
    assert_eq!((exempt.checks, exempt.required, exempt.owner), (6, 3, Owner::SecurityTeam));
    assert_eq!(audit.summary.actions.len(), 2);
    assert_eq!((audit.summary.ready, audit.summary.met), (0, false));
}

#[test]
fn what_two_causes_stop_is_opened_by_neither_alone() {
    let mut reports = site::reports();
    reports.retain(|report| report.observations.hub.host.starts_with("camera"));
    let [drop, stall] = Audit::of(reports).summary.actions.try_into().expect("two");
    for action in [&drop, &stall] {
        assert_eq!((action.checks, action.required, action.partly), (0, 0, 1), "{action:?}");
    }
    assert_eq!((drop.confidence, stall.confidence), (Confidence::Confirmed, Confidence::Possible));
}

#[test]
fn what_is_only_possible_is_told_apart_and_called_so() {
    let mut reports = site::reports()[..2].to_vec();
    reports[1].diagnosis.findings[0].confidence = Confidence::Possible;
    let audit = Audit::of(reports);
    let sure: Vec<_> = audit.summary.actions.iter().map(|action| (action.confidence, action.checks)).collect();
    assert_eq!(sure, [(Confidence::Confirmed, 1), (Confidence::Possible, 1)]);
    for format in [Format::Human, Format::Markdown, Format::Html] {
        let text = audit.render(format);
        assert!(text.contains("this stops 1 check") && text.contains("this may be what stops 1 check"), "{format}");
    }
}

#[test]
fn ports_that_are_opened_in_one_way_are_one_action() {
    let reports = vec![
        site::dropped("pump-01.azure-devices.net", 8883, site::NEXT),
        site::dropped("pump-02.azure-devices.net", 5671, site::NEXT),
    ];
    let action = &Audit::of(reports).summary.actions[0];
    assert_eq!((action.ports.as_slice(), action.checks), (&[5671, 8883][..], 2));
    assert!(action.what.starts_with("Allow outbound TCP 5671 and 8883 to each of pump-01."), "{}", action.what);
}

#[test]
fn one_firewall_is_asked_once_and_no_more_place_is_claimed_than_was_seen() {
    let audit = Audit::of(site::reports()[..2].to_vec());
    let action = against(&audit.summary, Code::SilentDrop);
    assert_eq!(action.location.as_deref(), Some("hop 2 of 9 (10.20.0.1) or right behind it (10.9.0.7)"));
    assert!(
        action.what.ends_with("at 10.20.0.1 (hop 2) or the device behind it, 10.9.0.7 (hop 3)."),
        "{}",
        action.what
    );

    // Behind it the paths part.
    let audit = Audit::of(vec![
        site::dropped("pump-01.azure-devices.net", 8883, site::NEXT),
        site::dropped("pump-02.azure-devices.net", 8883, "10.9.0.8"),
    ]);
    let action = against(&audit.summary, Code::SilentDrop);
    assert_eq!(action.location.as_deref(), Some("10.20.0.1 or a device behind it"));
    assert!(action.what.ends_with(" at 10.20.0.1 or a device behind it."), "{}", action.what);
    let ticket = audit.render(Format::Ticket);
    assert!(ticket.contains("To the firewall's owner, at 10.20.0.1 or a device behind it:\n"), "{ticket}");
    assert_eq!(ticket.matches("What is wrong").count(), 1, "{ticket}");
}

#[test]
fn a_missing_target_is_not_met() {
    let healthy = || vec![samples::healthy()];
    let audit = |planned| Audit::new(None, samples::healthy().observations.started_at, 1.0, planned, healthy()).summary;
    assert!(audit(1).met && !audit(1).partial);
    assert!(!audit(2).met && audit(2).partial);
    assert_eq!(audit(0).planned, 1, "there is one");
    assert!(Audit::of(Vec::new()).summary.met, "nothing was asked for");
}

#[test]
fn the_pace_is_told_to_people_and_programs() {
    let audit = Audit::of(vec![samples::healthy()]).paced(Some(site::pace()));
    let told = "This network does not bear 30 targets at a time: of 150 connections within 13.6 s, 72 were answered. 18 targets \
                failed beside others; 17 of them tested again alone did better, and are judged so. It bears 2 targets at a time, \
                about 10 new connections a second";
    let words = |text: &str| text.replace('\\', "").split_whitespace().collect::<Vec<_>>().join(" ");
    for (format, text) in [Format::Markdown, Format::Html].map(|format| (format, audit.render(format))) {
        assert!(words(&text).contains(told), "{format}: {text}");
    }
    assert!(words(&screen(&audit)).contains(told), "{}", screen(&audit));
    let value: Value = serde_json::from_str(&audit.render(Format::Json)).expect("JSON");
    schema::validate_audit(&value);
    assert_eq!(value["pace"]["limit"]["shows"], serde_json::json!(["not-answered", "late"]));
    let in_vain = Pace { limit: None, bears: None, tested_alone: 3, better_alone: 0, ..site::pace() };
    let text = words(&screen(&Audit::of(vec![samples::healthy()]).paced(Some(in_vain))));
    assert!(text.contains("Of 18 targets that failed beside others, 3 failed alike when tested again alone"), "{text}");
    let nothing =
        Pace { failed_beside_others: 0, tested_alone: 0, better_alone: 0, limit: None, bears: None, jobs: 64 };
    let quiet = screen(&Audit::of(vec![samples::healthy()]).paced(Some(nothing)));
    assert_eq!(quiet, screen(&Audit::of(vec![samples::healthy()])), "where all went well nothing is said of it");
}

#[test]
fn hundreds_of_targets_stay_readable() {
    let many = |reports: Vec<Report>| -> Vec<Report> { reports.iter().cycle().take(300).cloned().collect() };
    let ready = site::reports().into_iter().filter(|report| report.diagnosis.requirement_met).collect();
    let text = screen(&Audit::of(many(ready)));
    assert!(text.contains("ready: 300 targets") && text.lines().count() < 30, "{text}");
    // Each that is not ready is named once, and its causes together with those of its like.
    let stopped = site::reports().into_iter().take(12).collect();
    let text = screen(&Audit::of(many(stopped)));
    assert!((310..340).contains(&text.lines().count()), "{}", text.lines().count());
    let ticket = Audit::of(many(site::reports())).render(Format::Ticket);
    assert!(ticket.lines().count() < 170, "{ticket}");
}

#[test]
fn what_changed_since_the_run_before_is_told() {
    let before = vec![site::dropped("pump-01.azure-devices.net", 8883, site::NEXT), samples::healthy()];
    let mut broken = samples::healthy();
    broken.diagnosis.verdicts[0].verdict = Verdict::Blocked;
    let mut opened = before[0].clone();
    opened.diagnosis.verdicts.iter_mut().for_each(|check| check.verdict = Verdict::Allowed);
    let audit = Audit::of(vec![opened, broken]).since(&before);
    insta::assert_snapshot!(screen(&audit));
    let value: Value = serde_json::from_str(&audit.render(Format::Json)).expect("JSON");
    schema::validate_audit(&value);
    assert_eq!((&value["changes"]["counts"]["broken"], &value["changes"]["counts"]["fixed"]), (&1.into(), &1.into()));
    let read: Audit = serde_json::from_value(value).expect("it is read again");
    assert_eq!(read.summary.changes, audit.summary.changes);
    for format in [Format::Markdown, Format::Html] {
        let text = audit.render(format);
        for told in ["What changed", "Something that was allowed is not any more", "BROKEN", "fixed"] {
            assert!(text.contains(told), "{format} lacks {told}: {text}");
        }
    }
    let (_, active) = markdown::read(&audit.render(Format::Markdown));
    assert_eq!(active, Vec::<String>::new());
    assert_eq!(Audit::of(vec![samples::healthy()]).since(&before[..1]).summary.changes, None, "nothing in common");
}

/// Whoever reads a list of what is ready sends people there.
#[test]
fn what_does_not_exist_is_not_ready_though_nothing_is_required_of_it() {
    let mut optional = samples::unresolved();
    (optional.observations.requirement, optional.diagnosis.requirement_met) = (Requirement::None, true);
    let audit = Audit::of(vec![samples::healthy(), optional.clone()]);
    let Summary { ready, out_of_reach, met, .. } = audit.summary;
    assert_eq!((ready, out_of_reach, met), (1, 1, true), "no failure either");
    let text = screen(&audit);
    assert!(
        text.starts_with("1 of 2 targets are ready; 1 requires nothing, and nothing of it gets through."),
        "{text}"
    );
    let (apart, ready) = text.split_once("\nready\n").expect("two lists");
    assert!(apart.contains("nothing required, and nothing gets through\n  contso.azure-devices.net"), "{text}");
    assert!(!ready.split("\n\n").next().expect("the list").contains("contso"), "{text}");
    assert!(text.contains("dns-name-not-found"), "why is told: {text}");
    let alone = screen(&Audit::of(vec![optional]));
    assert!(alone.starts_with("The target requires nothing, and nothing of it gets through."), "{alone}");
}

#[test]
fn each_action_names_its_hubs() {
    let audit = site::audit();
    let (text, page) = (screen(&few()), audit.render(Format::Html));
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("1 more, of 3 hubs: Pump 1, Leeds; pump-12.azure-devices.net; camera-01"), "{words}");
    for target in audit.summary.actions.iter().flat_map(|action| &action.targets) {
        let name = target.name.as_ref().unwrap_or(&target.host);
        assert!(page.contains(name), "{name}");
    }
    assert!(audit.summary.actions[0].targets.iter().any(|target| target.name.as_deref() == Some("Pump 1, Leeds")));
}

#[test]
fn a_proxy_that_may_be_meant_is_told_with_the_answer() {
    let mut seen = samples::recorded("silent-drop-r2", "hub.test").observations;
    let url = Some("http://proxy.test:3128".to_owned());
    let (source, unused) = ("/etc/environment".to_owned(), Some(WhyUnused::ForOthers));
    seen.vantage.proxy_settings = vec![ProxySetting { source, url, pac: None, unused }];
    let report = Report::new(seen.clone(), hubreach::diagnose(&seen));
    let audit = Audit::of(vec![samples::healthy(), report]);
    let text = screen(&audit);
    let (head, _) = text.split_once("\n\n").expect("a table");
    assert!(head.contains("A proxy is configured here (http://proxy.test:3128)"), "{text}");
    for format in [Format::Html, Format::Markdown] {
        assert_eq!(audit.render(format).matches("A proxy is configured here").count(), 1, "{format}");
    }
}

#[test]
fn nothing_to_ask_for_many() {
    let ticket = Audit::of(vec![samples::healthy(), samples::healthy()]).render(Format::Ticket);
    assert_eq!(ticket, "Nothing to ask of this network: nothing in it is known to stop any of 2 hubs.\n");
    let ticket = Audit::of(vec![samples::healthy(), samples::unresolved()]).render(Format::Ticket);
    assert!(ticket.contains("To do, for whoever runs this device: Check the spelling of"), "{ticket}");
}

#[test]
fn the_screen_speaks_of_a_ticket_only_where_there_is_one() {
    for (reports, is_due) in [(vec![samples::healthy(), samples::unresolved()], false), (site::reports(), true)] {
        assert_eq!(screen(&Audit::of(reports)).contains("--format ticket"), is_due);
    }
}

#[test]
fn hostile_titles_and_hosts_are_text() {
    let evil = "=cmd|x\u{1b}[2J\u{202e}<script>alert(1)</script> | [a](http://x) www.example.com {{ title }}\r\n# b";
    let [name, site, contact, note, file] = [0; 5].map(|_| Some(evil.to_owned()));
    let plan = Some(PlanEntry { name, site, contact, note, file, line: Some(usize::MAX) });
    let reports = vec![samples::saying(evil), samples::saying(evil), samples::field().in_plan(plan)];
    let audit = Audit::new(Some(evil.to_owned()), evil.to_owned(), f64::MAX, usize::MAX, reports);
    assert!(screen(&audit).contains("<script>alert(1)</script>"), "as text");
    let (_, active) = markdown::read(&audit.render(Format::Markdown));
    assert_eq!(active, Vec::<String>::new());
    assert!(!audit.render(Format::Html).contains("<script"));
    for format in Format::ALL.iter().copied().filter(|format| *format != Format::Human) {
        for line in audit.render(format).lines() {
            assert_eq!(escape(line), line, "{format}");
        }
    }
    assert_eq!(csv::read(&audit.render(Format::Csv)).len(), 2 * 2 + 5);
}

/// Findings with any ties among themselves and to the checks, in which nothing agrees.
fn tangled() -> impl Strategy<Value = Vec<Report>> {
    let owners = select(vec![Owner::FirewallOwner, Owner::SecurityTeam, Owner::Operator]);
    let severities = select(vec![Severity::Error, Severity::Warning, Severity::Info]);
    let confidences = select(vec![Confidence::Confirmed, Confidence::Likely, Confidence::Possible]);
    let affected = prop::collection::vec(0_usize..6, 0..4);
    let finding = (owners, severities, confidences, affected, prop::option::of(0_usize..4), 0_u8..3);
    let verdicts = select(vec![Verdict::Allowed, Verdict::Blocked, Verdict::Declined, Verdict::Unknown]);
    let requirements = select(vec!["any", "all", "none", "mqtt,https"]);
    let report = (prop::collection::vec(finding, 0..5), prop::collection::vec(verdicts, 5), requirements, 0_u8..3);
    let report = report.prop_map(|(findings, verdicts, requirement, host)| {
        let mut report = site::dropped(&format!("hub-{host}.example"), 8883, site::NEXT);
        report.observations.requirement = requirement.parse().expect("a requirement");
        for (check, verdict) in report.diagnosis.verdicts.iter_mut().zip(verdicts) {
            check.verdict = verdict;
        }
        let ids: Vec<CheckId> = report.checks().map(|check| check.observations.id.clone()).collect();
        let template = report.diagnosis.findings[0].clone();
        let of = |(at, (owner, severity, confidence, affects, root, place)): (usize, (_, _, _, Vec<usize>, _, u8))| {
            let mut finding: Finding = template.clone();
            finding.id = format!("f{at}");
            (finding.owner, finding.severity, finding.confidence) = (owner, severity, confidence);
            finding.affects = affects.iter().map(|at| ids.get(*at).cloned().unwrap_or_else(|| "x".into())).collect();
            finding.depends_on = Option::map(root, |root: usize| format!("f{root}"));
            finding.location = finding.location.filter(|_| place > 0);
            finding
        };
        report.diagnosis.findings = findings.into_iter().enumerate().map(of).collect();
        report
    });
    prop::collection::vec(report, 0..5)
}

/// (host, check) of everything that is stopped and required.
fn lacking(reports: &[Report]) -> Vec<(String, CheckId)> {
    let stopped = reports.iter().flat_map(|report| {
        let allowed: Vec<_> = report
            .checks()
            .map(|check| (check.observations.protocol, check.observations.route, check.verdict == Verdict::Allowed))
            .collect();
        let spec: &Requirement = &report.observations.requirement;
        let lacking = |check: &hubreach::report::Check<'_>| {
            check.verdict != Verdict::Allowed
                && spec.lacks(check.observations.protocol, check.observations.route, &allowed)
        };
        let ids: Vec<CheckId> = report.checks().filter(lacking).map(|check| check.observations.id.clone()).collect();
        ids.into_iter().map(|id| (report.observations.hub.host.clone(), id))
    });
    stopped.collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_stopped_is_in_an_action_or_has_no_known_cause(reports in tangled()) {
        let Summary { actions, unexplained, .. } = Audit::of(reports.clone()).summary;
        let told = actions.iter().flat_map(|action| &action.targets).chain(&unexplained);
        let told: BTreeSet<(String, CheckId)> = told
            .flat_map(|concerned| concerned.checks.iter().map(|id| (concerned.host.clone(), id.clone())))
            .collect();
        for lacking in lacking(&reports) {
            prop_assert!(told.contains(&lacking), "{lacking:?}");
        }
        let stopped = reports.iter().flat_map(Report::checks).filter(|check| check.verdict != Verdict::Allowed);
        // Each is opened by one action at most.
        prop_assert!(actions.iter().map(|action| action.checks).sum::<usize>() <= stopped.count());
        for action in &actions {
            prop_assert!(action.required <= action.checks && action.checks + action.partly > 0);
            let listed: usize = action.targets.iter().map(|concerned| concerned.checks.len()).sum();
            prop_assert_eq!(listed, action.checks + action.partly);
        }
        let order: Vec<_> = actions.iter().map(|action| (action.required, action.checks)).collect();
        prop_assert!(order.is_sorted_by(|a, b| a >= b));
    }

    #[test]
    fn a_ticket_asks_for_nothing_that_no_finding_stops(reports in tangled()) {
        let ticket = Audit::of(reports.clone()).render(Format::Ticket);
        let stopped: BTreeSet<(u16, &str)> = reports
            .iter()
            .flat_map(|report| report.diagnosis.findings.iter().map(move |finding| (report, finding)))
            .filter(|(_, finding)| finding.severity != Severity::Info && finding.owner != Owner::Operator)
            .flat_map(|(report, finding)| {
                let of_it = report.checks().filter(|check| finding.affects.contains(&check.observations.id));
                of_it.map(|check| (check.observations.port, report.observations.hub.host.as_str()))
            })
            .collect();
        let mut port = None;
        for line in ticket.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                ["TCP", number, ..] => port = number.parse().ok(),
                [] => port = None,
                _ => {}
            }
            let named = words.iter().filter(|word| word.starts_with("hub-"));
            for (port, host) in named.filter_map(|host| Some((port?, *host))) {
                prop_assert!(stopped.contains(&(port, host)), "{port} to {host}\n{ticket}");
            }
        }
    }
}

/// What stops nothing today is told all the same, once for all whom it will trouble.
#[test]
fn warnings_of_ready_targets_are_told() {
    let read = samples::recorded("revocation-unreachable", "hub.test");
    let of = |host: &str| {
        let mut seen = read.observations.clone();
        seen.hub.host = host.to_owned();
        let diagnosis = hubreach::diagnose(&seen);
        Report::new(seen, diagnosis)
    };
    let audit = Audit::of(vec![of("north.test"), of("south.test")]);
    assert!(audit.summary.met);
    let screen = screen(&audit);
    let (_, warnings) = screen.split_once("\nReady, but\n").expect("warnings");
    assert_eq!(
        warnings,
        "- north.test and south.test: Certificates cannot be checked for revocation: no\n  \
         answer from crl.trust.test and ocsp.trust.test (TCP 80)\n  \
         (revocation-unreachable, warning, likely).\n  \
         For the firewall's owner: hubreach explain revocation-unreachable\n"
    );
    let ticket = audit.render(Format::Ticket);
    assert!(ticket.contains("Allow outbound TCP 80 to crl.trust.test"), "{ticket}");
    assert!(ticket.contains("hubreach north.test --protocol") && ticket.contains(" --companions\n"), "{ticket}");
    assert!(!ticket.contains("TCP 8883"), "no rule for ports that are open: {ticket}");
}
