//! Prometheus itself, with the configuration and the alerts of `examples/prometheus`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

use hubreach::responder::{Behaviour, PortMode};
use libtest_mimic::Trial;
use serde_json::Value;

use super::{
    http,
    hub::{Hub, NAME},
    need,
    process::{Group, free_ports},
    served::Served,
};

type Outcome = Result<(), String>;

/// To start, to scrape and to have it stored.
const LIMIT: Duration = Duration::from_secs(60);

pub fn trials() -> Vec<Trial> {
    let missing = |name: &str| need::program(name).is_none().then(|| format!("{name} is not installed"));
    vec![
        need::trial("the_examples_are_sound", missing("promtool"), the_examples_are_sound),
        need::trial("each_alert_fires_when_it_should", missing("promtool"), each_alert_fires_when_it_should),
        need::trial("prometheus_learns_the_verdict", missing("prometheus"), prometheus_learns_the_verdict),
        need::trial(
            "a_pod_is_scraped_as_its_manifest_says",
            missing("prometheus"),
            a_pod_is_scraped_as_its_manifest_says,
        ),
    ]
}

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/prometheus")
}

fn containers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/containers")
}

fn promtool(args: &[&str], path: &Path) -> Outcome {
    let program = need::program("promtool").ok_or("promtool is gone")?;
    let output = Command::new(program).args(args).arg(path).output().map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    if output.status.success() { Ok(()) } else { Err(said) }
}

fn the_examples_are_sound() -> Outcome {
    promtool(&["check", "config"], &examples().join("prometheus.yml"))?;
    promtool(&["check", "rules"], &examples().join("alerts.yml"))
}

fn each_alert_fires_when_it_should() -> Outcome {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/exporter/alerts.test.yml");
    let alerts = fs::read_to_string(examples().join("alerts.yml")).map_err(|error| error.to_string())?;
    let tested = fs::read_to_string(&cases).map_err(|error| error.to_string())?;
    for alert in alerts.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")) {
        if !tested.contains(&format!("alertname: {alert}\n")) {
            return Err(format!("no case for {alert}"));
        }
    }
    promtool(&["test", "rules"], &cases)
}

fn prometheus_learns_the_verdict() -> Outcome {
    let hub = Hub::behaving(Behaviour { mqtt_port: PortMode::Closed.into(), ..Behaviour::default() })?;
    let served = Served::start(&hub, &[])?;
    let prometheus = Prometheus::scraping(&served)?;
    let verdicts = prometheus.wait_for("hubreach_check_verdict == 1", |samples| samples.len() == 5)?;
    for sample in &verdicts {
        let labels = &sample["metric"];
        let expected = if labels["protocol"] == "mqtt" { "blocked" } else { "allowed" };
        if labels["verdict"] != expected || labels["instance"] != NAME || labels["site"] != "plant-1" {
            return Err(format!("{labels:#}"));
        }
    }
    // The verdict and its cause, as in docs/prometheus.md.
    let cause = "hubreach_check_verdict{verdict=\"blocked\"} == 1 \
                 and on (instance, protocol, port, route) hubreach_check_cause_info{code=\"port-closed\"}";
    prometheus.wait_for(cause, |samples| samples.len() == 1 && samples[0]["metric"]["protocol"] == "mqtt")?;
    // Both jobs are scraped without a complaint, and the counters arrive under their names.
    prometheus.wait_for("up == 1", |samples| samples.len() == 2)?;
    prometheus.wait_for("hubreach_exporter_requests_total{handler=\"/probe\",code=\"200\"} > 0", |samples| {
        samples.len() == 1
    })?;
    prometheus
        .wait_for("hubreach_exporter_probe_duration_seconds_bucket{le=\"+Inf\"} > 0", |samples| samples.len() == 1)?;
    // A hub that blocks all from now on is noticed.
    drop(hub);
    prometheus.wait_for("hubreach_probe_success == 0", |samples| samples.len() == 1)?;
    prometheus
        .wait_for("ALERTS{alertname=\"HubNotReachable\",alertstate=\"pending\"}", |samples| samples.len() == 1)?;
    Ok(())
}

