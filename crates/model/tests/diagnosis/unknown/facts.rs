//! Facts that only some systems tell, and how a report looks without them.

use serde_json::{Map, Value, json};

type Forget = Box<dyn Fn(&mut Value)>;
type Named = (&'static str, fn(&mut Value));

/// Experiments that need what only some systems let a socket do, or count.
const OF_SOME_SYSTEMS: [&str; 10] = [
    "address-path",
    "dropped-hello",
    "hello-distance",
    "hello-path",
    "hello-size",
    "local-drops",
    "path",
    "reverse-path",
    "segment-size",
    "upstream",
];

/// Those that read ICMP errors.
const OF_ICMP: [&str; 4] = ["address-path", "dropped-hello", "hello-path", "path"];

/// Experiments that ask the name servers of this machine, and are made where it tells them.
const OF_NAME_SERVERS: [&str; 5] = ["dns", "dns-search", "dns-wildcard", "lookup", "name-sources"];

/// Each kind of fact alone, then together as a system lacks them.
pub fn all() -> Vec<(String, Forget)> {
    let single: [Named; 21] = [
        ("the gateway", |report| set_in_vantage(report, "gateway", Value::Null)),
        ("the host name", |report| set_in_vantage(report, "host", Value::Null)),
        ("interfaces", |report| set_in_network(report, "interfaces", Value::Null)),
        ("default routes", |report| set_in_network(report, "default_routes", Value::Null)),
        ("routes", |report| {
            set_in_network(report, "hub", json!([]));
            set_in_network(report, "resolvers", json!([]));
        }),
        ("interfaces of routes", plain_routes),
        ("neighbours", |report| {
            set_each(report, "neighbour", &Value::Null);
            set_each(report, "gateway_unanswered_ms", &Value::Null);
        }),
        ("the reverse path filter", |report| set_each(report, "reverse_path_filter", &Value::Null)),
        ("containers", |report| set_in_network(report, "container", json!([]))),
        ("tracked connections", |report| set_in_network(report, "tracked_connections", Value::Null)),
        ("the hosts file", |report| set_in_network(report, "named_in_hosts", json!([]))),
        ("name servers", no_name_servers),
        ("ICMP errors, which end a connection with an errno", icmp_by_errno),
        ("ICMP errors, which end no connection", icmp_unheard),
        ("senders of ICMP errors", |report| {
            set_each(report, "offender", &Value::Null);
            set_each(report, "from_this_machine", &Value::Bool(false));
        }),
        ("routers on paths", no_routers),
        ("whether ICMP refused", |report| set_each(report, "icmp_ruled_out", &Value::Bool(false))),
        ("TCP states", no_tcp_states),
        ("distances of answers", |report| {
            set_each(report, "answer_ttl", &Value::Null);
            set_each(report, "end_ttl", &Value::Null);
        }),
        ("ports of this machine", no_ports),
        ("packets that were not sent", |report| set_each(report, "packets_not_sent", &Value::Null)),
    ];
    let single = single.into_iter().map(|(name, forget)| (name.to_owned(), Box::new(forget) as Forget));
    let experiments = OF_SOME_SYSTEMS.into_iter().chain(["name-sources"]).map(|kind| {
        let forget = move |report: &mut Value| without_experiments(report, &[kind]);
        (format!("the experiment {kind}"), Box::new(forget) as Forget)
    });
    let together: [Named; 3] = [
        ("all experiments of sockets", |report| without_experiments(report, &OF_SOME_SYSTEMS)),
        ("what the portable fallback does not tell, with an errno", |report| {
            icmp_by_errno(report);
            fallback(report);
        }),
        ("what the portable fallback does not tell", |report| {
            icmp_unheard(report);
            fallback(report);
        }),
    ];
    let together = together.into_iter().map(|(name, forget)| (name.to_owned(), Box::new(forget) as Forget));
    single.chain(experiments).chain(together).collect()
}

/// A system of which nothing is known but what every system tells.
fn fallback(report: &mut Value) {
    set_in_vantage(report, "gateway", Value::Null);
    set_in_vantage(report, "resolvers", json!([]));
    without_experiments(report, &OF_SOME_SYSTEMS);
    no_name_servers(report);
    no_tcp_states(report);
    plain_routes(report);
    for key in ["interfaces", "default_routes", "tracked_connections", "gateway_unanswered_ms"] {
        set_in_network(report, key, Value::Null);
    }
    for key in ["container", "named_in_hosts"] {
        set_in_network(report, key, json!([]));
    }
    set_each(report, "icmp_ruled_out", &Value::Bool(false));
    no_ports(report);
}

fn no_routers(report: &mut Value) {
    each_object(report, &mut |object| {
        if object.contains_key("ttl")
            && let Some(answer) = object.get_mut("answer").and_then(Value::as_object_mut)
        {
            answer.entry("from").and_modify(|from| *from = Value::Null);
        }
    });
}

fn no_ports(report: &mut Value) {
    each_object(report, &mut |object| {
        if object.get("kind").is_some_and(|kind| kind == "no-port") {
            object.insert("range".to_owned(), Value::Null);
            object.insert("taken".to_owned(), Value::Null);
        }
    });
}

/// A route has a source everywhere; its interface, gateway and neighbour are known to few.
fn plain_routes(report: &mut Value) {
    for key in ["hub", "resolvers"] {
        let routes = report.pointer_mut(&format!("/vantage/network/{key}")).and_then(Value::as_array_mut);
        for route in routes.into_iter().flatten() {
            for unknown in ["interface", "gateway", "neighbour"] {
                if let Some(known) = route.get_mut(unknown) {
                    *known = Value::Null;
                }
            }
        }
    }
}

fn no_name_servers(report: &mut Value) {
    set_in_vantage(report, "resolvers", json!([]));
    set_in_vantage(report, "unused_resolvers", json!([]));
    set_in_network(report, "resolvers", json!([]));
    set_in_network(report, "resolves_itself", Value::Bool(false));
    without_experiments(report, &OF_NAME_SERVERS);
}

fn no_tcp_states(report: &mut Value) {
    set_each(report, "retransmits", &Value::Null);
    set_each(report, "acknowledged", &Value::Null);
}

/// As a system without an error queue ends a connect that an ICMP error answers.
fn icmp_by_errno(report: &mut Value) {
    without_experiments(report, &OF_ICMP);
    each_icmp(report, |failure, v6| {
        let code = failure["code"].as_u64();
        match code == Some(if v6 { 4 } else { 3 }) {
            true => json!({ "kind": "refused", "icmp_ruled_out": false }),
            false => json!({ "kind": "unreachable" }),
        }
    });
}

/// As a system waits that takes ICMP errors of a connect for passing troubles.
fn icmp_unheard(report: &mut Value) {
    without_experiments(report, &OF_ICMP);
    each_icmp(report, |_, _| json!({ "kind": "timed-out", "retransmits": null }));
}

/// Every connect that an ICMP error ended, with its family; other records of ICMP errors go.
fn each_icmp(report: &mut Value, instead: fn(&Map<String, Value>, bool) -> Value) {
    each_object(report, &mut |object| {
        object.remove("rejection");
        object.remove("unreachable");
        let v6 = object.get("address").and_then(Value::as_str).is_some_and(|address| address.contains(':'));
        for stage in object.get_mut("stages").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(failure) = stage.get_mut("failure").filter(|failure| failure["kind"] == "icmp")
                && let Some(icmp) = failure.as_object()
            {
                *failure = instead(icmp, v6);
            }
        }
    });
}

