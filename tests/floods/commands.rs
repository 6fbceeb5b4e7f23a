//! Commands that have more to do than to look at one hub: nobody else is harmed.

use std::{
    fmt::Write as _,
    fs,
    net::SocketAddr,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    path::PathBuf,
    sync::atomic::{AtomicBool, Ordering},
    thread::{self, sleep},
    time::Duration,
};

use hubreach::{Report, diagnosis::Verdict, report};

use super::{
    flood::Flood,
    http,
    peer::{self, Rate},
    program::{Program, run},
    site::{GoodHub, NAME, Site},
};

/// A plan of targets, each a name and the port of one protocol.
fn plan(site: &Site, targets: &[(String, &str, u16)]) -> PathBuf {
    let root = &site.root;
    let mut text =
        format!("[defaults]\naddress = [\"127.0.0.1\"]\ntimeout = \"4s\"\nca = {root:?}\nhub-ca = {root:?}\n");
    for (name, protocol, port) in targets {
        let target = format!("hub = \"{name}\"\nprotocol = [\"{protocol}\"]\nport = {{ {protocol} = {port} }}\n");
        let _ = write!(text, "[[target]]\nkind = \"azure-iot-hub\"\nrequire = \"none\"\n{target}");
    }
    let path = site.dir().join("plan.toml");
    fs::write(&path, text).expect("written");
    path
}

#[test]
fn the_other_hubs_of_an_audit_are_unharmed() {
    let names: Vec<String> = (0..9).map(|number| format!("hub{number}.test")).collect();
    let site = Site::of(&names);
    let good = GoodHub::start(&site);
    let floods = [
        (Flood::Pings, "mqtt-ws"),
        (Flood::EmptyBinary, "amqp-ws"),
        (Flood::Continuations, "mqtt-ws"),
        (Flood::Tickets, "mqtt"),
        (Flood::Fragments, "amqp"),
        (Flood::InterimAnswers, "https"),
    ];
    let mut targets: Vec<(&str, u16)> =
        floods.map(|(flood, protocol)| (protocol, peer::start(&site, flood, Rate::Unlimited))).into();
    targets.extend([("mqtt", good.mqtt), ("https", good.web), ("mqtt-ws", good.web)]);
    let targets: Vec<_> =
        names.into_iter().zip(targets).map(|(name, (protocol, port))| (name, protocol, port)).collect();
    let path = plan(&site, &targets);
    let ended = run(&["audit", path.to_str().expect("UTF-8"), "--jobs", "9", "--format", "json", "-q"]);
    ended.is_bounded("an audit", Duration::from_secs(4));
    let reports = report::read(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {ended:?}"));
    let verdicts: Vec<_> = reports
        .iter()
        .map(|report| (report.diagnosis.verdicts[0].verdict, &report.diagnosis.verdicts[0].summary))
        .collect();
    let (flooded, others) = verdicts.split_at(floods.len());
    assert!(others.iter().all(|(verdict, _)| *verdict == Verdict::Allowed), "{verdicts:#?}");
    assert!(flooded.iter().all(|(verdict, _)| *verdict != Verdict::Allowed), "{verdicts:#?}");
}

#[test]
fn ctrl_c_ends_what_is_flooded_at_once() {
    // One after the other, they keep it busy for many seconds.
    let names: Vec<String> = (0..300).map(|number| format!("hub{number}.test")).collect();
    let site = Site::of(&names);
    let floods = [(Flood::Pings, "mqtt-ws"), (Flood::Tickets, "mqtt"), (Flood::Continuations, "amqp-ws")];
    let ports = floods.map(|(flood, protocol)| (protocol, peer::start(&site, flood, Rate::Unlimited)));
    let targets: Vec<_> =
        names.into_iter().zip(ports.iter().cycle()).map(|(name, (protocol, port))| (name, *protocol, *port)).collect();
    let path = plan(&site, &targets);
    let mut program =
        Program::start(&["audit", path.to_str().expect("UTF-8"), "--jobs", "3", "--format", "ndjson", "-q"]);
    program.wait_until_said("out", "\n");
    let ended = program.ends_at_ctrl_c();
    let reports = ended.stdout.lines().count();
    assert!(ended.status == Some(1) && (2..300).contains(&reports), "{reports} lines: {}", ended.stderr);
    assert!(ended.stdout.contains("\"partial\":true"), "{}", ended.stdout);
}

/// A peer so slow that no bound is reached: nothing but Ctrl-C ends it.
#[test]
fn ctrl_c_ends_a_check_that_waits() {
    let site = Site::new();
    let port = format!("mqtt={}", peer::start(&site, Flood::Tickets, peer::SLOW));
    let args = ["check", NAME, "--address", "127.0.0.1", "--protocol", "mqtt", "--port", &port, "--timeout", "15s"];
    let program = Program::start(&[&args[..], &site.trust(), &["--format", "json", "-q"]].concat());
    sleep(Duration::from_secs(1));
    let ended = program.ends_at_ctrl_c();
    let report = Report::from_json(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {ended:?}"));
    assert!(report.observations.partial && report.diagnosis.verdicts[0].verdict == Verdict::Unknown, "{report:#?}");
}

#[test]
fn an_exporter_whose_hub_floods_stays_healthy() {
    let site = Site::new();
    let floods = [
        (Flood::Tickets, "mqtt"),
        (Flood::Fragments, "amqp"),
        (Flood::InterimAnswers, "https"),
        (Flood::Pings, "mqtt-ws"),
        (Flood::Continuations, "amqp-ws"),
    ];
    let port = |(flood, protocol)| format!("{protocol}={}", peer::start(&site, flood, Rate::Unlimited));
    let ports = floods.map(port).join(",");
    let args = ["exporter", NAME, "--listen", "127.0.0.1:0", "--address", "127.0.0.1", "--port", &ports];
    let mut program = Program::start(&[&args[..], &site.trust(), &["--timeout", "4s"]].concat());
    let address = http::address(&program.wait_until_said("err", "http://"));
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    probe(address);
                }
            });
        }
        // Also where it is not: the others have to end.
        let healthy = catch_unwind(AssertUnwindSafe(|| {
            http::stays_healthy(&mut program, address, Duration::from_secs(3));
        }));
        over.store(true, Ordering::Relaxed);
        healthy.unwrap_or_else(|panic| resume_unwind(panic));
    });
    assert_eq!(program.ends_at_ctrl_c().status, Some(0));
}

fn probe(address: SocketAddr) {
    let answer = http::get(address, &format!("/probe?hub={NAME}")).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("hubreach_probe_deadline_reached"), "{answer}");
}
