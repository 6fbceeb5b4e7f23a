//! Which experiments are wanted: a pure decision.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Trial, wanted};
use crate::{
    observation::{Attempt, Climb, Situation, Stage, Waiting},
    target::{Choices, HubHost, Target},
};

const ADDRESS: &str = "40.83.12.4";

/// One climb for each protocol of a hub, each showing `stages`.
fn situation(stages: &Value) -> Situation {
    let host = HubHost::parse("contoso.azure-devices.net").expect("a host");
    let target = Target::new(host, &Choices::default()).expect("a target");
    let climb = |check: &crate::target::Check| Climb { check: check.clone(), attempt: attempt(stages), waits: None };
    Situation { climbs: target.checks.iter().map(climb).collect(), ..Situation::default() }
}

fn attempt(stages: &Value) -> Attempt {
    serde_json::from_value(json!({ "address": ADDRESS, "stages": stages })).expect("an attempt")
}

fn ok(stage: &str, ms: f64, evidence: &Value) -> Value {
    json!({ "stage": stage, "outcome": "ok", "duration_ms": ms, "evidence": evidence })
}

fn failed(stage: &str, failure: &Value, evidence: &Value) -> Value {
    json!({ "stage": stage, "outcome": "failed", "duration_ms": 20.0, "failure": failure, "evidence": evidence })
}

fn connected(ms: f64) -> Value {
    ok("connect", ms, &json!({ "local": null, "retransmits": 0, "hedged": false }))
}

/// A certificate of which the device and the hub's roots say `verdict`.
fn shown(verdict: &str, name_matches: bool, identity: &str) -> Value {
    json!({
        "server_name": null, "version": null, "cipher_suite": null, "key_exchange": null, "alpn": null,
        "client_certificate_requested": false, "chain": [], "chain_left_out": 0,
        "trust": {
            "verified_at": "2026-11-22T14:03:11Z", "name_matches": name_matches, "identity": identity, "hub_root": null,
            "device": { "outcome": verdict }, "hub": { "outcome": verdict }
        }
    })
}

fn kinds(situation: &Situation, now_ms: u64) -> Vec<&'static str> {
    let mut kinds: Vec<_> = wanted(situation, Duration::from_millis(now_ms)).iter().map(Trial::kind).collect();
    kinds.dedup();
    kinds
}

#[test]
fn a_healthy_network_wants_none() {
    let exchange = ok("exchange", 12.0, &json!({ "protocol": "mqtt", "return_code": 5, "session_present": false }));
    let healthy = situation(&json!([connected(31.0), ok("tls", 40.0, &shown("trusted", true, "proven")), exchange]));
    assert_eq!(kinds(&healthy, 100), [""; 0]);
    assert_eq!(kinds(&healthy, 10_000), [""; 0]);
}

/// Nothing has failed, and every stage waits no longer than the link explains.
#[test]
fn a_slow_network_wants_none() {
    for (stage, round_trip, now) in
        [(Stage::Connect, 0_u32, 950), (Stage::Tls, 700, 700 + 1400 + 200), (Stage::Exchange, 700, 700 + 1400 + 700)]
    {
        let stages = if round_trip == 0 { json!([]) } else { json!([connected(f64::from(round_trip))]) };
        let mut slow = situation(&stages);
        for climb in &mut slow.climbs {
            let since = Duration::from_millis(if stage == Stage::Exchange { 2100 } else { u64::from(round_trip) });
            climb.waits = Some(Waiting { stage, since });
        }
        assert_eq!(kinds(&slow, now), [""; 0], "{stage}");
    }
}

#[test]
fn what_a_second_look_proves_is_looked_at_again() {
    let not_tls = json!({ "kind": "not-tls", "first_bytes": "5353482d" });
    let banner = situation(&json!([connected(31.0), failed("tls", &not_tls, &Value::Null)]));
    assert_eq!(kinds(&banner, 100), ["repeat", "portal"]);
}

#[test]
fn the_clock_is_asked_for_only_where_nothing_but_time_fails() {
    let refused = json!({ "kind": "not-accepted" });
    let seen = |verdict, name_matches| {
        let tls = failed("tls", &refused, &shown(verdict, name_matches, "foreign"));
        kinds(&situation(&json!([connected(31.0), tls])), 100)
    };
    assert_eq!(seen("expired", true), ["clock"]);
    assert_eq!(seen("not-yet-valid", true), ["clock"]);
    assert_eq!(seen("expired", false), ["portal"]);
    assert_eq!(seen("unknown-issuer", true), ["issuer", "portal"]);
}

#[test]
fn an_address_that_fails_beside_one_that_answers_is_tried_twice() {
    let mut two = situation(&json!([connected(31.0)]));
    let refused = json!({ "kind": "refused", "icmp_ruled_out": true });
    let mut other = attempt(&json!([failed("connect", &refused, &Value::Null)]));
    other.address = "40.83.12.5".parse().expect("an address");
    let check = two.climbs[0].check.clone();
    two.climbs.push(Climb { check, attempt: other, waits: None });
    assert_eq!(kinds(&two, 100), ["path"], "no address has arrived yet");
    two.depth = crate::target::Depth::Connect;
    assert!(kinds(&two, 100).contains(&"repeat"));
}
