//! Which experiments are wanted: a pure decision.

mod paths;

use std::{collections::HashSet, time::Duration};

use serde_json::{Value, json};

use super::{ExperimentPlan, snapshot_view::SnapshotView};
use crate::{
    hub::{HubHost, Target, TargetOptions},
    observation::{Attempt, Experiment, Snapshot, Stage, TrackedAttempt, Waiting},
};

pub(super) const ADDRESS: &str = "40.83.12.4";

/// One attempt for each protocol of a hub, each showing `stages`.
pub(super) fn snapshot(stages: &Value) -> Snapshot {
    let host = HubHost::parse("contoso.azure-devices.net").expect("a host");
    let target = Target::new(host, &TargetOptions::default()).expect("a target");
    let tracked = |check: &crate::hub::Check| TrackedAttempt {
        check: check.clone(),
        attempt: attempt(stages),
        waits: None,
        fills_a_segment: false,
    };
    Snapshot { attempts: target.checks.iter().map(tracked).collect(), ..Snapshot::default() }
}

pub(super) fn attempt(stages: &Value) -> Attempt {
    serde_json::from_value(json!({ "address": ADDRESS, "stages": stages })).expect("an attempt")
}

pub(super) fn ok(stage: &str, ms: f64, evidence: &Value) -> Value {
    json!({ "stage": stage, "outcome": "ok", "duration_ms": ms, "evidence": evidence })
}

pub(super) fn failed(stage: &str, failure: &Value, evidence: &Value) -> Value {
    json!({ "stage": stage, "outcome": "failed", "duration_ms": 20.0, "failure": failure, "evidence": evidence })
}

pub(super) fn connected(ms: f64) -> Value {
    ok("connect", ms, &json!({ "local": null, "retransmits": 0, "hedged": false }))
}

/// A certificate of which the device and the hub's roots say `verdict`.
pub(super) fn shown(verdict: &str, name_matches: bool, identity: &str) -> Value {
    json!({
        "server_name": null, "version": null, "cipher_suite": null, "key_exchange": null, "alpn": null,
        "client_certificate_requested": false, "chain": [], "chain_left_out": 0,
        "trust": {
            "verified_at": "2026-11-22T14:03:11Z", "name_matches": name_matches, "identity": identity, "hub_root": null,
            "device": { "outcome": verdict }, "hub": { "outcome": verdict }
        }
    })
}

fn view(snapshot: &Snapshot, now_ms: u64) -> SnapshotView<'_> {
    let now = Duration::from_millis(now_ms);
    SnapshotView { snapshot, now, still: now, large_hello: false, companions: false }
}

fn wanted(snapshot: &Snapshot, now_ms: u64) -> Vec<ExperimentPlan> {
    super::wanted(view(snapshot, now_ms))
}

pub(super) fn kinds(snapshot: &Snapshot, now_ms: u64) -> Vec<&'static str> {
    let mut kinds: Vec<_> = wanted(snapshot, now_ms).iter().map(ExperimentPlan::kind).collect();
    kinds.dedup();
    kinds
}

#[test]
fn a_healthy_network_wants_none() {
    let exchange = ok("exchange", 12.0, &json!({ "protocol": "mqtt", "return_code": 5, "session_present": false }));
    let healthy = snapshot(&json!([connected(31.0), ok("tls", 40.0, &shown("trusted", true, "proven")), exchange]));
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
        let mut slow = snapshot(&stages);
        for tracked in &mut slow.attempts {
            let since = Duration::from_millis(if stage == Stage::Exchange { 2100 } else { u64::from(round_trip) });
            tracked.waits = Some(Waiting { stage, since });
        }
        assert_eq!(kinds(&slow, now), [""; 0], "{stage}");
    }
}

#[test]
fn what_a_second_look_proves_is_looked_at_again() {
    let not_tls = json!({ "kind": "not-tls", "first_bytes": "5353482d" });
    let banner = snapshot(&json!([connected(31.0), failed("tls", &not_tls, &Value::Null)]));
    let distance = crate::net::os::TRACES_PATHS.then_some("hello-distance");
    let wanted: Vec<&str> = distance.into_iter().chain(["repeat", "portal", "path"]).collect();
    assert_eq!(kinds(&banner, 100), wanted);
}

