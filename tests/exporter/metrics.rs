//! What a scraper is told.

use std::{collections::BTreeSet, process::Command};

use hubreach::responder::{Behaviour, PortMode};
use libtest_mimic::Trial;

use super::{http, hub::Hub, need, served::Served};

type Outcome = Result<(), String>;

pub fn trials() -> Vec<Trial> {
    let promtool = || need::program("promtool").is_none().then(|| "promtool is not installed".to_owned());
    vec![
        need::trial("a_healthy_hub_is_told", promtool(), a_healthy_hub_is_told),
        need::trial("a_blocked_protocol_is_told_with_its_cause", promtool(), a_blocked_protocol_is_told_with_its_cause),
        need::trial("interception_is_told", promtool(), interception_is_told),
        need::trial("a_request_chooses_module_and_protocols", None, a_request_chooses_module_and_protocols),
        need::trial("the_format_is_the_one_asked_for", None, the_format_is_the_one_asked_for),
        need::trial("every_metric_is_in_the_documentation", None, every_metric_is_in_the_documentation),
        need::trial("a_person_finds_the_way", None, a_person_finds_the_way),
    ]
}

fn a_healthy_hub_is_told() -> Outcome {
    let hub = Hub::behaving(Behaviour::default())?;
    let served = Served::start(&hub, &["--require", "all"])?;
    let text = served.probe("")?;
    lint(&text)?;
    // The only hub need not be named.
    expect(&served.get("/probe?module=connect")?.body, "hubreach_probe_info", &["hub=\"hub.test\""], 1.0)?;
    lint(&served.get("/metrics")?.body)?;
    expect(&text, "hubreach_probe_success", &[], 1.0)?;
    expect(&text, "hubreach_probe_info", &["hub=\"hub.test\"", "module=\"default\"", "require=\"all\""], 1.0)?;
    for protocol in ["mqtt", "amqp", "https", "mqtt-ws", "amqp-ws"] {
        let protocol = format!("protocol=\"{protocol}\"");
        expect(&text, "hubreach_check_allowed", &[&protocol, "route=\"direct\""], 1.0)?;
        expect(&text, "hubreach_check_required", &[&protocol, "route=\"direct\""], 1.0)?;
        for (verdict, value) in [("allowed", 1.0), ("blocked", 0.0), ("declined", 0.0), ("unknown", 0.0)] {
            expect(&text, "hubreach_check_verdict", &[&protocol, &format!("verdict=\"{verdict}\"")], value)?;
        }
        for stage in ["connect", "tls", "exchange"] {
            let stage = format!("stage=\"{stage}\"");
            expect(&text, "hubreach_stage_success", &[&protocol, &stage], 1.0)?;
            let seconds = value(&text, "hubreach_stage_duration_seconds", &[&protocol, &stage])?;
            within(seconds, 0.0, 15.0)?;
        }
        let tls = ["version=\"TLS 1.3\"", "issuer=\"CN=hubreach responder CA\"", "identity=\"proven\""];
        expect(&text, "hubreach_tls_info", &[&[protocol.as_str()][..], &tls].concat(), 1.0)?;
        // In seconds, not milliseconds, and after 2026.
        let expiry = value(&text, "hubreach_certificate_expiry_timestamp_seconds", &[&protocol])?;
        within(expiry, 1.767e9, 1e11)?;
        within(value(&text, "hubreach_certificate_chain_expiry_timestamp_seconds", &[&protocol])?, 1.767e9, expiry)?;
    }
    expect(&text, "hubreach_stage_success", &["protocol=\"mqtt-ws\"", "stage=\"upgrade\""], 1.0)?;
    expect(&text, "hubreach_finding", &["code=\"authentication-refused\"", "severity=\"info\""], 1.0)?;
    absent(&text, "hubreach_check_cause_info")
}

