//! The runs, and a line of the table for each.

use std::{fs, net::SocketAddr, path::Path, process::Command};

use hubreach::responder::{CertificateAuthority, Responder, ResponderConfig, ServerIdentity, Validity};

use super::{
    blackbox,
    cost::{Cost, children},
    slow,
};

const TARGETS: usize = 500;
const JOBS: usize = 64;
/// The hubs' names; one certificate vouches for all.
const DOMAIN: &str = "bench.test";

/// Measures, and prints a table.
#[tokio::main]
pub async fn measure() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let authority = CertificateAuthority::new().expect("an authority");
    let ca = dir.path().join("ca.pem");
    fs::write(&ca, authority.pem()).expect("written");
    let identity = authority.issue(&[format!("*.{DOMAIN}")], Validity::default()).expect("a certificate");
    let hub = serve(identity).await;
    let address = |served: Option<SocketAddr>| served.expect("served");
    let (mqtt, amqp, web) = (address(hub.mqtt()), address(hub.amqp()), address(hub.web()));
    let far = slow::relay(mqtt).await;

    println!("{TARGETS} targets, {JOBS} at a time\n{:<46} {}", "", Cost::HEADINGS);
    let list: String = (0..TARGETS).map(|at| format!("hub-{at:03}.{DOMAIN}\n")).collect();
    // As much as blackbox_exporter does.
    let tls = ["--protocol", "mqtt", "--depth", "tls", "--no-experiments"];
    let one_port = |port: u16| format!("mqtt={port}");
    let rows = [
        ("hubreach, one TLS handshake a target", TARGETS, tls.to_vec(), one_port(mqtt.port())),
        (
            "hubreach, all five protocols, and large hellos",
            TARGETS * 5,
            Vec::new(),
            format!(
                "mqtt={},amqp={},https={web},mqtt-ws={web},amqp-ws={web}",
                mqtt.port(),
                amqp.port(),
                web = web.port()
            ),
        ),
        ("hubreach, one target 400 ms away", 1, vec!["--protocol", "mqtt"], one_port(far.port())),
        ("hubreach, all of them 400 ms away", TARGETS, vec!["--protocol", "mqtt"], one_port(far.port())),
    ];
    for (name, checks, options, ports) in rows {
        let hubs = if checks == 1 { list.lines().next().unwrap_or_default() } else { &list };
        let cost = audit(hubs, &ca, &ports, &options, dir.path());
        println!("{name:<46} {}", cost.row(checks));
    }
    match blackbox::probe_all(mqtt, &ca, &format!("hub-000.{DOMAIN}"), TARGETS, JOBS, dir.path()).await {
        Ok(cost) => println!("{:<46} {}", "blackbox_exporter, one TLS handshake a target", cost.row(TARGETS)),
        Err(why) => println!("blackbox_exporter was not measured: {why}"),
    }
}

async fn serve(identity: ServerIdentity) -> Responder {
    Responder::start(ResponderConfig::loopback(identity)).await.expect("a hub")
}

/// One run of the program, from its start to its end.
fn audit(hubs: &str, ca: &Path, ports: &str, options: &[&str], dir: &Path) -> Cost {
    let list = dir.join("hubs.txt");
    fs::write(&list, hubs).expect("written");
    children(|| {
        let status = Command::new(env!("CARGO_BIN_EXE_hubreach"))
            .args([
                "audit",
                "-",
                "--kind",
                "azure-iot-hub",
                "--address",
                "127.0.0.1",
                "--require",
                "all",
                "--format",
                "json",
            ])
            .args(["--jobs", &JOBS.to_string(), "--port", ports, "--ca"])
            .arg(ca)
            .args(options)
            .stdin(fs::File::open(&list).expect("readable"))
            .stdout(fs::File::create(dir.join("audit.json")).expect("created"))
            .status()
            .expect("runs");
        assert!(status.success(), "everything is allowed");
    })
}