/// `GET / HTTP/1.1` would be answered in clear; a server that speaks first has said what it is.
#[test]
fn who_speaks_no_tls_is_asked_in_clear() {
    let wanted = |failure: &Value| {
        let stages = json!([connected(31.0), failed("tls", failure, &Value::Null)]);
        kinds(&snapshot(&stages), 100).contains(&"in-clear")
    };
    for kind in ["closed", "reset"] {
        assert!(wanted(&json!({ "kind": kind, "bytes_received": 0 })), "{kind}");
        assert!(!wanted(&json!({ "kind": kind, "bytes_received": 700 })), "{kind} after a ServerHello");
    }
    assert!(wanted(&json!({ "kind": "timed-out", "bytes_received": 0, "acknowledged": true })));
    assert!(!wanted(&json!({ "kind": "timed-out", "bytes_received": 0, "acknowledged": false })));
    assert!(wanted(&json!({ "kind": "not-tls", "first_bytes": "485454502f312e31" })), "HTTP/1.1");
    assert!(!wanted(&json!({ "kind": "not-tls", "first_bytes": "5353482d" })), "SSH-");
    assert!(!wanted(&json!({ "kind": "alert", "code": 40, "name": "" })));
}

/// A trace of SYNs, or of hellos, which this test does not look into.
fn distance(handshake: u8, end: Option<u8>) -> Experiment {
    serde_json::from_value(json!({
        "kind": "hello-distance", "started_after_ms": 20.0, "duration_ms": 9.0,
        "path": { "address": ADDRESS, "port": 8883, "probes": [], "answer_ttl": handshake },
        "hellos": { "server_name": "contoso.azure-devices.net", "probes": [] }, "unprompted": false, "end_ttl": end
    }))
    .expect("an experiment")
}

fn in_clear(reply: &Value) -> Experiment {
    serde_json::from_value(json!({
        "kind": "in-clear", "started_after_ms": 20.0, "duration_ms": 9.0, "address": ADDRESS, "port": 8883,
        "questions": [{ "protocol": "mqtt", "duration_ms": 9.0, "reply": reply }]
    }))
    .expect("an experiment")
}

/// Whom such a header might tell something is never told it on a guess.
#[test]
fn a_proxy_header_is_sent_only_where_all_else_came_to_nothing() {
    let reset = json!({ "kind": "reset", "bytes_received": 0 });
    let (closed, connack) = (json!({ "outcome": "closed" }), json!({ "outcome": "bytes", "first_bytes": "20020005" }));
    let by_the_peer = || distance(61, Some(61));
    for (experiments, wanted) in [
        (vec![by_the_peer(), in_clear(&closed)], true),
        (vec![by_the_peer()], false),
        (vec![in_clear(&closed)], false),
        (vec![by_the_peer(), in_clear(&connack)], false),
        (vec![distance(61, Some(63)), in_clear(&closed)], false),
        (vec![distance(61, None), in_clear(&closed)], false),
    ] {
        let mut ended = snapshot(&json!([connected(31.0), failed("tls", &reset, &Value::Null)]));
        ended.experiments = experiments;
        assert_eq!(kinds(&ended, 100).contains(&"proxy-header"), wanted, "{:#?}", ended.experiments);
    }
}

#[test]
fn a_long_message_that_is_not_answered_is_sent_in_smaller_segments() {
    let tls = || ok("tls", 40.0, &shown("trusted", true, "proven"));
    let mute = |acknowledged: &Value| {
        let failure = json!({ "kind": "timed-out", "bytes_received": 0, "acknowledged": acknowledged });
        snapshot(&json!([connected(31.0), tls(), failed("exchange", &failure, &Value::Null)]))
    };
    let wanted = |snapshot: &Snapshot, now_ms| kinds(snapshot, now_ms).contains(&"upstream");
    for (acknowledged, lost) in [(json!(false), true), (Value::Null, true), (json!(true), false)] {
        let mut mute = mute(&acknowledged);
        assert!(!wanted(&mute, 100), "no message was long");
        mute.attempts[0].fills_a_segment = true;
        assert_eq!(wanted(&mute, 100), lost && crate::net::os::CLAMPS_SEGMENTS);
    }
    let mut waiting = snapshot(&json!([connected(31.0), tls()]));
    waits(&mut waiting.attempts[0], Stage::Exchange, 80);
    waiting.attempts[0].fills_a_segment = true;
    assert!(!wanted(&waiting, 1080));
    assert_eq!(wanted(&waiting, 1200), crate::net::os::CLAMPS_SEGMENTS);
}