fn a_blocked_protocol_is_told_with_its_cause() -> Outcome {
    let hub = Hub::behaving(Behaviour { mqtt_port: PortMode::Closed.into(), ..Behaviour::default() })?;
    let mqtt = "protocol=\"mqtt\"";
    let any = Served::start(&hub, &[])?;
    for module in ["", "&module=explain", "&module=connect"] {
        let text = any.probe(module)?;
        lint(&text)?;
        expect(&text, "hubreach_probe_success", &[], 1.0)?;
        expect(&text, "hubreach_check_allowed", &[mqtt], 0.0)?;
        expect(&text, "hubreach_check_verdict", &[mqtt, "verdict=\"blocked\""], 1.0)?;
        // Any one would do.
        expect(&text, "hubreach_check_required", &[mqtt], 0.0)?;
        expect(&text, "hubreach_check_verdict", &[mqtt, "verdict=\"allowed\""], 0.0)?;
        expect(&text, "hubreach_check_allowed", &["protocol=\"https\""], 1.0)?;
        expect(&text, "hubreach_check_cause_info", &[mqtt, "code=\"port-closed\""], 1.0)?;
        expect(&text, "hubreach_finding", &["code=\"port-closed\"", "severity=\"error\""], 1.0)?;
        expect(&text, "hubreach_stage_success", &[mqtt, "stage=\"connect\""], 0.0)?;
        if value(&text, "hubreach_stage_success", &[mqtt, "stage=\"tls\""]).is_ok() {
            return Err(format!("a stage that was not reached is told:\n{text}"));
        }
    }
    let needed = Served::start(&hub, &["--require", "mqtt"])?;
    expect(&needed.probe("")?, "hubreach_probe_success", &[], 0.0)
}

fn interception_is_told() -> Outcome {
    let mut hub = Hub::behaving(Behaviour::default())?;
    // The device trusts the chain; the hub's own roots do not.
    hub.hub_root.clone_from(&hub.other_root);
    let served = Served::start(&hub, &[])?;
    let text = served.probe("")?;
    lint(&text)?;
    expect(&text, "hubreach_finding", &["code=\"tls-intercepted\"", "owner=\"security-team\""], 1.0)?;
    expect(&text, "hubreach_tls_info", &["protocol=\"mqtt\"", "identity=\"intercepted\""], 1.0)?;
    expect(&text, "hubreach_probe_success", &[], 1.0)
}

fn a_request_chooses_module_and_protocols() -> Outcome {
    let hub = Hub::behaving(Behaviour::default())?;
    let served = Served::start(&hub, &[])?;
    let some = served.probe("&protocol=https,mqtt")?;
    expect(&some, "hubreach_check_allowed", &["protocol=\"mqtt\""], 1.0)?;
    expect(&some, "hubreach_check_allowed", &["protocol=\"https\""], 1.0)?;
    if some.contains("\"amqp") || some.contains("-ws\"") {
        return Err(format!("more than was asked for:\n{some}"));
    }
    let connect = served.probe("&module=connect")?;
    expect(&connect, "hubreach_check_allowed", &["protocol=\"mqtt\""], 1.0)?;
    absent(&connect, "hubreach_tls_info")?;
    let tls = served.probe("&module=tls&protocol=mqtt")?;
    expect(&tls, "hubreach_stage_success", &["stage=\"tls\""], 1.0)?;
    match tls.contains("stage=\"exchange\"") || tls.contains("authentication-refused") {
        true => Err(format!("it went past TLS:\n{tls}")),
        false => Ok(()),
    }
}

fn the_format_is_the_one_asked_for() -> Outcome {
    let hub = Hub::behaving(Behaviour::default())?;
    let served = Served::start(&hub, &[])?;
    for path in ["/metrics", "/probe?hub=hub.test&module=connect"] {
        let open = http::raw(
            served.address,
            http::request(path, "Accept: application/openmetrics-text;version=1.0.0,*/*;q=0.1\r\n").as_bytes(),
        )?;
        let is_open = open.head.contains("content-type: application/openmetrics-text; version=1.0.0; charset=utf-8");
        if !is_open || !open.body.ends_with("\n# EOF\n") {
            return Err(format!("no OpenMetrics: {open:?}"));
        }
        let classic = served.get(path)?;
        let is_classic = classic.head.contains("content-type: text/plain; version=0.0.4; charset=utf-8");
        if !is_classic || classic.body.contains("# EOF") {
            return Err(format!("not the older format: {classic:?}"));
        }
    }
    Ok(())
}

