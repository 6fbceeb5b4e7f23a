//! Cases made by hand, for what the lab cannot make: what a healthy run of a hub would show, and how this one differs.
//!
//! Stages that a case does not mention are healthy. `attempts` holds the differences: the key is `all`, a protocol or `protocol:port`, with
//! `@address` for one address alone, or `@route` for one route; the value has a step for each stage that differs:
//! - `{ "failure": {...} }`: it failed so, and later stages were not reached; with `evidence`, the healthy evidence as
//!   changed by it was seen before;
//! - `{ "evidence": {...} }`: it succeeded, with the healthy evidence as changed by it;
//! - `{ "outcome": "cancelled" }`: the deadline came.
//!
//! What a technician reads of each case is recorded beside it, in `its-word.txt`: `HUBREACH_RECORD=1 cargo test --test diagnosis`
//! writes it again.
//!
//! Changes are JSON merge patches (RFC 7386), except that a null stays: lists are replaced as a whole. Evidence and
//! failures have the form that they have in a report. [`expected`](crate::expected) describes what must come out.

use std::{collections::BTreeMap, fs, net::IpAddr, panic::catch_unwind, path::PathBuf};

use hubreach::{
    Report, diagnose,
    diagnosis::Code,
    hub::{Check, Depth, HubHost, HubKind, Protocol, Requirement, Role, Route, Target, TargetOptions},
    observation::{
        Attempt, CheckObservations, Experiment, HubSummary, LocalNetwork, Observations, Outcome, ProxyObservations,
        ProxySetting, Resolution, ResolutionSource, ResolveFailure, RootSource, TrustStore, Vantage, WhyUnused,
    },
    report::Format,
};
use libtest_mimic::{Failed, Trial};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    expected::Expected,
    recorded::is_recording,
    sound::assert_sound,
    words::{assert_fits, assert_well_said},
};

/// A file of `made/`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What the case shows, for people.
    pub about: String,
    #[serde(default = "contoso")]
    host: String,
    kind: Option<HubKind>,
    /// The kind was merely assumed.
    #[serde(default)]
    kind_assumed: bool,
    /// The proxy that a file of this machine names, for other programs.
    proxy_setting: Option<String>,
    /// The proxy through which every check is made too, as in a report. `all@proxy`, `mqtt@direct` and so on are differences of
    /// one route.
    proxy: Option<ProxyObservations>,
    #[serde(default)]
    protocols: Vec<Protocol>,
    /// The hub's own roots are not known.
    #[serde(default)]
    roots_unknown: bool,
    #[serde(default)]
    depth: Depth,
    #[serde(default)]
    role: Role,
    #[serde(default)]
    requirement: Requirement,
    #[serde(default = "one_address")]
    addresses: Vec<IpAddr>,
    resolve_failure: Option<ResolveFailure>,
    #[serde(default)]
    resolve_source: ResolutionSource,
    #[serde(default = "quickly")]
    resolve_ms: f64,
    /// This machine's operating system.
    #[serde(default = "linux")]
    os: String,
    /// This machine's own, as in a report.
    network: Option<LocalNetwork>,
    /// How long each check took.
    #[serde(default = "soon")]
    check_ms: f64,
    #[serde(default)]
    attempts: BTreeMap<String, Map<String, Value>>,
    /// As in a report.
    #[serde(default)]
    experiments: Vec<Experiment>,
    pub expected: Expected,
}

/// A test of each.
pub fn trials() -> Vec<Trial> {
    let trial = |(name, case): (String, Case)| {
        Trial::test(format!("made::{name}"), move || {
            let screen = catch_unwind(|| judge(&case)).map_err(|_| Failed::from(case.about))?;
            Ok(is_as_recorded(&name, &screen)?)
        })
    };
    all().into_iter().map(trial).collect()
}