#[test]
fn a_portal_is_looked_for_where_nothing_gets_through() {
    let refused = failed("connect", &json!({ "kind": "refused", "icmp_ruled_out": true }), &Value::Null);
    let mut closed = snapshot(&json!([refused]));
    assert!(kinds(&closed, 100).contains(&"portal"));
    waits(&mut closed.attempts[2], Stage::Connect, 10);
    assert!(!kinds(&closed, 1500).contains(&"portal"), "one may yet be answered");
    assert!(kinds(&closed, 2100).contains(&"portal"));
    closed.attempts[2] = snapshot(&json!([connected(20.0)])).attempts.remove(2);
    assert!(!kinds(&closed, 2100).contains(&"portal"), "one stands");
}

#[test]
fn the_clock_is_asked_for_only_where_nothing_but_time_fails() {
    let refused = json!({ "kind": "not-accepted" });
    let observed = |verdict, name_matches| {
        let tls = failed("tls", &refused, &shown(verdict, name_matches, "foreign"));
        kinds(&snapshot(&json!([connected(31.0), tls])), 100)
    };
    assert_eq!(observed("expired", true), ["clock"]);
    assert_eq!(observed("not-yet-valid", true), ["clock"]);
    assert_eq!(observed("expired", false), ["portal"]);
    assert_eq!(observed("unknown-issuer", true), ["issuer", "portal"]);
}

#[test]
fn an_address_that_fails_beside_one_that_answers_is_tried_twice() {
    let mut two = snapshot(&json!([connected(31.0)]));
    let refused = json!({ "kind": "refused", "icmp_ruled_out": true });
    let mut other = attempt(&json!([failed("connect", &refused, &Value::Null)]));
    other.address = "40.83.12.5".parse().expect("an address");
    let check = two.attempts[0].check.clone();
    two.attempts.push(TrackedAttempt { check, attempt: other, waits: None, fills_a_segment: false });
    assert_eq!(kinds(&two, 100), ["path"], "no address has arrived yet");
    two.depth = crate::hub::Depth::Connect;
    assert!(kinds(&two, 100).contains(&"repeat"));
}

fn waits(tracked: &mut TrackedAttempt, stage: Stage, since_ms: u64) {
    tracked.waits = Some(Waiting { stage, since: Duration::from_millis(since_ms) });
    if stage == Stage::Connect {
        tracked.attempt = attempt(&json!([]));
    }
}

/// What hellos with the hub's name and with another got.
fn names(own: &Value, other: &Value) -> Experiment {
    let trial = |name: &str, answer: &Value| {
        json!({
            "server_name": name, "versions": [], "alpn": [], "mss": null, "hello_bytes": 240, "duration_ms": 9.0,
            "answer": answer
        })
    };
    let trials = [trial("contoso.azure-devices.net", own), trial(super::hello::NEUTRAL, other)];
    serde_json::from_value(json!({
        "kind": "server-name", "started_after_ms": 20.0, "duration_ms": 9.0, "address": ADDRESS, "port": 8883,
        "trials": trials
    }))
    .expect("an experiment")
}

#[test]
fn the_place_of_a_filter_is_looked_for_only_where_there_is_one() {
    let reset = json!({ "outcome": "reset", "bytes_received": 0 });
    let hello = json!({
        "outcome": "server-hello", "version": null, "chain_complete": false, "top_issuer": null, "for_name": null
    });
    for (own, other, wanted) in [(&reset, &hello, true), (&reset, &reset, false), (&hello, &hello, false)] {
        let mut filtered = snapshot(&json!([connected(31.0)]));
        filtered.experiments = vec![names(own, other)];
        assert_eq!(kinds(&filtered, 100).contains(&"hello-path"), wanted, "{own} {other}");
    }
}

