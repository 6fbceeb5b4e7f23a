//! Which experiments about the hub's name are wanted, and when.

use serde_json::{Value, json};

use super::tests::{ADDRESS, attempt, connected, failed, kinds, ok, shown, snapshot};
use crate::observation::{Experiment, Outcome, Resolution, ResolutionSource, ResolveFailure, Snapshot, TrackedAttempt};

const NAME: &str = "contoso.azure-devices.net";
/// All that is asked about the name once.
const ABOUT_NAMES: [&str; 6] = ["name-sources", "dns", "dns-wildcard", "dns-search", "lookup", "other-address"];

fn about_names(snapshot: &Snapshot) -> Vec<&'static str> {
    kinds(snapshot, 100).into_iter().filter(|kind| ABOUT_NAMES.contains(kind)).collect()
}

fn resolved(snapshot: Snapshot, source: ResolutionSource) -> Snapshot {
    let addresses = vec![ADDRESS.parse().expect("an address")];
    let resolution = Resolution { outcome: Outcome::Ok, addresses, source, ..Resolution::default() };
    Snapshot { resolution: Some(resolution), ..snapshot }
}

fn refused() -> Snapshot {
    let refused = json!({ "kind": "refused", "icmp_ruled_out": true });
    resolved(snapshot(&json!([failed("connect", &refused, &Value::Null)])), ResolutionSource::System)
}

fn shows(kind: &str, facts: &Value) -> Experiment {
    let mut experiment = json!({ "kind": kind, "started_after_ms": 20.0, "duration_ms": 9.0 });
    for (key, value) in facts.as_object().expect("facts") {
        experiment[key] = value.clone();
    }
    serde_json::from_value(experiment).expect("an experiment")
}

fn sources(search: &[&str]) -> Experiment {
    let facts = json!({ "hosts_file": null, "search": search, "ndots": 1, "upstreams": [], "services": [] });
    shows("name-sources", &facts)
}

/// What the only server says to the question for A.
fn says(address: &str) -> Experiment {
    replies("NOERROR", &[address])
}

fn replies(rcode: &str, addresses: &[&str]) -> Experiment {
    let answer = json!({
        "outcome": "answered", "rcode": rcode, "truncated": false, "cname": [], "addresses": addresses, "ttl_s": 60,
        "zone": null
    });
    let query = json!({
        "server": "10.20.0.53:53", "transport": "udp", "name": NAME, "record": "A", "edns": true, "duration_ms": 3.0,
        "answer": answer
    });
    shows("dns", &json!({ "queries": [query] }))
}

#[test]
fn a_run_in_which_every_check_arrives_somewhere_asks_nothing() {
    let exchange = ok("exchange", 12.0, &json!({ "protocol": "mqtt", "return_code": 5, "session_present": false }));
    let tls = ok("tls", 40.0, &shown("trusted", true, "proven"));
    let mut healthy = resolved(snapshot(&json!([connected(31.0), tls, exchange])), ResolutionSource::System);
    assert_eq!(about_names(&healthy), [""; 0]);
    let no_route = json!([failed("connect", &json!({ "kind": "no-route" }), &Value::Null)]);
    let others = healthy.attempts.iter().map(|tracked| {
        let mut attempt = attempt(&no_route);
        attempt.address = "2001:db8::1".parse().expect("an address");
        TrackedAttempt { attempt, ..tracked.clone() }
    });
    let others: Vec<_> = others.collect();
    healthy.attempts.extend(others);
    assert_eq!(about_names(&healthy), [""; 0], "a family without a route");
}

#[test]
fn a_hub_that_wants_a_client_certificate_is_not_in_trouble() {
    let mut seen = shown("trusted", true, "proven");
    seen["client_certificate_requested"] = json!(true);
    let closed = failed("exchange", &json!({ "kind": "ended", "by": "fin" }), &Value::Null);
    let strict =
        resolved(snapshot(&json!([connected(31.0), ok("tls", 40.0, &seen), closed])), ResolutionSource::System);
    assert_eq!(about_names(&strict), [""; 0]);
}

