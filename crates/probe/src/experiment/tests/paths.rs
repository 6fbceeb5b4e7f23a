//! Where paths are traced, and where other packets than SYNs are.

use super::*;
use crate::experiment::path;

fn traced(snapshot: &Snapshot, now_ms: u64) -> Vec<String> {
    let plans = wanted(snapshot, now_ms).into_iter();
    plans
        .filter_map(|plan| match plan {
            ExperimentPlan::Path(path::Plan { failing }) => Some(failing.to_string()),
            _ => None,
        })
        .collect()
}

#[test]
fn a_port_that_waits_while_another_answers_is_traced_and_looked_for_in_this_machine() {
    let mut dropped = snapshot(&json!([connected(20.0)]));
    waits(&mut dropped.attempts[0], Stage::Connect, 10);
    assert_eq!(traced(&dropped, 1150), [""; 0], "a SYN may have been lost, and the next takes its time");
    assert_eq!(traced(&dropped, 1250), ["40.83.12.4:8883"]);
    assert_eq!(kinds(&dropped, 1250), ["path", "local-drops"]);
}

#[test]
fn where_nothing_answers_the_wait_is_longer() {
    let mut dropped = snapshot(&json!([]));
    dropped.attempts.iter_mut().for_each(|tracked| waits(tracked, Stage::Connect, 10));
    assert_eq!(traced(&dropped, 1900), [""; 0]);
    assert_eq!(kinds(&dropped, 1900), [""; 0]);
    assert_eq!(traced(&dropped, 2100), [""; 0], "no port shows the path: other packets do");
    assert_eq!(kinds(&dropped, 2100), ["portal", "address-path", "reverse-path", "local-drops"]);
}

#[test]
fn a_lone_port_that_is_dropped_is_compared_with_the_likeliest() {
    let mut lone = snapshot(&json!([]));
    lone.attempts.retain(|tracked| tracked.check.endpoint.port == 8883);
    lone.attempts.iter_mut().for_each(|tracked| waits(tracked, Stage::Connect, 10));
    assert_eq!(kinds(&lone, 900), [""; 0]);
    assert_eq!(kinds(&lone, 1050), ["reference-port"]);
    assert!(!kinds(&lone, 2100).contains(&"address-path"), "that port may yet show the path");
    let came_to = |taken: Value| {
        let observed = json!({
            "kind": "reference-port", "started_after_ms": 1010.0, "duration_ms": 20.0, "address": ADDRESS, "port": 443,
            "taken": taken, "took_ms": 20.0
        });
        serde_json::from_value(observed).expect("an experiment")
    };
    lone.experiments = vec![came_to(json!(true))];
    assert_eq!(traced(&lone, 2100), ["40.83.12.4:8883"]);
    lone.experiments = vec![came_to(Value::Null)];
    assert_eq!(traced(&lone, 2100), [""; 0]);
    assert!(kinds(&lone, 2100).contains(&"address-path"), "other packets than SYNs have to");
}

/// 700 ms there and back, and a SYN lost: it is answered 1.7 s after it was first sent.
#[test]
fn a_slow_link_that_loses_a_syn_is_not_traced() {
    let mut slow = snapshot(&json!([connected(700.0)]));
    waits(&mut slow.attempts[0], Stage::Connect, 10);
    assert_eq!(kinds(&slow, 3500), [""; 0]);
}

#[test]
fn what_a_router_may_still_say_to_a_climb_is_not_used_up() {
    let refused = json!({ "kind": "refused", "icmp_ruled_out": true });
    let mut early = snapshot(&json!([failed("connect", &refused, &Value::Null)]));
    waits(&mut early.attempts[1], Stage::Connect, 10);
    for tracked in &mut early.attempts[3..] {
        tracked.attempt = attempt(&json!([connected(20.0)]));
    }
    assert_eq!(traced(&early, 100), [""; 0]);
    assert_eq!(traced(&early, 1050).len(), 2, "two other ports were refused");
}

#[test]
fn an_address_that_resets_every_port_is_looked_at_by_other_packets() {
    let refused = json!({ "kind": "refused", "icmp_ruled_out": true });
    let reset = snapshot(&json!([failed("connect", &refused, &Value::Null)]));
    assert_eq!(kinds(&reset, 100), ["portal", "address-path"]);
    let mut one_waits = reset.clone();
    waits(&mut one_waits.attempts[1], Stage::Connect, 10);
    assert_eq!(kinds(&one_waits, 1050), [""; 0], "it may still answer");
    assert!(kinds(&one_waits, 2100).contains(&"address-path"));
}

#[test]
fn who_rejects_needs_no_other_packets() {
    let icmp = json!({ "kind": "icmp", "type": 3, "code": 13, "offender": "10.0.0.2", "from_this_machine": false });
    let rejected = snapshot(&json!([failed("connect", &icmp, &Value::Null)]));
    assert_eq!(kinds(&rejected, 100), ["portal", "path"]);
}

#[test]
fn neither_loopback_nor_this_machines_own_refusal_has_a_path() {
    for (address, failure) in [
        ("127.0.0.1", json!({ "kind": "refused", "icmp_ruled_out": true })),
        (ADDRESS, json!({ "kind": "refused", "icmp_ruled_out": false })),
        (ADDRESS, json!({ "kind": "local", "errno": "EPERM" })),
        (ADDRESS, json!({ "kind": "no-route" })),
        (ADDRESS, json!({ "kind": "icmp", "type": 3, "code": 1, "offender": "10.0.0.2", "from_this_machine": true })),
    ] {
        let mut here = snapshot(&json!([failed("connect", &failure, &Value::Null)]));
        here.attempts.iter_mut().for_each(|tracked| tracked.attempt.address = address.parse().expect("an address"));
        assert_eq!(traced(&here, 3000), [""; 0], "{failure}");
    }
}

#[test]
fn a_handshake_that_leads_nowhere_is_traced() {
    let mut mute = snapshot(&json!([connected(31.0)]));
    waits(&mut mute.attempts[0], Stage::Tls, 40);
    assert_eq!(traced(&mute, 1200), ["40.83.12.4:8883"]);
}
