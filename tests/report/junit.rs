//! Test results for CI servers, read by a library and held against what both of the usual schemas ask for.

use std::collections::BTreeMap;

use hubreach::report::{Format, PlanEntry, Report, render};
use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

use crate::support::samples;

/// An element, its attributes, its text, and what stands in it.
#[derive(Debug, Default)]
pub struct Element {
    pub name: String,
    pub attributes: BTreeMap<String, String>,
    pub text: String,
    pub children: Vec<Element>,
}

impl Element {
    fn new(start: &BytesStart) -> Self {
        let attribute = |attribute: quick_xml::events::attributes::Attribute| {
            let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0).expect("well-formed");
            (attribute.key.as_ref().to_owned(), value.into_owned())
        };
        Self {
            name: start.name().as_ref().to_owned(),
            attributes: start.attributes().map(|found| attribute(found.expect("well-formed"))).collect(),
            ..Self::default()
        }
    }

    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    fn names(&self) -> Vec<&str> {
        self.children.iter().map(|child| child.name.as_str()).collect()
    }
}

/// The document's element.
pub fn read(text: &str) -> Element {
    let mut reader = Reader::from_str(text);
    let mut open = vec![Element::default()];
    loop {
        let event = reader.read_event().expect("well-formed");
        match event {
            Event::Start(start) => open.push(Element::new(&start)),
            Event::Empty(start) => open.last_mut().expect("open").children.push(Element::new(&start)),
            Event::End(_) => {
                let closed = open.pop().expect("open");
                open.last_mut().expect("open").children.push(closed);
            }
            Event::Text(text) => open.last_mut().expect("open").text.push_str(&text),
            Event::GeneralRef(entity) => {
                let character = entity.resolve_char_ref().expect("well-formed").expect("numeric");
                open.last_mut().expect("open").text.push(character);
            }
            Event::Decl(_) => {}
            Event::Eof => break,
            other => panic!("neither schema has {other:?}"),
        }
    }
    open.pop().and_then(|mut root| root.children.pop()).expect("one element")
}

/// What Ant's schema and that of Jenkins's xUnit plugin ask for, both.
#[track_caller]
pub fn assert_accepted(root: &Element) {
    assert_eq!((root.name.as_str(), root.attributes.len()), ("testsuites", 0));
    for (at, suite) in root.children.iter().enumerate() {
        assert_eq!(suite.name, "testsuite");
        let keys: Vec<&str> = suite.attributes.keys().map(String::as_str).collect();
        let expected =
            ["errors", "failures", "hostname", "id", "name", "package", "skipped", "tests", "time", "timestamp"];
        assert_eq!(keys, expected);
        assert!(suite.attributes.values().all(|value| !value.is_empty()));
        assert_eq!(suite.attributes["id"], at.to_string());
        let time = &suite.attributes["timestamp"];
        assert!(time.len() == 19 && humantime::parse_rfc3339(&format!("{time}Z")).is_ok(), "{time}");
        seconds(suite);

        let names = suite.names();
        let [first, cases @ .., before_last, last] = names.as_slice() else { panic!("{names:?}") };
        assert_eq!((*first, *before_last, *last), ("properties", "system-out", "system-err"));
        assert!(cases.iter().all(|name| *name == "testcase"), "{names:?}");
        for property in &suite.children[0].children {
            let keys: Vec<&str> = property.attributes.keys().map(String::as_str).collect();
            assert_eq!((property.name.as_str(), keys), ("property", vec!["name", "value"]));
        }
        let mut counted = BTreeMap::from([("failure", 0), ("error", 0), ("skipped", 0)]);
        for case in suite.all("testcase") {
            let keys: Vec<&str> = case.attributes.keys().map(String::as_str).collect();
            // Of a plan file more is told than the schemas know.
            assert!(matches!(
                keys.as_slice(),
                ["classname", "name", "time"] | ["classname", "file", "line", "name", "time"]
            ));
            seconds(case);
            assert!(case.children.len() <= 1);
            for outcome in &case.children {
                *counted.get_mut(outcome.name.as_str()).expect("one of the three") += 1;
                let keys: Vec<&str> = outcome.attributes.keys().map(String::as_str).collect();
                let expected = if outcome.name == "skipped" { &["message"][..] } else { &["message", "type"] };
                assert_eq!(keys, expected);
                assert!(outcome.children.is_empty());
            }
        }
        let says = |key: &str| suite.attributes[key].parse::<usize>().expect("a number");
        assert_eq!(says("tests"), cases.len());
        assert_eq!(says("failures"), counted["failure"]);
        assert_eq!(says("errors"), counted["error"]);
        assert_eq!(says("skipped"), counted["skipped"]);
    }
}

