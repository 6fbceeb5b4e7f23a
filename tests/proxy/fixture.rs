//! A hub on loopback, a proxy that leads to it, and a check whose report every test may trust: it keeps to the schema and is
//! judged alike again.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use hubreach::{
    Checker, Report, Settings,
    diagnosis::{CheckVerdict, Confidence, Finding, Owner, Severity, Verdict},
    hub::{HubHost, HubKind, Protocol, Proxy as ProxyUrl, Route, Target, TargetOptions},
    probe::{NamedProxy, Pem},
    responder::{
        Behaviour as HubBehaviour, CertificateAuthority, Responder, ResponderConfig, ServerIdentity, Validity,
    },
};

use super::{
    proxy::{Behaviour, Proxy, Rules},
    support::schema,
};

pub const HOST: &str = "hub.test";

pub struct Fixture {
    pub authority: CertificateAuthority,
    pub responder: Responder,
    pub settings: Settings,
    pub protocols: Vec<Protocol>,
}

impl Fixture {
    /// A hub that answers as it should; this device trusts its authority.
    pub async fn new() -> Self {
        Self::behaving(HubBehaviour::default()).await
    }

    pub async fn behaving(behaviour: HubBehaviour) -> Self {
        let authority = CertificateAuthority::new().expect("an authority");
        let identity = authority.issue(&[HOST.to_owned()], Validity::default()).expect("a certificate");
        let responder = Responder::start(ResponderConfig::loopback(identity).behaving(behaviour)).await.expect("a hub");
        let mut settings = Settings::default();
        settings.addresses = vec![IpAddr::from(Ipv4Addr::LOCALHOST)];
        settings.ca = Some(Pem::Text(authority.pem()));
        settings.hub_ca = Some(Pem::Text(authority.pem()));
        Self { authority, responder, settings, protocols: vec![Protocol::Mqtt, Protocol::Https] }
    }

    pub fn port(&self, protocol: Protocol) -> u16 {
        let address = match protocol {
            Protocol::Mqtt => self.responder.mqtt(),
            Protocol::Amqp => self.responder.amqp(),
            Protocol::Https | Protocol::MqttWs | Protocol::AmqpWs => self.responder.web(),
        };
        address.expect("served").port()
    }

    /// As `hub.test:8883`.
    pub fn target_of(&self, protocol: Protocol) -> String {
        format!("{HOST}:{}", self.port(protocol))
    }

    /// A proxy that knows where the hub is, also by the port that hubs really have.
    pub fn rules(&self) -> Rules {
        let web = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port(Protocol::Https)));
        Rules::default().resolving(HOST, Ipv4Addr::LOCALHOST.into()).leading(&format!("{HOST}:443"), web)
    }

    /// The certificate of a proxy, from the authority that this device trusts.
    pub fn proxy_identity(&self, validity: Validity) -> ServerIdentity {
        self.authority.issue(&["127.0.0.1".to_owned()], validity).expect("a certificate")
    }

    /// From here on, nothing answers at the hub's address: only a proxy gets there.
    pub fn closed_to_this_device(&mut self) {
        self.settings.addresses = vec![Ipv4Addr::new(127, 66, 0, 1).into()];
    }

    pub fn target(&self, routes: &[Route]) -> Target {
        let ports = self.protocols.iter().map(|&protocol| (protocol, self.port(protocol))).collect();
        let options = TargetOptions {
            kind: Some(HubKind::AzureIotHub),
            protocols: self.protocols.clone(),
            ports,
            ..TargetOptions::default()
        };
        Target::new(HubHost::parse(HOST).expect("a host"), &options).expect("a target").on_routes(routes)
    }

    /// What checks these routes, through the proxy that `url` names.
    pub fn checker(&self, routes: &[Route], url: &str) -> Checker {
        let proxy = ProxyUrl::parse(url).expect("a proxy");
        let mut settings = self.settings.clone();
        settings.proxy = Some(NamedProxy { proxy, source: Some("--proxy".to_owned()) });
        Checker::builder(self.target(routes)).settings(settings).build().expect("they go together")
    }

    pub async fn check(&self, routes: &[Route], url: &str) -> Report {
        let report = self.checker(routes, url).run().await.expect("the check runs");
        let saved = schema::valid_json(&report).to_string();
        let read = Report::from_json(&saved).expect("what was written can be read");
        assert_eq!(read, report, "nothing is lost in a file");
        let seen = read.observations;
        let again = Report::new(seen.clone(), hubreach::diagnose(&seen));
        assert_eq!(again, report, "a saved report is judged alike");
        report
    }

    /// A check through a proxy alone that behaves so, and leads where [`rules`](Self::rules) say unless it has its own.
    pub async fn through(&self, behaviour: Behaviour) -> (Proxy, Report) {
        let proxy = Proxy::start(behaviour).await;
        let report = self.check(&[Route::Proxy], &proxy.url()).await;
        (proxy, report)
    }

    /// Ends soon if something is silent: there is time for one stage and the experiments after it.
    pub fn impatient(mut self) -> Self {
        self.settings.timeout = Duration::from_secs(7);
        self
    }
}

/// The verdict of a check, such as `mqtt@proxy`.
#[track_caller]
pub fn verdict<'r>(report: &'r Report, id: &str) -> &'r CheckVerdict {
    let found = report.diagnosis.verdicts.iter().find(|verdict| verdict.id.as_str() == id);
    found.unwrap_or_else(|| panic!("no {id} in {:?}", report.diagnosis.verdicts))
}

/// Every check of the report is allowed, and nothing had to be looked into.
#[track_caller]
pub fn assert_well(report: &Report, what: &str) {
    let verdicts = &report.diagnosis.verdicts;
    assert!(verdicts.iter().all(|check| check.verdict == Verdict::Allowed), "{what}: {verdicts:#?}");
    assert_eq!(errors(report), [""; 0], "{what}");
    let proxy = report.observations.proxy.as_ref().expect("there is a proxy");
    assert_eq!((&report.observations.experiments, &proxy.experiments), (&vec![], &vec![]), "{what}");
}

/// Codes, confidence and owners of what is wrong.
pub fn errors(report: &Report) -> Vec<String> {
    let wrong = report.diagnosis.findings.iter().filter(|finding| finding.severity != Severity::Info);
    wrong.map(|finding| told(finding.code.id(), finding.confidence, finding.owner)).collect()
}

pub fn told(code: &str, confidence: Confidence, owner: Owner) -> String {
    format!("{code} {confidence} {owner}")
}

/// The finding with this code; all there are where it is missing.
#[track_caller]
pub fn finding<'r>(report: &'r Report, code: &str) -> &'r Finding {
    let found = report.diagnosis.findings.iter().find(|finding| finding.code.id() == code);
    found.unwrap_or_else(|| panic!("no {code} in {:#?}", report.diagnosis.findings))
}

/// The checks that a finding concerns, as words.
pub fn affects(finding: &Finding) -> String {
    finding.affects.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(" ")
}