pub fn every_code_has_one_of_its_name() {
    let cases = all();
    for code in Code::ALL.iter().copied() {
        let (_, case) =
            cases.iter().find(|(name, _)| name == code.id()).unwrap_or_else(|| panic!("no case named {code}"));
        let found = case.expected.findings.iter().any(|finding| finding.code == code);
        assert!(found, "{code} is not found there");
    }
}

fn all() -> Vec<(String, Case)> {
    let mut cases: Vec<(String, Case)> = fs::read_dir(folder())
        .expect("the folder of cases")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            let text = fs::read_to_string(&path).expect("a readable file");
            (name.clone(), serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}")))
        })
        .collect();
    cases.sort_by(|(one, _), (other, _)| one.cmp(other));
    cases
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/diagnosis/made")
}

/// Whether a case is told as its file of the same name, `its-word.txt`, has it.
fn is_as_recorded(name: &str, screen: &str) -> Result<(), String> {
    let path = folder().join(format!("{name}.txt"));
    if is_recording() {
        return fs::write(&path, screen).map_err(|error| error.to_string());
    }
    let recorded = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    match recorded == screen {
        true => Ok(()),
        false => Err(format!("{} differs; it was\n{recorded}\nand is\n{screen}", path.display())),
    }
}

/// All that a technician can read of the case, and the facts of its findings.
fn judge(case: &Case) -> String {
    let seen = case.observations();
    let diagnosis = diagnose(&seen);
    case.expected.assert(&seen, &diagnosis);
    assert_sound(&seen, &diagnosis);
    assert_fits(&seen, &diagnosis);
    assert_well_said(&diagnosis);
    let saved = Report::new(seen, diagnosis.clone()).render(Format::Json);
    let read = Report::from_json(&saved).expect("a report");
    assert_eq!(diagnose(&read.observations), diagnosis, "a saved report is judged alike");
    let screen = anstream::adapter::strip_str(&read.render(Format::Human)).to_string();
    let facts = diagnosis.findings.iter().map(|finding| format!("{}: {}\n", finding.code, json!(finding.facts())));
    facts.fold(screen + "\n", |text, facts| text + &facts)
}

fn contoso() -> String {
    "contoso.azure-devices.net".to_owned()
}

fn linux() -> String {
    "linux".to_owned()
}

fn one_address() -> Vec<IpAddr> {
    vec![IpAddr::from([40, 83, 12, 4])]
}

fn soon() -> f64 {
    94.0
}

fn quickly() -> f64 {
    12.1
}

impl Case {
    pub fn observations(&self) -> Observations {
        let options = TargetOptions { kind: self.kind, protocols: self.protocols.clone(), ..TargetOptions::default() };
        let target = Target::new(HubHost::parse(&self.host).expect("a host"), &options).expect("a target");
        let target = if self.proxy.is_some() { target.on_routes(Route::ALL) } else { target };
        let resolved = self.resolve_failure.is_none();
        let addresses = if resolved { self.addresses.as_slice() } else { &[] };
        Observations {
            started_at: "2026-11-22T14:03:11.250Z".to_owned(),
            duration_ms: 5120.4,
            deadline_reached: false,
            partial: false,
            vantage: Vantage {
                host: Some("field-07".to_owned()),
                utc_offset_minutes: Some(60),
                os: self.os.clone(),
                gateway: Some(IpAddr::from([10, 20, 0, 254])),
                resolvers: vec!["10.20.0.53".to_owned()],
                unused_resolvers: Vec::new(),
                proxy_settings: self.proxy_setting.iter().map(|url| of_others(url)).collect(),
                trust_store: TrustStore { source: RootSource::Native, roots: 142 },
                network: self.network.clone(),
            },
            hub: HubSummary {
                host: self.host.clone(),
                kind: target.kind,
                kind_assumed: self.kind_assumed,
                roots: (!self.roots_unknown).then_some(RootSource::BuiltIn),
            },
            depth: self.depth,
            role: self.role,
            requirement: self.requirement.clone(),
            resolution: Resolution {
                outcome: if resolved { Outcome::Ok } else { Outcome::Failed },
                duration_ms: Some(self.resolve_ms),
                addresses: self.addresses.clone(),
                cname: Vec::new(),
                failure: self.resolve_failure.clone(),
                source: self.resolve_source,
            },
            proxy: self.proxy.clone(),
            checks: target
                .checks
                .iter()
                .map(|check| self.check(check, self.addresses_on(check.route, addresses)))
                .collect(),
            experiments: self.experiments.clone(),
        }
    }