#[test]
fn where_a_check_fails_the_files_are_read_first_and_then_the_servers_asked() {
    let mut failing = refused();
    assert_eq!(about_names(&failing), ["name-sources", "dns-wildcard"]);
    failing.experiments.push(sources(&[]));
    assert_eq!(about_names(&failing), ["name-sources", "dns", "dns-wildcard"]);
    failing.asking = true;
    assert_eq!(about_names(&failing), ["name-sources", "dns-wildcard"], "they are being asked");
}

#[test]
fn servers_that_the_user_names_are_asked_at_once() {
    let named = resolved(refused(), ResolutionSource::NamedServers);
    assert_eq!(about_names(&named), ["dns", "dns-wildcard"]);
}

#[test]
fn an_address_that_was_given_has_no_name_to_ask_for() {
    let given = Snapshot { resolution: Some(Resolution::default()), ..refused() };
    assert_eq!(about_names(&given), [""; 0]);
}

#[test]
fn appended_domains_are_tried_where_the_system_says_otherwise() {
    let mut failing = refused();
    failing.experiments = vec![sources(&["corp.example"]), says(ADDRESS)];
    assert!(!about_names(&failing).contains(&"dns-search"));
    failing.experiments = vec![sources(&["corp.example"]), says("192.0.2.7")];
    assert!(about_names(&failing).contains(&"dns-search"));
    failing.experiments = vec![sources(&[]), says("192.0.2.7")];
    assert!(!about_names(&failing).contains(&"dns-search"));
}

#[test]
fn where_a_server_says_otherwise_the_hub_is_looked_for_there() {
    let mut failing = refused();
    for (address, wanted) in [(ADDRESS, false), ("192.0.2.7", true), ("0.0.0.0", false), ("127.0.0.1", false)] {
        failing.experiments = vec![sources(&[]), says(address)];
        assert_eq!(about_names(&failing).contains(&"other-address"), wanted, "{address}");
    }
    let tls = ok("tls", 40.0, &shown("trusted", true, "proven"));
    failing.attempts[0].attempt = attempt(&json!([connected(31.0), tls]));
    failing.experiments = vec![sources(&[]), says("192.0.2.7")];
    assert!(!about_names(&failing).contains(&"other-address"), "the hub is where the system says");
}

#[test]
fn a_slow_resolver_is_asked_again_once_all_servers_have_answered() {
    let exchange = ok("exchange", 12.0, &json!({ "protocol": "mqtt", "return_code": 5, "session_present": false }));
    let tls = ok("tls", 40.0, &shown("trusted", true, "proven"));
    let mut slow = resolved(snapshot(&json!([connected(31.0), tls, exchange])), ResolutionSource::OwnQueries);
    slow.asking = true;
    assert_eq!(about_names(&slow), ["name-sources"]);
    slow.asking = false;
    slow.experiments = vec![says(ADDRESS), sources(&["corp.example"])];
    assert_eq!(about_names(&slow), ["name-sources", "dns", "dns-search", "lookup"]);
    let silent = json!({
        "server": "10.20.0.54:53", "transport": "udp", "name": NAME, "record": "A", "edns": true, "duration_ms": 2200.0,
        "answer": { "outcome": "silent" }
    });
    slow.experiments.push(shows("dns", &json!({ "queries": [silent] })));
    assert!(!about_names(&slow).contains(&"lookup"), "the silent one is why");
}

#[test]
fn a_name_that_does_not_resolve_is_asked_for_where_somebody_answers() {
    let failure = Some(ResolveFailure::NameNotFound);
    let denied = Resolution { outcome: Outcome::Failed, failure, ..Resolution::default() };
    let mut denied = Snapshot { resolution: Some(denied), ..Snapshot::default() };
    assert_eq!(about_names(&denied), ["name-sources"]);
    denied.experiments = vec![sources(&[]), says("192.0.2.7")];
    assert_eq!(about_names(&denied), ["name-sources", "dns", "other-address"]);
    denied.experiments = vec![sources(&[]), replies("SERVFAIL", &[])];
    assert_eq!(about_names(&denied), ["name-sources", "dns", "dns-wildcard"], "does it fail for all names?");
}