/// The experiments that are made of hellos.
fn of_hellos(snapshot: &Snapshot, now_ms: u64) -> Vec<&'static str> {
    let hellos = ["server-name", "alpn", "segment-size", "tls-version", "wide-hello", "downgrade"];
    kinds(snapshot, now_ms).into_iter().filter(|kind| hellos.contains(kind)).collect()
}

/// An attempt to AWS's MQTT on 443 and one to the same port without ALPN, each showing `stages`, waiting or not.
fn at_aws(stages: &Value, waits: Option<Waiting>) -> Snapshot {
    let host = HubHost::parse("a1b2c3-ats.iot.eu-west-1.amazonaws.com").expect("a host");
    let target = Target::new(host, &TargetOptions::default()).expect("a target");
    let on_443 = target.checks.iter().filter(|check| check.endpoint.port == 443).take(2);
    let tracked = |check: &crate::hub::Check| TrackedAttempt {
        check: check.clone(),
        attempt: attempt(stages),
        waits,
        fills_a_segment: false,
    };
    Snapshot { attempts: on_443.map(tracked).collect(), ..Snapshot::default() }
}

#[test]
fn what_ends_a_hello_is_compared_with_other_hellos() {
    let observed = |failure: &Value| {
        let stages = json!([connected(31.0), failed("tls", failure, &Value::Null)]);
        (of_hellos(&snapshot(&stages), 100), of_hellos(&at_aws(&stages, None), 100))
    };
    let reset = json!({ "kind": "reset", "bytes_received": 0 });
    assert_eq!(observed(&reset), (vec!["server-name", "wide-hello"], vec!["server-name", "alpn", "wide-hello"]));
    assert_eq!(observed(&json!({ "kind": "closed", "bytes_received": 0 })).0, ["server-name", "wide-hello"]);
    assert_eq!(observed(&json!({ "kind": "closed", "bytes_received": 9 })).0, ["server-name"]);
    let silent = json!({ "kind": "timed-out", "bytes_received": 0, "acknowledged": true });
    let sizes = if crate::net::os::CLAMPS_SEGMENTS { vec!["server-name", "segment-size"] } else { vec!["server-name"] };
    assert_eq!(observed(&silent).0, sizes);
    for alert in [40, 70, 71] {
        let alert = json!({ "kind": "alert", "code": alert, "name": "" });
        assert_eq!(observed(&alert).0, ["server-name", "tls-version", "wide-hello"]);
    }
    assert_eq!(observed(&json!({ "kind": "alert", "code": 112, "name": "" })).0, ["server-name"]);
    assert_eq!(observed(&json!({ "kind": "alert", "code": 109, "name": "" })).0, ["server-name", "tls-version"]);
    assert_eq!(observed(&json!({ "kind": "incompatible", "reason": "" })).0, ["tls-version", "wide-hello"]);
    assert_eq!(observed(&json!({ "kind": "invalid", "reason": "" })).0, ["tls-version"]);
    assert_eq!(observed(&json!({ "kind": "downgraded" })).0, ["downgrade"]);
}

/// An attempt that went on with TLS 1.2 alone asks whose the mark was, however well it ended.
#[test]
fn a_mark_is_looked_into_where_the_climb_went_on() {
    let with = |downgraded: bool| {
        let mut observed = shown("trusted", true, "proven");
        observed["downgraded"] = json!(downgraded);
        of_hellos(&snapshot(&json!([connected(31.0), ok("tls", 40.0, &observed)])), 100)
    };
    assert_eq!((with(true), with(false)), (vec!["downgrade"], vec![]));
}

/// One comparison serves every check on a port.
#[test]
fn a_port_is_compared_once() {
    let reset = json!({ "kind": "reset", "bytes_received": 0 });
    let stopped = snapshot(&json!([connected(31.0), failed("tls", &reset, &Value::Null)]));
    let plans: HashSet<ExperimentPlan> = wanted(&stopped, 100).into_iter().collect();
    let names = plans.iter().filter(|plan| matches!(plan, ExperimentPlan::ServerName(_)));
    assert_eq!(names.count(), 3, "{plans:?}");
}

