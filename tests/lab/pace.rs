//! Audits of more hubs at once than the network bears, and of hubs that are blocked however few are tested.

use std::{fs, path::Path};

use hubreach::{
    diagnosis::{Severity, Verdict},
    report::{Audit, Document},
    responder::CertificateAuthority,
};
use tempfile::TempDir;

use super::{
    hub::Hub,
    names::{NameServer, Zone},
    netns::UNPRIVILEGED,
    scenario::{Device, Names, Scenario},
    topology::{self, Network, ROUTER_V4},
};

const HUBS: usize = 30;

/// New connections beyond so many a second vanish at the second router.
const LIMITED: &str = "tcp flags & (syn | ack) == syn limit rate over 25/second drop";

pub fn hubs_behind_a_limit_of_new_connections_are_all_ready() -> Result<(), String> {
    let site = Site::new(LIMITED)?;
    let (audit, screen) = site.audit(0)?;
    let accused =
        audit.reports.iter().flat_map(|report| &report.diagnosis.findings).find(|one| one.severity == Severity::Error);
    if let Some(finding) = accused {
        return Err(format!("accused: {finding:#?}\n{screen}"));
    }
    let Some(pace) = &audit.summary.pace else { return Err("no pace".to_owned()) };
    let (Some(limit), Some(bears)) = (&pace.limit, &pace.bears) else { return Err(format!("{pace:?}\n{screen}")) };
    let told = screen.contains("This network does not bear 30 targets at a time")
        && screen.contains(&format!("It bears {} target", bears.targets));
    let right = limit.targets == HUBS
        && limit.answered < limit.connections
        && bears.targets < HUBS
        && pace.better_alone > 0
        && pace.better_alone == pace.tested_alone;
    if told && right { Ok(()) } else { Err(format!("{pace:?}\n{screen}")) }
}

/// Whether it is closed for all of them, or for some.
pub fn what_is_blocked_takes_an_audit_no_longer() -> Result<(), String> {
    let some = "ip daddr { 10.77.4.100-10.77.4.109 } tcp dport 8883 drop";
    for (rule, blocked) in [("tcp dport 8883 drop", HUBS), (some, 10)] {
        let (audit, screen) = Site::new(rule)?.audit(1)?;
        let is_blocked = |report: &&hubreach::Report| {
            let of_mqtt = report.checks().filter(|check| check.observations.port == 8883);
            of_mqtt.clone().count() == 1 && of_mqtt.clone().all(|check| check.verdict == Verdict::Blocked)
        };
        let found = audit.reports.iter().filter(is_blocked).count();
        let longest = audit.reports.iter().map(|report| report.observations.duration_ms).fold(0.0, f64::max);
        let took = audit.summary.duration_ms;
        let limit = audit.summary.pace.as_ref().and_then(|pace| pace.limit.as_ref());
        if found != blocked || limit.is_some() || took >= longest * 2.0 {
            return Err(format!("{rule}: {found} blocked, {limit:?}, {took} ms where one takes {longest}:\n{screen}"));
        }
    }
    Ok(())
}

/// 30 hubs behind one rule.
struct Site {
    // Dropped in this order.
    _hub: Hub,
    _names: NameServer,
    network: Network,
    dir: TempDir,
}

impl Site {
    fn new(rule: &str) -> Result<Self, String> {
        let told = |error: std::io::Error| error.to_string();
        let (names, addresses): (Vec<String>, Vec<String>) =
            (0..HUBS).map(|at| (format!("hub-{at:02}.test"), format!("10.77.4.{}", 100 + at))).unzip();
        let listed = |texts: &[String], suffix: &str| {
            texts.iter().map(|text| format!("\"{text}{suffix}\", ")).collect::<String>()
        };
        let scenario = format!(
            "about = \"many hubs\"\n[hub]\ncertified = [{}]\nmore-addresses = [{}]\n[nodes.r2]\nnft = \"\"\"\n\
             table inet site {{\n chain site {{\n type filter hook forward priority filter;\n {rule}\n }}\n}}\n\"\"\"\n[expect]\n",
            listed(&names, ""),
            listed(&addresses, "/24")
        );
        let scenario: Scenario = toml::from_str(&scenario).map_err(|error| format!("{error}: {scenario}"))?;
        let dir = tempfile::tempdir().map_err(told)?;
        let network = Network::new(&scenario)?;
        let authority = CertificateAuthority::named("Hub CA").map_err(|error| error.to_string())?;
        let hub = Hub::planned(network.node("hub"), &scenario.hub, &authority, dir.path())?;
        let zone: Vec<_> =
            names.iter().zip(&addresses).map(|(name, address)| (name.as_str(), [address.as_str()])).collect();
        let zone: Vec<_> = zone.iter().map(|(name, addresses)| (*name, addresses.as_slice())).collect();
        let zone = Zone::of(&zone);
        let server = format!("{ROUTER_V4}:53").parse().map_err(|_| "an address".to_owned())?;
        let started = network.node("r1").run(|| NameServer::start(server, zone)).and_then(|server| server);
        topology::write_etc(dir.path(), &Names::default(), &Device::default()).map_err(told)?;
        fs::write(dir.path().join("ca.pem"), authority.pem()).map_err(told)?;
        let hubs: String = names.iter().map(|name| format!("[[target]]\nhub = \"{name}\"\n")).collect();
        let plan = format!("[defaults]\nrequire = \"all\"\nca = \"ca.pem\"\nhub-ca = \"ca.pem\"\n{hubs}");
        fs::write(dir.path().join("plan.toml"), plan).map_err(told)?;
        Ok(Self { _hub: hub, _names: started.map_err(told)?, network, dir })
    }

    /// The audit, with default options, and its screen.
    fn audit(&self, status: i32) -> Result<(Audit, String), String> {
        let path = |name: &str| self.dir.path().join(name).display().to_string();
        let mut words: Vec<String> = ["timeout", "120"].into_iter().chain(UNPRIVILEGED).map(str::to_owned).collect();
        let (plan, json) = (path("plan.toml"), path("audit.json"));
        words.extend([env!("CARGO_BIN_EXE_hubreach"), "audit", &plan, "--output", &json].map(str::to_owned));
        topology::with_etc(self.dir.path(), &mut words);
        let output = self.network.node("dev").output(&words).map_err(|error| error.to_string())?;
        let said = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text)).concat();
        if output.status.code() != Some(status) {
            return Err(format!("exit status {:?}, not {status}\n{said}", output.status.code()));
        }
        let text = fs::read_to_string(Path::new(&json)).map_err(|error| error.to_string())?;
        let value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        super::schema::validate_audit(&value);
        match Document::read(&text) {
            // Wrapped on the screen.
            Ok(Document::Audit(audit)) => Ok((*audit, said.split_whitespace().collect::<Vec<_>>().join(" "))),
            Ok(Document::Report(_)) => Err("no audit".to_owned()),
            Err(error) => Err(format!("{error}\n{said}")),
        }
    }
}