fn seconds(element: &Element) {
    let time = &element.attributes["time"];
    assert!(time.chars().all(|c| c.is_ascii_digit() || c == '.') && time.parse::<f64>().is_ok(), "{time}");
}

fn document(reports: &[Report]) -> Element {
    let root = read(&render(reports, Format::Junit));
    assert_accepted(&root);
    root
}

/// Each case's outcome.
fn outcomes(report: &Report) -> Vec<(String, String)> {
    let root = document(std::slice::from_ref(report));
    let outcome = |case: &Element| case.children.first().map_or("passed".to_owned(), |child| child.name.clone());
    root.children[0].all("testcase").map(|case| (case.attributes["name"].clone(), outcome(case))).collect()
}

#[test]
fn a_troubled_field_network() {
    let mut report = samples::field();
    report.observations.requirement = "mqtt".parse().expect("a requirement");
    report.diagnosis.requirement_met = false;
    document(std::slice::from_ref(&report));
    insta::assert_snapshot!(report.render(Format::Junit));
}

#[test]
fn each_hub_is_a_suite_and_each_check_a_case() {
    let audit = samples::audit();
    let root = document(&audit);
    assert_eq!(root.children.len(), audit.len());
    for (suite, report) in root.children.iter().zip(&audit) {
        assert_eq!(suite.all("testcase").count(), report.observations.checks.len());
    }
    document(&[]);
}

#[test]
fn a_case_of_a_plan_says_where_it_stands_there() {
    let report = samples::field().in_plan(Some(PlanEntry {
        name: Some("Pump 1".to_owned()),
        file: Some("plans/\"site\".toml".to_owned()),
        line: Some(12),
        ..PlanEntry::default()
    }));
    let root = document(&[report]);
    for case in root.children[0].all("testcase") {
        assert_eq!((case.attributes["file"].as_str(), case.attributes["line"].as_str()), ("plans/\"site\".toml", "12"));
    }
    let properties = &root.children[0].children[0];
    assert!(
        properties.children.iter().any(|one| one.attributes["name"] == "name" && one.attributes["value"] == "Pump 1")
    );
}

#[test]
fn only_what_the_requirement_lacks_fails() {
    let with = |spec: &str| {
        let mut report = samples::field();
        report.observations.requirement = spec.parse().expect("a requirement");
        outcomes(&report).into_iter().map(|(name, outcome)| format!("{name} {outcome}")).collect::<Vec<_>>().join(", ")
    };
    let rest = "https@direct passed, mqtt-ws@direct passed, amqp-ws@direct passed";
    assert_eq!(with("any"), format!("mqtt@direct skipped, amqp@direct skipped, {rest}"));
    assert_eq!(with("all"), format!("mqtt@direct failure, amqp@direct failure, {rest}"));
    assert_eq!(with("amqp@direct,https"), format!("mqtt@direct skipped, amqp@direct failure, {rest}"));
}

#[test]
fn what_is_not_known_is_an_error() {
    assert!(outcomes(&samples::unresolved()).iter().all(|(_, outcome)| outcome == "error"));
}

#[test]
fn a_file_edited_by_hand_is_still_accepted() {
    let mut report = samples::saying("");
    report.observations.duration_ms = -1.0;
    report.observations.checks[0].duration_ms = 1e300;
    document(&[report]);
}
