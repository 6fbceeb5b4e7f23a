//! A responder, and a check of it whose report every test may trust: it keeps to the schema and is judged alike again.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr},
};

use hubreach::{
    Checker, Report, Settings,
    diagnosis::{Finding, Verdict},
    hub::{HubHost, HubKind, Protocol, Target, TargetOptions},
    probe::Pem,
    responder::{Behaviour, CertificateAuthority, Responder, ResponderConfig, ServerIdentity, Validity},
};

use super::support::schema;

pub const HOST: &str = "hub.test";

pub struct Fixture {
    pub responder: Responder,
    pub host: String,
    pub options: TargetOptions,
    pub settings: Settings,
}

impl Fixture {
    /// A hub that misbehaves so; both this device and the hub's own roots vouch for its certificate.
    pub async fn behaving(behaviour: Behaviour) -> Self {
        let authority = CertificateAuthority::new().expect("an authority");
        let identity = authority.issue(&[HOST.to_owned()], Validity::default()).expect("a certificate");
        Self::with(identity, behaviour, Some(authority.pem()), Some(authority.pem())).await
    }

    /// A hub that shows `identity`, to a device that trusts `device`, where `hub` are the hub's own roots.
    pub async fn with(
        identity: ServerIdentity,
        behaviour: Behaviour,
        device: Option<String>,
        hub: Option<String>,
    ) -> Self {
        let responder = Responder::start(ResponderConfig::loopback(identity).behaving(behaviour)).await.expect("a hub");
        let port = |address: Option<std::net::SocketAddr>| address.expect("served").port();
        let (mqtt, amqp, web) = (port(responder.mqtt()), port(responder.amqp()), port(responder.web()));
        let ports = [
            (Protocol::Mqtt, mqtt),
            (Protocol::Amqp, amqp),
            (Protocol::Https, web),
            (Protocol::MqttWs, web),
            (Protocol::AmqpWs, web),
        ];
        let mut settings = Settings::default();
        settings.addresses = vec![IpAddr::from(Ipv4Addr::LOCALHOST)];
        settings.ca = device.map(Pem::Text);
        settings.hub_ca = hub.map(Pem::Text);
        Self {
            responder,
            host: HOST.to_owned(),
            options: TargetOptions {
                kind: Some(HubKind::AzureIotHub),
                ports: ports.into(),
                ..TargetOptions::default()
            },
            settings,
        }
    }

    /// What checks it, as it stands.
    pub fn checker(&self) -> Checker {
        let host = HubHost::parse(&self.host).expect("a host");
        let target = Target::new(host, &self.options).expect("a target");
        Checker::builder(target).settings(self.settings.clone()).build().expect("they go together")
    }

    /// Tests these protocols alone.
    pub fn only(&mut self, protocols: &[Protocol]) {
        self.options.protocols = protocols.to_vec();
        self.options.ports.retain(|protocol, _| protocols.contains(protocol));
    }

    /// The whole check.
    pub async fn check(&self) -> Report {
        let report = self.checker().run().await.expect("the check runs");
        let saved = schema::valid_json(&report).to_string();
        let read = Report::from_json(&saved).expect("what was written can be read");
        assert_eq!(read, report, "nothing is lost in a file");
        let seen = read.observations;
        let again = Report::new(seen.clone(), hubreach::diagnose(&seen));
        assert_eq!(again, report, "a saved report is judged alike");
        report
    }
}

/// The verdict of each protocol.
pub fn verdicts(report: &Report) -> BTreeMap<Protocol, Verdict> {
    report.checks().map(|check| (check.observations.protocol, check.verdict)).collect()
}

/// The finding with this code; all there are, in words, where it is missing.
#[track_caller]
pub fn finding<'a>(report: &'a Report, code: &str) -> &'a Finding {
    let found = report.diagnosis.findings.iter().find(|finding| finding.code.id() == code);
    found.unwrap_or_else(|| panic!("no {code} in {:#?}", report.diagnosis.findings))
}

/// The checks that a finding concerns, as words.
pub fn affects(finding: &Finding) -> String {
    finding.affects.iter().map(|id| id.as_str().trim_end_matches("@direct")).collect::<Vec<_>>().join(" ")
}
