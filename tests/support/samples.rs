//! Reports made by hand: what a screen or a file looks like without a network.

use hubreach::{
    diagnosis::{
        CheckVerdict, Code, Confidence, Diagnosis, Finding, Location, Owner, Recommendation, SdkSettings, Severity,
        Verdict,
    },
    hub::{CheckId, Depth, HubKind, Protocol, Requirement, Role, Route},
    observation::{
        Attempt, Certificate, ChainVerdict, CheckObservations, ConnectEvidence, ConnectFailure, ExchangeEvidence,
        HttpResponse, HubSummary, Identity, NameMatch, Observations, Outcome, Resolution, RootSource, Stage,
        StageResult, TlsEvidence, Trust, TrustStore, UpgradeEvidence, Vantage,
    },
    report::Report,
};
use serde::Serialize;

use super::recorded::Recorded;

/// A hub that answers in every protocol.
pub fn healthy() -> Report {
    recorded("healthy", "contoso.azure-devices.net")
}

/// A firewall drops one port, another rejects a second.
pub fn field() -> Report {
    recorded("two-faults", "contoso.azure-devices.net")
}

/// A name that does not exist.
pub fn unresolved() -> Report {
    recorded("dns-name-not-found", "contso.azure-devices.net")
}

/// A run of the lab, as if its hub were called `host`.
pub fn recorded(name: &str, host: &str) -> Report {
    Recorded::of_host(name, host).expect("a run that was kept").report().clone()
}

/// Everything a peer can send to mislead a reader, and nothing allowed.
pub fn hostile() -> Report {
    let evil = "\x1b]0;owned\x07\x1b[2J\u{9b}31m\r\nallowed \u{202e}drawkcab\u{2066}\u{200b} Zürich 株式会社\u{7f}";
    let mut sample = Sample::new("hub.example");
    sample.seen.vantage.host = Some(format!("host{evil}"));
    let failure = ConnectFailure::Other { message: evil.to_owned() };
    sample.block(Protocol::Mqtt, 8883, 4.0, failure, &format!("certificate by {evil} {}", "x".repeat(3000)));
    let all = sample.ids();
    sample.find(Told {
        stage: Stage::Tls,
        title: format!("Signed by {evil}"),
        evidence: vec![format!("issuer: {evil}"), "y".repeat(3000)],
        fix: format!("Exempt the hub from {evil}"),
        owner: Owner::SecurityTeam,
        ..finding(Code::TlsIntercepted, all)
    });
    sample.report()
}

/// One report of each sort, as of an audit.
pub fn audit() -> Vec<Report> {
    vec![healthy(), field(), unresolved(), hostile(), strained(), saying("<script>document.title='pwned'</script>")]
}

/// `text` wherever a peer, or whoever edits a file, can put text.
pub fn saying(text: &str) -> Report {
    let owned = || text.to_owned();
    let mut sample = Sample::new(text);
    sample.seen.started_at = owned();
    sample.seen.vantage.host = Some(owned());
    let failure = ConnectFailure::Other { message: owned() };
    sample.block(Protocol::Mqtt, 8883, 4.0, failure, text);
    sample.allow(Protocol::Https, 443, 90.0, text);
    for (severity, depends_on) in
        [(Severity::Error, None), (Severity::Warning, Some("f1".to_owned())), (Severity::Info, None)]
    {
        let mut affects = sample.ids();
        affects.push(CheckId::from(text));
        sample.find(Told {
            severity,
            stage: Stage::Tls,
            title: owned(),
            evidence: vec![owned(), format!("issuer: {text}")],
            fix: owned(),
            owner: Owner::SecurityTeam,
            depends_on,
            ..finding(Code::TlsIntercepted, affects)
        });
    }
    sample.recommend(Protocol::Https, text);
    let mut report = sample.report();
    report.diagnosis.findings[0].id = owned();
    report.tool.name = owned();
    if let Some(recommendation) = &mut report.diagnosis.recommendation {
        recommendation.settings.java = Some(owned());
    }
    report
}

/// Cut short, not attempted to the top, with more demanded than there is; the longest name and many addresses.
pub fn strained() -> Report {
    let host = format!("{}.{}.{}.azure-devices.net", "a".repeat(63), "b-".repeat(31), "c".repeat(63));
    let mut sample = Sample::new(&host);
    sample.seen.resolution.addresses =
        ["40.83.12.4", "40.83.12.5", "2001:db8:1234:5678:9abc:def0:1234:5678", "2001:db8::2", "2001:db8::3"]
            .map(ip)
            .to_vec();
    sample.allow(Protocol::Https, 65535, 9_000.0, "TLS 1.3");
    let dropped = ConnectFailure::TimedOut { retransmits: None };
    sample.block(Protocol::AmqpWs, 8443, 4_000.0, dropped, &format!("no answer to {host}"));
    sample.check(Protocol::Mqtt, 8883, 15_000.0, Verdict::Unknown, "the deadline came first", vec![unfinished()]);
    sample.check(Protocol::MqttWs, 443, 700.0, Verdict::Declined, "404 to the upgrade", vec![unfinished()]);
    sample.seen.deadline_reached = true;
    sample.seen.partial = true;
    sample.seen.depth = Depth::Tls;
    sample.seen.role = Role::Gateway;
    sample.seen.requirement = "mqtt,https@direct".parse().expect("a requirement");
    sample.judged()
}