fn every_metric_is_in_the_documentation() -> Outcome {
    let healthy = Hub::behaving(Behaviour::default())?;
    let blocked = Hub::behaving(Behaviour { mqtt_port: PortMode::Closed.into(), ..Behaviour::default() })?;
    let (served, troubled) = (Served::start(&healthy, &[])?, Served::start(&blocked, &[])?);
    // Only of a name is it told how long it took to resolve.
    let named = Served::launch(&["localhost", "--port", &healthy.ports])?;
    let texts = [
        served.probe("")?,
        troubled.probe("")?,
        named.get("/probe?hub=localhost&module=connect")?.body,
        served.get("/metrics")?.body,
    ];
    let told: BTreeSet<&str> = texts.iter().flat_map(|text| families(text)).collect();
    let page = include_str!("../../docs/prometheus.md");
    let documented: BTreeSet<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        // None of these hubs is probed through a proxy.
        .filter(|name| name.contains('_') && *name != "hubreach_proxy_info")
        .collect();
    match told == documented {
        true => Ok(()),
        false => Err(format!(
            "not in docs/prometheus.md: {:?}; there, but never told: {:?}",
            told.difference(&documented).collect::<Vec<_>>(),
            documented.difference(&told).collect::<Vec<_>>()
        )),
    }
}

fn a_person_finds_the_way() -> Outcome {
    let hub = Hub::behaving(Behaviour::default())?;
    let served = Served::start(&hub, &[])?;
    let page = served.get("/")?;
    let links: Vec<String> = page
        .body
        .split("href=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(|link| link.replace("&amp;", "&"))
        .collect();
    if links.len() != 5 || !page.head.contains("content-type: text/html") {
        return Err(format!("{page:?}"));
    }
    for link in links {
        let answer = served.get(&link)?;
        if answer.status != 200 || !answer.body.starts_with("# HELP") {
            return Err(format!("{link}: {answer:?}"));
        }
    }
    let healthy = served.get("/-/healthy")?;
    if (healthy.status, healthy.line()?) == (200, "healthy") { Ok(()) } else { Err(format!("{healthy:?}")) }
}

/// What Prometheus' own linter says of `text`.
fn lint(text: &str) -> Outcome {
    let dir = tempfile::tempdir().map_err(|error| error.to_string())?;
    let path = dir.path().join("metrics");
    std::fs::write(&path, text).map_err(|error| error.to_string())?;
    let file = std::fs::File::open(&path).map_err(|error| error.to_string())?;
    let mut command = Command::new(need::program("promtool").ok_or("promtool is gone")?);
    let output = command.args(["check", "metrics"]).stdin(file).output().map_err(|error| error.to_string())?;
    let said = [output.stdout, output.stderr].concat();
    match output.status.success() && said.is_empty() {
        true => Ok(()),
        false => Err(format!("promtool: {}\n{text}", String::from_utf8_lossy(&said))),
    }
}

fn families(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next())
}

/// The one sample of that name that has all these labels.
fn value(text: &str, name: &str, labels: &[&str]) -> Result<f64, String> {
    let fits = |line: &&str| {
        let rest = line.strip_prefix(name);
        rest.is_some_and(|rest| rest.starts_with(['{', ' ']) && labels.iter().all(|label| rest.contains(label)))
    };
    let found: Vec<&str> = text.lines().filter(fits).collect();
    let [line] = found.as_slice() else { return Err(format!("{name} {labels:?}: {found:?} in:\n{text}")) };
    line.rsplit(' ').next().and_then(|value| value.parse().ok()).ok_or_else(|| format!("no value: {line}"))
}

fn expect(text: &str, name: &str, labels: &[&str], expected: f64) -> Outcome {
    let value = value(text, name, labels)?;
    if value == expected { Ok(()) } else { Err(format!("{name} {labels:?} is {value}, not {expected}:\n{text}")) }
}

fn within(value: f64, from: f64, to: f64) -> Outcome {
    if (from..=to).contains(&value) { Ok(()) } else { Err(format!("{value} is not from {from} to {to}")) }
}

fn absent(text: &str, name: &str) -> Outcome {
    if families(text).any(|family| family == name) { Err(format!("there is a {name}:\n{text}")) } else { Ok(()) }
}