    /// Those of the hub, or of the proxy.
    fn addresses_on<'a>(&'a self, route: Route, of_hub: &'a [IpAddr]) -> &'a [IpAddr] {
        match (route, &self.proxy) {
            (Route::Proxy, Some(proxy)) => &proxy.resolution.addresses,
            _ => of_hub,
        }
    }

    fn check(&self, check: &Check, addresses: &[IpAddr]) -> CheckObservations {
        let protocol = check.endpoint.protocol;
        CheckObservations {
            id: check.id.clone(),
            protocol,
            port: check.endpoint.port,
            route: check.route,
            duration_ms: self.check_ms,
            attempts: addresses.iter().map(|address| self.attempt(check, *address)).collect(),
        }
    }

    /// What each stage of a healthy attempt shows.
    fn healthy(&self, check: &Check) -> Vec<(&'static str, f64, Value)> {
        let mut stages = healthy(check.endpoint.protocol, &self.host, self.roots_unknown);
        if check.route == Route::Proxy {
            let response = json!({ "minor_version": 1, "status": 200, "reason": "Connection established", "headers": [],
                "body_start": "" });
            let target = format!("{}:{}", self.host, check.endpoint.port);
            let consent = json!({ "target": target, "logged_in": false, "tls": null, "response": response,
                "socks_reply": null });
            stages.insert(1, ("proxy", 20.0, consent));
        }
        stages
    }

    fn attempt(&self, check: &Check, address: IpAddr) -> Attempt {
        let protocol = check.endpoint.protocol;
        let at_port = format!("{protocol}:{}", check.endpoint.port);
        let mut steps = Value::Object(Map::new());
        let route = check.route;
        for key in [
            "all".to_owned(),
            format!("all@{route}"),
            format!("all@{address}"),
            protocol.to_string(),
            at_port.clone(),
            format!("{protocol}@{route}"),
            format!("{at_port}@{route}"),
            format!("{protocol}@{address}"),
        ] {
            if let Some(changes) = self.attempts.get(&key) {
                patch(&mut steps, &Value::Object(changes.clone()));
            }
        }
        let mut reached = true;
        let stages: Vec<Value> = self
            .healthy(check)
            .into_iter()
            .map(|(name, ms, evidence)| {
                let stage_result = stage_result(steps.get(name), ms, evidence, reached);
                reached &= stage_result["outcome"] == "ok";
                let mut stage = json!({ "stage": name });
                patch(&mut stage, &stage_result);
                stage
            })
            .collect();
        serde_json::from_value(json!({ "address": address, "stages": stages })).expect("an attempt")
    }
}

/// A setting that programs such as this one do not read.
fn of_others(url: &str) -> ProxySetting {
    let unused = Some(WhyUnused::ForOthers);
    ProxySetting { source: "/etc/environment".to_owned(), url: Some(url.to_owned()), pac: None, unused }
}