/// A run being made up.
pub(super) struct Sample {
    pub(super) seen: Observations,
    pub(super) verdicts: Vec<CheckVerdict>,
    findings: Vec<Finding>,
    recommendation: Option<Recommendation>,
}

impl Sample {
    pub(super) fn new(host: &str) -> Self {
        let seen = Observations {
            proxy: None,
            started_at: "2026-11-22T14:03:11.250Z".to_owned(),
            duration_ms: 4120.4,
            deadline_reached: false,
            partial: false,
            vantage: Vantage {
                host: Some("field-07".to_owned()),
                utc_offset_minutes: Some(60),
                os: "linux".to_owned(),
                gateway: Some(ip("10.20.0.254")),
                resolvers: vec!["10.20.0.53".to_owned()],
                unused_resolvers: Vec::new(),
                proxy_settings: Vec::new(),
                trust_store: TrustStore { source: RootSource::Native, roots: 142 },
                network: None,
            },
            hub: HubSummary {
                host: host.to_owned(),
                kind: HubKind::AzureIotHub,
                kind_assumed: false,
                roots: Some(RootSource::BuiltIn),
            },
            depth: Depth::Exchange,
            role: Role::Device,
            requirement: Requirement::Any,
            resolution: Resolution {
                outcome: Outcome::Ok,
                duration_ms: Some(12.1),
                addresses: vec![ip("40.83.12.4")],
                ..Resolution::default()
            },
            checks: Vec::new(),
            experiments: Vec::new(),
        };
        Self { seen, verdicts: Vec::new(), findings: Vec::new(), recommendation: None }
    }

    pub(super) fn allow(&mut self, protocol: Protocol, port: u16, ms: f64, summary: &str) {
        self.check(protocol, port, ms, Verdict::Allowed, summary, vec![completed(protocol)]);
    }

    pub(super) fn block(&mut self, protocol: Protocol, port: u16, ms: f64, failure: ConnectFailure, summary: &str) {
        self.check(protocol, port, ms, Verdict::Blocked, summary, vec![stopped(ms, failure)]);
    }

    pub(super) fn check(
        &mut self,
        protocol: Protocol,
        port: u16,
        duration_ms: f64,
        verdict: Verdict,
        summary: &str,
        attempts: Vec<Attempt>,
    ) {
        let id = CheckId::from(format!("{protocol}@direct").as_str());
        self.verdicts.push(CheckVerdict { id: id.clone(), verdict, summary: summary.to_owned() });
        self.seen.checks.push(CheckObservations { id, protocol, port, route: Route::Direct, duration_ms, attempts });
    }

    pub(super) fn ids(&self) -> Vec<CheckId> {
        self.seen.checks.iter().map(|check| check.id.clone()).collect()
    }

    pub(super) fn find(&mut self, finding: Told) {
        let told = Told { id: format!("f{}", self.findings.len() + 1), ..finding };
        let written = serde_json::to_value(told).expect("a finding");
        self.findings.push(serde_json::from_value(written).expect("a finding"));
    }

    /// As the diagnosis has it.
    pub(super) fn judged(self) -> Report {
        let diagnosis = hubreach::diagnose(&self.seen);
        Report::new(self.seen, diagnosis)
    }

    pub(super) fn recommend(&mut self, protocol: Protocol, reason: &str) {
        let text = |text: &str| Some(text.to_owned());
        self.recommendation = Some(Recommendation {
            protocol,
            route: Route::Direct,
            caveats: Vec::new(),
            reason: reason.to_owned(),
            settings: SdkSettings {
                dotnet: text("TransportType.Mqtt_WebSocket_Only"),
                java: text("IotHubClientProtocol.MQTT_WS"),
                python: text("websockets=True"),
                node: text("MqttWs of azure-iot-device-mqtt"),
                iot_edge: text("MqttWs"),
            },
            proxy: None,
        });
    }

    pub(super) fn report(self) -> Report {
        let Self { seen, verdicts, findings, recommendation } = self;
        let allowed: Vec<_> = seen
            .checks
            .iter()
            .zip(&verdicts)
            .map(|(check, judged)| (check.protocol, check.route, judged.verdict == Verdict::Allowed))
            .collect();
        let requirement_met = seen.requirement.is_met(&allowed);
        Report::new(seen, Diagnosis { verdicts, findings, recommendation, requirement_met })
    }
}