/// The labels that Kubernetes would tell of the pod, relabelled by the example: only who finds the pod is another.
fn a_pod_is_scraped_as_its_manifest_says() -> Outcome {
    let hub = Hub::behaving(Behaviour::default())?;
    let served = Served::start(&hub, &[])?;
    let read = |name: &str| fs::read_to_string(containers().join(name)).map_err(|error| error.to_string());
    let manifest = read("kubernetes.yaml")?;
    let annotations = manifest.lines().filter_map(|line| line.trim().strip_prefix("prometheus.io/")?.split_once(": "));
    let mut found = format!(
        "static_configs:\n      - targets: [pod]\n        labels:\n          __meta_kubernetes_pod_name: device\n          \
         __meta_kubernetes_pod_ip: \"{}\"\n",
        served.address.ip()
    );
    for (key, value) in annotations {
        let value = value.replace("9877", &served.address.port().to_string());
        found += &format!("          __meta_kubernetes_pod_annotation_prometheus_io_{key}: {value}\n");
    }
    let config = read("prometheus.yml")?
        .replace("kubernetes_sd_configs:\n      - role: pod\n", &found)
        .replace("scrape_interval: 60s", "scrape_interval: 1s")
        .replace("scrape_timeout: 20s", "scrape_timeout: 1s");
    let dir = tempfile::tempdir().map_err(|error| error.to_string())?;
    fs::write(dir.path().join("prometheus.yml"), config).map_err(|error| error.to_string())?;
    let prometheus = Prometheus::start(dir)?;
    prometheus.wait_for("hubreach_probe_success{pod=\"device\"} == 1", |samples| samples.len() == 1)?;
    prometheus.wait_for("hubreach_probe_info{hub=\"hub.test\"}", |samples| samples.len() == 1)?;
    prometheus.wait_for("up == 1", |samples| samples.len() == 1).map(drop)
}

/// A Prometheus that scrapes as the example says, only more often.
struct Prometheus {
    address: std::net::SocketAddr,
    group: Group,
    _dir: tempfile::TempDir,
}

impl Prometheus {
    fn scraping(served: &Served) -> Result<Self, String> {
        let dir = tempfile::tempdir().map_err(|error| error.to_string())?;
        let copy = |name: &str, changes: &[(&str, &str)]| {
            let mut text = fs::read_to_string(examples().join(name)).map_err(|error| error.to_string())?;
            for (from, to) in changes {
                if !text.contains(from) {
                    return Err(format!("{name} has no {from}"));
                }
                text = text.replace(from, to);
            }
            fs::write(dir.path().join(name), text).map_err(|error| error.to_string())
        };
        let exporter = served.address.to_string();
        let often = "global:\n  scrape_interval: 1s\n  evaluation_interval: 1s\n\nrule_files:";
        copy(
            "prometheus.yml",
            &[
                ("127.0.0.1:9877", &exporter),
                ("scrape_interval: 60s", "scrape_interval: 1s"),
                ("scrape_timeout: 20s", "scrape_timeout: 1s"),
                ("rule_files:", often),
            ],
        )?;
        copy("hubs.yml", &[("contoso.azure-devices.net", NAME), ("    - fabrikam.azure-devices.net\n", "")])?;
        copy("alerts.yml", &[])?;
        Self::start(dir)
    }

    /// With the configuration that lies in `dir`.
    fn start(dir: tempfile::TempDir) -> Result<Self, String> {
        let [port] = free_ports();
        let mut command = Command::new(need::program("prometheus").ok_or("prometheus is gone")?);
        command.current_dir(dir.path()).arg("--config.file=prometheus.yml").arg("--storage.tsdb.path=data");
        command.arg(format!("--web.listen-address=127.0.0.1:{port}"));
        let mut group = Group::start(&mut command, &dir.path().join("log"), None)?;
        group.wait_for(&[port], LIMIT)?;
        Ok(Self { address: ([127, 0, 0, 1], port).into(), group, _dir: dir })
    }

    /// The samples of a query, as soon as they are as expected.
    fn wait_for(&self, query: &str, expected: impl Fn(&[Value]) -> bool) -> Result<Vec<Value>, String> {
        let encoded: String = query.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let began = Instant::now();
        loop {
            // HTTP/1.0, so that nothing comes in chunks.
            let request = format!("GET /api/v1/query?query={encoded} HTTP/1.0\r\n\r\n");
            let answer = http::raw(self.address, request.as_bytes())?;
            let samples = serde_json::from_str::<Value>(&answer.body)
                .ok()
                .and_then(|answer| answer["data"]["result"].as_array().cloned());
            if let Some(samples) = samples.filter(|samples| expected(samples)) {
                return Ok(samples);
            }
            if began.elapsed() > LIMIT {
                return Err(format!("{query}: {}\n{}", answer.body, self.group.said()));
            }
            sleep(Duration::from_millis(200));
        }
    }
}