fn without_experiments(report: &mut Value, kinds: &[&str]) {
    each_object(report, &mut |object| {
        if let Some(experiments) = object.get_mut("experiments").and_then(Value::as_array_mut) {
            experiments.retain(|experiment| !kinds.iter().any(|kind| experiment["kind"] == **kind));
        }
    });
}

fn set_in_vantage(report: &mut Value, key: &str, value: Value) {
    if let Some(vantage) = report["vantage"].as_object_mut().filter(|vantage| vantage.contains_key(key)) {
        vantage.insert(key.to_owned(), value);
    }
}

fn set_in_network(report: &mut Value, key: &str, value: Value) {
    if let Some(network) = report.pointer_mut("/vantage/network").and_then(Value::as_object_mut) {
        network.insert(key.to_owned(), value);
    }
}

/// Sets every value of this name, wherever it was recorded.
fn set_each(report: &mut Value, key: &str, value: &Value) {
    each_object(report, &mut |object| {
        if let Some(known) = object.get_mut(key) {
            *known = value.clone();
        }
    });
}

fn each_object(value: &mut Value, change: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            change(object);
            object.values_mut().for_each(|value| each_object(value, change));
        }
        Value::Array(values) => values.iter_mut().for_each(|value| each_object(value, change)),
        _ => {}
    }
}