/// A finding as a file may tell it, whatever the diagnosis would say.
#[derive(Serialize)]
pub(super) struct Told {
    pub(super) id: String,
    pub(super) code: Code,
    pub(super) severity: Severity,
    pub(super) confidence: Confidence,
    pub(super) stage: Stage,
    pub(super) affects: Vec<CheckId>,
    pub(super) location: Option<Location>,
    pub(super) title: String,
    pub(super) facts: serde_json::Map<String, serde_json::Value>,
    pub(super) evidence: Vec<String>,
    pub(super) alternatives: Vec<Code>,
    pub(super) owner: Owner,
    pub(super) fix: String,
    pub(super) depends_on: Option<String>,
}

/// A confirmed error at the connect stage, for the operator to mend; the rest is to be filled in.
pub(super) fn finding(code: Code, affects: Vec<CheckId>) -> Told {
    Told {
        id: String::new(),
        code,
        severity: Severity::Error,
        confidence: Confidence::Confirmed,
        stage: Stage::Connect,
        affects,
        location: None,
        title: String::new(),
        facts: serde_json::Map::new(),
        evidence: Vec::new(),
        alternatives: Vec::new(),
        owner: Owner::Operator,
        fix: String::new(),
        depends_on: None,
    }
}

pub(super) fn completed(protocol: Protocol) -> Attempt {
    let response = |status| HttpResponse {
        minor_version: 1,
        status,
        reason: "Unauthorized".to_owned(),
        headers: vec![("date".to_owned(), "Sun, 22 Nov 2026 14:03:11 GMT".to_owned())],
        body_start: String::new(),
    };
    let exchange = match protocol {
        Protocol::Mqtt | Protocol::MqttWs => ExchangeEvidence::Mqtt { return_code: 5, session_present: false },
        Protocol::Amqp | Protocol::AmqpWs => ExchangeEvidence::Amqp { mechanisms: vec!["EXTERNAL".to_owned()] },
        Protocol::Https => ExchangeEvidence::Https { response: response(401) },
    };
    let upgrade = protocol.subprotocol().map(|subprotocol| UpgradeEvidence {
        offered: subprotocol.to_owned(),
        response: response(101),
        accept_matches: true,
        subprotocol: Some(subprotocol.to_owned()),
    });
    Attempt {
        proxy: None,
        address: ip("40.83.12.4"),
        connect: ok(connected()),
        tls: ok(handshake()),
        upgrade: upgrade.map(ok),
        exchange: ok(exchange),
    }
}

pub(super) fn handshake() -> TlsEvidence {
    TlsEvidence {
        server_name: Some("contoso.azure-devices.net".to_owned()),
        version: Some("TLS 1.3".to_owned()),
        cipher_suite: Some("TLS13_AES_256_GCM_SHA384".to_owned()),
        key_exchange: Some("X25519".to_owned()),
        chain: vec![Certificate {
            subject: Some("CN=*.azure-devices.net".to_owned()),
            issuer: Some("CN=Microsoft Azure RSA TLS Issuing CA 08".to_owned()),
            names: vec!["*.azure-devices.net".to_owned()],
            not_before: Some("2026-08-01T00:00:00Z".to_owned()),
            not_after: Some("2027-01-28T00:00:00Z".to_owned()),
            sha256: "5e".repeat(32),
            der: "MIIB".to_owned(),
            ..Certificate::default()
        }],
        trust: Some(Trust {
            verified_at: "2026-11-22T14:03:11Z".to_owned(),
            name_matches: true,
            name_match: Some(NameMatch::Wildcard),
            library_name_matches: Some(true),
            device: ChainVerdict::Trusted.into(),
            hub: Some(ChainVerdict::Trusted.into()),
            hub_root: None,
            signature_verified: Some(true),
            identity: Identity::Proven,
        }),
        ..TlsEvidence::default()
    }
}

fn stopped(duration_ms: f64, failure: ConnectFailure) -> Attempt {
    Attempt { connect: StageResult::Failed { duration_ms, failure, evidence: None }, ..untried() }
}

pub(super) fn unfinished() -> Attempt {
    Attempt { connect: ok(connected()), tls: StageResult::Cancelled { duration_ms: 4.5 }, ..untried() }
}

pub(super) fn untried() -> Attempt {
    Attempt {
        proxy: None,
        address: ip("40.83.12.4"),
        connect: StageResult::NotReached,
        tls: StageResult::NotReached,
        upgrade: None,
        exchange: StageResult::NotReached,
    }
}

pub(super) fn connected() -> ConnectEvidence {
    ConnectEvidence { local: "10.20.0.7:40000".parse().ok(), retransmits: Some(0), hedged: false }
}

pub(super) fn ok<E, F>(evidence: E) -> StageResult<E, F> {
    StageResult::Ok { duration_ms: 31.25, evidence }
}

pub(super) fn ip(text: &str) -> std::net::IpAddr {
    text.parse().expect("an address")
}
