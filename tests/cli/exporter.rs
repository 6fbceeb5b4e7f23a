//! `hubreach exporter`, where it does not start. What it serves is in `tests/exporter`.

use std::net::TcpListener;

use super::run;

#[test]
fn what_it_cannot_do_is_told_in_one_line() {
    let held = TcpListener::bind("127.0.0.1:0").expect("loopback");
    let busy = held.local_addr().expect("bound").to_string();
    let hub = "hub.example";
    for (args, status, hint) in [
        (&[][..], 2, "HUB"),
        (&[hub, "--listen", &busy], 3, "is in use; type --listen 127.0.0.1:"),
        (&[hub, "--listen", "192.0.2.1:9877"], 2, "--listen 0.0.0.0:9877"),
        (&[hub, "--listen", "192.0.2.1"], 2, "--listen 0.0.0.0:9877"),
        (&[hub, "--listen", "9877"], 2, "127.0.0.1:9877"),
        (&[hub, "--listen", "localhost:9877"], 2, "127.0.0.1:9877"),
        (&["contoso"], 2, "contoso.azure-devices.net"),
        (&[hub, "HostName=;SharedAccessKey=c2VjcmV0"], 2, "HostName"),
        (&["--allow", "*"], 2, "*.azure-devices.net"),
        (&["--allow", "*.net"], 2, "*.azure-devices.net"),
        (&[hub, "--allow", "other.example"], 2, "*.azure-devices.net"),
        (&[hub, "--max-probes", "0"], 2, "--max-probes"),
        (&[hub, "--require", "mqtt", "--protocol", "https"], 2, "mqtt"),
        (&[hub, "--kind", "mqtt-broker", "--protocol", "amqp"], 2, "mqtt, mqtt-ws"),
        (&[hub, "--ca", "/nonexistent/ca.pem"], 2, "readable PEM"),
        (&["--allow", "*.hub.example", "--hub-ca", "/dev/null"], 2, "PEM"),
        (&[hub, "--module", "tls"], 2, "hubreach exporter --help"),
    ] {
        let (code, stdout, stderr) = run(&[&["exporter"], args].concat());
        assert_eq!((code, stdout.as_str(), stderr.lines().count()), (status, "", 1), "{args:?}: {stderr}");
        assert!(stderr.contains(hint) && !stderr.contains("c2VjcmV0"), "{args:?}: {stderr}");
    }
}
