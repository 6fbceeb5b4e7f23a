//! Wrong input: one line on stderr that says what to type instead, status 2, and never a secret.

use super::{hubreach, read, run};

const SECRET: &str = "c2VjcmV0";

#[track_caller]
fn complaint(args: &[&str]) -> String {
    let (status, stdout, stderr) = run(args);
    assert_eq!((status, stdout.as_str()), (2, ""), "{args:?}: {stderr}");
    assert_eq!(stderr.lines().count(), 1, "{args:?}: {stderr}");
    assert!(stderr.starts_with("error: ") && stderr.ends_with('\n'), "{args:?}: {stderr}");
    stderr
}

#[test]
fn each_says_what_to_type_instead() {
    let long = "a.".repeat(130);
    for (args, hint) in [
        (&[][..], "hubreach contoso.azure-devices.net"),
        (&[""], "hubreach contoso.azure-devices.net"),
        (&["contoso"], "hubreach contoso.azure-devices.net"),
        (&["Fabrikam"], "hubreach fabrikam.azure-devices.net"),
        (&[&long], "hubreach contoso.azure-devices.net"),
        (&["a b.example"], "hubreach contoso.azure-devices.net"),
        (&["a.example:0"], "--port mqtt=8884"),
        (&["a.example:8884"], "mqtts://a.example:8884"),
        (&["hub.test/mqtt"], "wss://hub.test/PATH"),
        (&["127.0.0.1:8443/mqtt"], "https://127.0.0.1:8443/PATH"),
        (&["audit", "hub.test/mqtt"], "wss://hub.test/PATH"),
        (&["trace", "hub.test/mqtt"], "wss://hub.test/PATH"),
        (&["exporter", "hub.test/mqtt"], "the hub's hostname alone"),
        (&["coap://a.example"], "mqtts://"),
        (&["wss://a.example", "--protocol", "mqtt"], "--protocol"),
        (&["contoso.azure-device.net"], "did you mean contoso.azure-devices.net?"),
        (&["audit", "a.example", "contoso.azure-devices.com"], "did you mean contoso.azure-devices.net?"),
        (&["a1-ats.iot.eu-west-1.amazonaws.co"], "did you mean a1-ats.iot.eu-west-1.amazonaws.com?"),
        (&["a.example", "--port", "mqtt=0"], "mqtt=18883"),
        (&["a.example", "--port", "mqtt"], "mqtt=18883"),
        (&["a.example", "--port", "mqtts=1"], "mqtt, amqp, https, mqtt-ws, amqp-ws"),
        (&["a.example", "--protocol", "coap"], "mqtt, amqp, https, mqtt-ws, amqp-ws"),
        (&["a.example", "--kind", "aws"], "azure-event-grid, aws-iot-core"),
        (&["a.example", "--kind", "mqtt-broker", "--protocol", "amqp"], "mqtt, mqtt-ws"),
        (&["a.example", "--ws-path", "mqtt"], "--ws-path /mqtt"),
        (&["a.example", "--address", "b.example"], "10.1.2.3"),
        (&["a.example", "--address", "127.0.0.1", "-6"], "-4 or -6"),
        (&["::1", "-4"], "-4 or -6"),
        (&["a.example", "-4", "-6"], "--ipv6"),
        (&["a.example", "--depth", "deep"], "connect, tls, exchange"),
        (&["a.example", "--timeout", "15x"], "15s"),
        (&["a.example", "--timeout", "99ms"], "100ms"),
        (&["a.example", "--timeout", "61m"], "1h"),
        (&["a.example", "--require", "most"], "any"),
        (&["a.example", "--protocol", "https", "--require", "mqtt"], "https"),
        (&["a.example", "--output", "report.pdf"], "FILE.json"),
        (&["a.example", "--format", "pdf"], "human, json"),
        (&["a.example", "--ca", "/nonexistent/ca.pem", "--address", "127.0.0.1"], "PEM"),
        (&["a.example", "--depht", "tls"], "--depth"),
        (&["a.example", "b.example"], "hubreach audit --help"),
        (&["explain", "silent-drop", "tcp-reset"], "hubreach explain --help"),
        (&["help", "gremlins"], "hubreach --help"),
        (&["audit", "a.example", "--jobs", "0"], "a number of 1 or more"),
        (&["exporter", "a.example", "--max-probes", "many"], "a number of 1 or more"),
        (&["a.example", "--role", "gatway"], "use one of: device, gateway"),
        (&["chekc", "a.example"], "did you mean: hubreach check?"),
        (&["audti", "plan.toml"], "did you mean: hubreach audit?"),
        (&["dmo"], "did you mean: hubreach demo?"),
        (&["explain", "silent-dorp"], "did you mean `hubreach explain silent-drop`?"),
        (&["explain", "decline"], "did you mean `hubreach explain declined`?"),
        (&["missing.json"], "there is no file missing.json"),
        (&["audit", "missing.txt"], "cannot read missing.txt"),
        (&["trace", "a.example", "--output", "trace.csv"], "FILE.json"),
        (&["a.example", "--color", "blue"], "auto, always, never"),
        (&["audit"], "hubreach audit --help"),
        (&["explain", "gremlins"], "hubreach explain --list"),
        (&["diagnose", "/nonexistent/report.json"], "--output FILE.json"),
        (&["diff", "a.json"], "hubreach diff --help"),
        (&["diff", "-", "-"], "stdin"),
        (&["diff", "a.json", "b.json", "--format", "html"], "human, json, markdown"),
        (&["diff", "a.json", "b.json", "--output", "c.csv"], "FILE.md"),
        (&["completions", "sh"], "bash"),
    ] {
        let line = complaint(args);
        assert!(line.contains(hint), "{args:?}: {line}");
    }
    // What begins with a dash is a mistyped option, and never a hub to be had behind `--`.
    for option in ["--timeout=", "-x"] {
        let line = complaint(&["a.example", option, "-5"]);
        assert!(!line.contains("-- -"), "{line}");
    }
}

