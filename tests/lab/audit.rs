//! A site before its devices ship: an audit, a ticket, the firewalls changed as the ticket asks, and the audit again.

use std::{collections::BTreeMap, fs, path::Path};

use hubreach::{
    diagnosis::Verdict,
    report::{self, Report},
    responder::CertificateAuthority,
};
use serde_json::Value;

use super::{
    hub::Hub,
    names::{NameServer, Zone},
    netns::UNPRIVILEGED,
    scenario::{Device, Names, Scenario},
    topology::{self, HUB_V4, Network, ROUTER_V4},
};

/// The hubs, their addresses, and what is stopped of them; the last is well.
const HUBS: [(&str, &str, &str); 4] = [
    ("north.test", "10.77.4.11", "mqtt"),
    ("south.test", "10.77.4.12", "amqp"),
    ("west.test", "10.77.4.13", "https mqtt-ws amqp-ws"),
    ("hub.test", HUB_V4, ""),
];

/// Three routers, each broken in a way of its own, each with a set of what it lets through before anything else. They answer
/// as often as they are asked: four hubs are traced at once here, and what rationing costs is another scenario's.
const SITE: &str = r#"
about = "three hubs, each stopped by another router in another way"

[hub]
certified = ["hub.test", "north.test", "south.test", "west.test"]
more-addresses = ["10.77.4.11/24", "10.77.4.12/24", "10.77.4.13/24"]

[nodes.r1]
commands = ["echo 0 > /proc/sys/net/ipv4/icmp_ratelimit"]
nft = """
table inet site {
  set allowed { type ipv4_addr . inet_service; }
  chain site {
    type filter hook forward priority filter;
    ip daddr . tcp dport @allowed accept
    ip daddr 10.77.4.11 tcp dport 8883 drop
  }
}
"""

[nodes.r2]
commands = ["echo 0 > /proc/sys/net/ipv4/icmp_ratelimit"]
nft = """
table inet site {
  set allowed { type ipv4_addr . inet_service; }
  chain site {
    type filter hook forward priority filter;
    ip daddr . tcp dport @allowed accept
    ip daddr 10.77.4.12 tcp dport 5671 drop
  }
}
"""

[nodes.r3]
commands = ["echo 0 > /proc/sys/net/ipv4/icmp_ratelimit"]
nft = """
table inet site {
  set allowed { type ipv4_addr . inet_service; }
  chain site {
    type filter hook forward priority filter;
    ip daddr . tcp dport @allowed accept
    ip daddr 10.77.4.13 tcp dport 443 reject with icmpx type admin-prohibited
  }
}
"""

[expect]
"#;

/// The routers, by the address that the device sees.
const ROUTERS: [(&str, &str); 3] = [("10.77.1.1", "r1"), ("10.77.2.2", "r2"), ("10.77.3.2", "r3")];

pub fn what_the_ticket_asks_for_is_what_was_missing() -> Result<(), String> {
    let told = |error: std::io::Error| error.to_string();
    let dir = tempfile::tempdir().map_err(told)?;
    let scenario: Scenario = toml::from_str(SITE).map_err(|error| error.to_string())?;
    let network = Network::new(&scenario)?;
    let authority = CertificateAuthority::named("Hub CA").map_err(|error| error.to_string())?;
    let _hub = Hub::planned(network.node("hub"), &scenario.hub, &authority, dir.path())?;
    let addresses = HUBS.map(|(name, address, _)| (name, [address]));
    let zone = Zone::of(&addresses.each_ref().map(|(name, addresses)| (*name, addresses.as_slice())));
    let server = format!("{ROUTER_V4}:53").parse().map_err(|_| "an address".to_owned())?;
    let started = network.node("r1").run(|| NameServer::start(server, zone)).and_then(|server| server);
    let _names = started.map_err(told)?;
    topology::write_etc(dir.path(), &Names::default(), &Device::default()).map_err(told)?;
    fs::write(dir.path().join("ca.pem"), authority.pem()).map_err(told)?;
    let hubs: String = HUBS.iter().map(|(name, ..)| format!("[[target]]\nhub = \"{name}\"\n")).collect();
    let plan = format!("title = \"Site\"\n[defaults]\nrequire = \"all\"\nca = \"ca.pem\"\nhub-ca = \"ca.pem\"\n{hubs}");
    fs::write(dir.path().join("plan.toml"), plan).map_err(told)?;

    let before = audit(&network, dir.path(), "before", 1)?;
    for (host, _, stopped) in HUBS {
        let found = not_allowed(&before, host)?;
        let wanted: Vec<&str> = stopped.split_whitespace().collect();
        if found != wanted {
            return Err(format!("{host}: {found:?} are stopped, not {wanted:?}"));
        }
    }
    let ticket = fs::read_to_string(dir.path().join("before.ticket")).map_err(told)?;
    let rules = rules(&ticket)?;
    for (router, address, port) in &rules {
        let rule = format!("nft add element inet site allowed '{{ {address} . {port} }}'");
        network.node(router).output(&["sh", "-ec", &rule]).map_err(told)?;
    }
    if rules.len() != 3 {
        return Err(format!("three rules were missing, the ticket asks for {rules:?}:\n{ticket}"));
    }

    let after = audit(&network, dir.path(), "after", 0)?;
    if let Some(report) = after
        .iter()
        .find(|report| !report.diagnosis.findings.iter().all(|finding| finding.code.id() == "authentication-refused"))
    {
        return Err(format!("{}: still {:#?}", report.observations.hub.host, report.diagnosis.findings));
    }
    let output = network.node("dev").output(&[
        env!("CARGO_BIN_EXE_hubreach"),
        "diff",
        &dir.path().join("before.json").display().to_string(),
        &dir.path().join("after.json").display().to_string(),
        "--format",
        "json",
    ]);
    let output = output.map_err(told)?;
    let diff: Value = serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())?;
    changed_as_it_should(&diff).map_err(|why| format!("{why}\n{diff:#}\n{ticket}"))
}