/// The stage as JSON, in the words of the report.
fn stage_result(step: Option<&Value>, usual_ms: f64, mut evidence: Value, reached: bool) -> Value {
    let step = step.unwrap_or(&Value::Null);
    let ms = step.get("ms").and_then(Value::as_f64).unwrap_or(usual_ms);
    let changes = step.get("evidence");
    if let Some(changes) = changes {
        patch(&mut evidence, changes);
    }
    match (reached, step.get("outcome"), step.get("failure")) {
        (false, ..) => json!({ "outcome": "not-reached" }),
        (true, Some(outcome), _) => json!({ "outcome": outcome, "duration_ms": ms }),
        (true, None, Some(failure)) => {
            let evidence = changes.map(|_| evidence);
            json!({ "outcome": "failed", "duration_ms": ms, "failure": failure, "evidence": evidence })
        }
        (true, None, None) => json!({ "outcome": "ok", "duration_ms": ms, "evidence": evidence }),
    }
}

/// A JSON merge patch (RFC 7386), but for nulls, which stay.
fn patch(value: &mut Value, changes: &Value) {
    match (value, changes) {
        (Value::Object(value), Value::Object(changes)) => {
            for (name, change) in changes {
                patch(value.entry(name).or_insert(Value::Null), change);
            }
        }
        (value, changes) => *value = changes.clone(),
    }
}

/// What each stage of a healthy attempt shows.
fn healthy(protocol: Protocol, host: &str, roots_unknown: bool) -> Vec<(&'static str, f64, Value)> {
    let hub = if roots_unknown { Value::Null } else { json!({ "outcome": "trusted" }) };
    let tls = json!({
        "server_name": host, "version": "TLS 1.3", "cipher_suite": "TLS_AES_256_GCM_SHA384", "key_exchange": "x25519",
        "alpn": null, "client_certificate_requested": false,
        "chain": [
            certificate("CN=*.azure-devices.net,O=Microsoft Corporation", "CN=Microsoft Azure RSA TLS Issuing CA 03", host),
            certificate("CN=Microsoft Azure RSA TLS Issuing CA 03", "CN=DigiCert Global Root G2,OU=www.digicert.com,O=DigiCert Inc,C=US", "")
        ],
        "chain_left_out": 0,
        "trust": {
            "verified_at": "2026-11-22T14:03:11Z", "name_matches": true, "device": { "outcome": "trusted" }, "hub": hub,
            "signature_verified": true, "identity": if roots_unknown { "trusted" } else { "proven" }
        }
    });
    let upgrade = protocol.subprotocol().map(|offered| {
        let response = json!({ "minor_version": 1, "status": 101, "reason": "Switching Protocols",
            "headers": [["upgrade", "websocket"]], "body_start": "" });
        json!({ "offered": offered, "response": response, "accept_matches": true, "subprotocol": offered })
    });
    let exchange = match protocol {
        Protocol::Mqtt | Protocol::MqttWs => json!({ "protocol": "mqtt", "return_code": 5, "session_present": false }),
        Protocol::Amqp | Protocol::AmqpWs => json!({ "protocol": "amqp", "mechanisms": ["EXTERNAL", "PLAIN"] }),
        Protocol::Https => json!({ "protocol": "https", "response": {
            "minor_version": 1, "status": 401, "reason": "Unauthorized",
            "headers": [["server", "Microsoft-HTTPAPI/2.0"], ["iothub-errorcode", "IotHubUnauthorizedAccess"]],
            "body_start": "{\"Message\":\"ErrorCode:IotHubUnauthorizedAccess;Unauthorized\"}"
        } }),
    };
    let connect = json!({ "local": "10.20.0.17:40112", "retransmits": 0, "hedged": false });
    let mut stages = vec![("connect", 31.0, connect), ("tls", 40.0, tls)];
    stages.extend(upgrade.map(|upgrade| ("upgrade", 11.0, upgrade)));
    stages.push(("exchange", 12.0, exchange));
    stages
}

fn certificate(subject: &str, issuer: &str, name: &str) -> Value {
    json!({
        "subject": subject, "issuer": issuer, "names": [name],
        "not_before": "2026-06-01T00:00:00Z", "not_after": "2027-05-31T23:59:59Z",
        "sha256": "0f".repeat(32), "spki_sha256": null, "der": ""
    })
}