#[test]
fn a_secret_is_never_echoed() {
    let connection = format!("DeviceId=d1;SharedAccessKey={SECRET}");
    let url = format!("https://user:{SECRET}@a.example:0/");
    let full = format!("HostName=a.example;SharedAccessKey={SECRET}");
    let option = format!("--ca={full}");
    let joined = format!("mqtt,{connection}");
    for args in [
        &[connection.as_str()][..],
        &[&url],
        &[&full, "extra"],
        &["extra", &full],
        &["a.example", "--kind", &full],
        &["a.example", "--port", &url],
        &["a.example", "--protocol", &joined],
        &["a.example", "--timeout", &connection],
        &["a.example", "--address", "127.0.0.1", "--ca", &full],
        &["a.example", "--address", "127.0.0.1", &option],
        &["explain", &full],
        &["diagnose", &full],
        &["completions", &url],
    ] {
        let line = complaint(args);
        assert!(!line.contains(SECRET), "{line}");
    }
    for variable in ["HUBREACH_HUB", "HUBREACH_KIND", "HUBREACH_REQUIRE", "HUBREACH_TIMEOUT", "HUBREACH_CA"] {
        let mut command = hubreach(&["--address", "127.0.0.1", "--depth", "connect"]);
        if variable != "HUBREACH_HUB" {
            command.env("HUBREACH_HUB", "a.example");
        }
        let (status, stdout, stderr) = read(&command.env(variable, &connection).output().expect("runs"));
        assert_eq!((status, stdout.as_str(), stderr.lines().count()), (2, "", 1), "{variable}: {stderr}");
        assert!(!stderr.contains(SECRET), "{stderr}");
    }
}

#[test]
fn a_bad_log_filter_is_wrong_usage() {
    let output = hubreach(&["explain", "--list"]).env("HUBREACH_LOG", "a=b=c").output().expect("runs");
    let (status, _, stderr) = read(&output);
    assert_eq!((status, stderr.lines().count()), (2, 1), "{stderr}");
}