/// The audit of the site, its reports in `name.json` and `name.ticket`.
fn audit(network: &Network, dir: &Path, name: &str, status: i32) -> Result<Vec<Report>, String> {
    let path = |suffix: &str| dir.join(format!("{name}.{suffix}")).display().to_string();
    let (json, ticket, plan) = (path("json"), path("ticket"), dir.join("plan.toml").display().to_string());
    let mut words: Vec<String> = ["timeout", "60"].map(str::to_owned).into();
    words.extend(UNPRIVILEGED.map(str::to_owned));
    let command = [env!("CARGO_BIN_EXE_hubreach"), "audit", &plan, "--output", &json, "--output", &ticket];
    words.extend(command.map(str::to_owned));
    topology::with_etc(dir, &mut words);
    let output = network.node("dev").output(&words).map_err(|error| error.to_string())?;
    let said = || format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if output.status.code() != Some(status) {
        return Err(format!("{name}: exit status {:?}, not {status}\n{}", output.status.code(), said()));
    }
    let text = fs::read_to_string(&json).map_err(|error| error.to_string())?;
    report::read(&text).map_err(|error| format!("{name}: {error}\n{}", said()))
}

fn not_allowed(reports: &[Report], host: &str) -> Result<Vec<&'static str>, String> {
    let report = reports
        .iter()
        .find(|report| report.observations.hub.host == host)
        .ok_or_else(|| format!("no report of {host}"))?;
    let stopped = report.checks().filter(|check| check.verdict != Verdict::Allowed);
    Ok(stopped.map(|check| check.observations.protocol.id()).collect())
}

/// What a person who keeps the firewalls reads in the ticket: at which router, to which hub, which port.
fn rules(ticket: &str) -> Result<Vec<(&'static str, &'static str, u16)>, String> {
    let (mut rules, mut router, mut port) = (Vec::new(), None, None);
    for line in ticket.lines() {
        let words: Vec<&str> =
            line.split_whitespace().map(|word| word.trim_matches(['(', ')', ',', '.', ':'])).collect();
        match words.as_slice() {
            // Who is asked: the first router that is named, here or in the lines that follow.
            ["To", "the", ..] => router = None,
            ["TCP", number, ..] => port = number.parse::<u16>().ok(),
            // What is said further down is evidence.
            [] => port = None,
            _ => {}
        }
        if port.is_none() {
            let named = ROUTERS.iter().find(|(address, _)| words.contains(address)).map(|(_, name)| *name);
            router = router.or(named);
        }
        let Some(port) = port else { continue };
        for (name, address, _) in HUBS {
            if words.contains(&name) {
                let router = router.ok_or_else(|| format!("no router is named for {name} and {port}:\n{ticket}"))?;
                rules.push((router, address, port));
            }
        }
    }
    Ok(rules)
}

/// Fixed is what was stopped, and nothing else has changed.
fn changed_as_it_should(diff: &Value) -> Result<(), String> {
    let mut changes: BTreeMap<(String, String), String> = BTreeMap::new();
    for change in diff["checks"].as_array().ok_or("no checks")? {
        let text = |key: &str| change[key].as_str().unwrap_or_default().to_owned();
        changes.insert((text("host"), text("check")), text("change"));
    }
    for (host, _, stopped) in HUBS {
        for protocol in ["mqtt", "amqp", "https", "mqtt-ws", "amqp-ws"] {
            let wanted = if stopped.split_whitespace().any(|one| one == protocol) { "fixed" } else { "unchanged" };
            let found = changes.get(&(host.to_owned(), format!("{protocol}@direct")));
            if found.map(String::as_str) != Some(wanted) {
                return Err(format!("{host} {protocol}: {found:?}, not {wanted}"));
            }
        }
    }
    Ok(())
}