#[test]
fn a_hello_that_waits_long_is_compared_while_it_waits() {
    let waits = Some(Waiting { stage: Stage::Tls, since: Duration::from_millis(31) });
    let waiting = at_aws(&json!([connected(31.0)]), waits);
    assert_eq!(of_hellos(&waiting, 1000), [""; 0]);
    let sizes = if crate::net::os::CLAMPS_SEGMENTS { 3 } else { 2 };
    assert_eq!(of_hellos(&waiting, 1200), ["server-name", "alpn", "segment-size"][..sizes]);
}

/// After the peer's certificate no filter stops a name any more.
#[test]
fn what_fails_behind_the_certificate_is_not_compared() {
    let mut observed = shown("trusted", true, "proven");
    let certificate = json!({
        "subject": null, "issuer": null, "names": [], "not_before": null, "not_after": null, "sha256": "", "spki_sha256": null,
        "der": ""
    });
    observed["chain"] = json!([certificate]);
    let reset = json!({ "kind": "reset", "bytes_received": 4000 });
    assert_eq!(of_hellos(&snapshot(&json!([connected(31.0), failed("tls", &reset, &observed)])), 100), [""; 0]);
}

/// A larger hello is sent only where TLS works, and never of the program's own accord.
#[test]
fn a_larger_hello_is_for_ports_that_work() {
    let exchange = ok("exchange", 12.0, &json!({ "protocol": "mqtt", "return_code": 5, "session_present": false }));
    let healthy = snapshot(&json!([connected(31.0), ok("tls", 40.0, &shown("trusted", true, "proven")), exchange]));
    let wanted = |snapshot: &Snapshot, large_hello| {
        let plans = super::wanted(SnapshotView { large_hello, ..view(snapshot, 1000) });
        plans.iter().any(|plan| matches!(plan, ExperimentPlan::HelloSize(_)))
    };
    assert!(wanted(&healthy, true) && !wanted(&healthy, false));
    let reset = json!({ "kind": "reset", "bytes_received": 0 });
    assert!(!wanted(&snapshot(&json!([connected(31.0), failed("tls", &reset, &Value::Null)])), true));
}

/// Strangers whom a chain names are asked only where the user wants it, of a peer that is accepted, and once all else has ended.
#[test]
fn revocation_is_asked_for_by_the_user_alone() {
    let certificate = json!({ "sha256": "leaf", "crl": ["http://crl.test/a.crl"], "ocsp": ["http://ocsp.test"] });
    let on_path =
        |sha256| json!({ "subject": null, "sha256": sha256, "not_before": null, "not_after": null, "sent": true });
    let with = |identity: &str| {
        let mut observed = shown("trusted", true, identity);
        observed["chain"] = json!([certificate]);
        observed["trust"]["device"]["path"] = json!([on_path("leaf"), on_path("root")]);
        snapshot(&json!([connected(31.0), ok("tls", 40.0, &observed)]))
    };
    let wanted = |snapshot: &Snapshot, companions| {
        let view = SnapshotView { companions, ..view(snapshot, 1000) };
        let plans = super::wanted(view).into_iter().filter(|plan| matches!(plan, ExperimentPlan::Revocation(_)));
        let plans: Vec<_> = plans.collect();
        assert!(plans.iter().all(|plan| plan.concurrency(view) == super::Concurrency::Alone));
        plans.len()
    };
    assert_eq!((wanted(&with("proven"), true), wanted(&with("trusted"), true)), (1, 1));
    assert_eq!(wanted(&with("proven"), false), 0);
    for identity in ["intercepted", "untrusted-here", "foreign", "unverified"] {
        assert_eq!(wanted(&with(identity), true), 0, "{identity}");
    }
    let healthy = snapshot(&json!([connected(31.0), ok("tls", 40.0, &shown("trusted", true, "proven"))]));
    assert_eq!(wanted(&healthy, true), 0, "a chain that names none");
}
