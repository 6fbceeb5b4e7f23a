//! Checks a service that is no kind of hub that `hubreach` knows: its own host, ports and paths, and its own roots.
//!
//!     cargo run --example custom_kind -- broker.example.com ca.pem

#![allow(clippy::print_stdout)] // an example shows what it does

use std::{collections::BTreeMap, error::Error};

use hubreach::{
    Checker,
    hub::{HubHost, HubKind, Protocol, Target, TargetOptions},
    probe::Pem,
    report::Format,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let host = HubHost::parse(&arguments.next().unwrap_or_default())?;

    // An MQTT broker is the kind that assumes least. What it is checked for is what is listed here.
    let options = TargetOptions {
        kind: Some(HubKind::MqttBroker),
        protocols: vec![Protocol::Mqtt, Protocol::MqttWs],
        ports: BTreeMap::from([(Protocol::Mqtt, 18883), (Protocol::MqttWs, 8443)]),
        ws_path: Some("/telemetry".to_owned()),
        ..TargetOptions::default()
    };
    let target = Target::new(host, &options)?;
    for check in &target.checks {
        println!("{} on port {}", check.id, check.endpoint.port);
    }

    let mut checker = Checker::builder(target);
    if let Some(file) = arguments.next() {
        // Whose certificates are genuine: anybody else's is an interception.
        checker = checker.ca(Pem::File(file.clone().into())).hub_ca(Pem::File(file.into()));
    }
    let report = checker.build()?.run().await?;
    println!("{}", report.render(Format::Human));
    Ok(())
}
