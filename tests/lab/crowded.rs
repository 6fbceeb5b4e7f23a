//! A name that stands for thousands of addresses, none of which answers.

use std::{
    fs,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{
    netns::Namespace,
    scenario::{Device, Names},
    topology::{with_etc, write_etc},
};

const ADDRESSES: usize = 4000;
const TIMEOUT: Duration = Duration::from_secs(4);
/// Of a build for tests.
const MOST_MEMORY_KB: u64 = 64_000;
const DROP: &str = "table inet site {
  chain site {
    type filter hook input priority filter;
    tcp dport { 443, 5671, 8883 } drop
  }
}
";

/// As many are tried as there may be, that is told, and the run ends by its deadline.
pub fn a_name_of_thousands_of_addresses_costs_little() -> Result<(), String> {
    let told = |error: std::io::Error| error.to_string();
    let namespace = Namespace::new().map_err(told)?;
    namespace.filter(DROP)?;
    let dir = tempfile::tempdir().map_err(told)?;
    let hosts = (0..ADDRESSES).map(|number| format!("127.1.{}.{} hub.test", number / 250, number % 250 + 1)).collect();
    let nobody = Names { servers: Vec::new(), ..Names::default() };
    write_etc(dir.path(), &nobody, &Device { hosts, ..Device::default() }).map_err(told)?;
    let (report, memory) = (dir.path().join("report.json"), dir.path().join("memory"));
    let path = |path: &std::path::Path| path.display().to_string();
    let mut words: Vec<String> =
        ["/usr/bin/time", "-q", "-f", "%M", "-o", &path(&memory), env!("CARGO_BIN_EXE_hubreach"), "check", "hub.test"]
            .into_iter()
            .chain(["--kind", "azure-iot-hub", "--all-addresses", "--timeout", "4s", "--output", &path(&report)])
            .map(str::to_owned)
            .collect();
    with_etc(dir.path(), &mut words);
    let began = Instant::now();
    let output = namespace.output(&words).map_err(told)?;
    let took = began.elapsed();
    let screen = String::from_utf8_lossy(&output.stdout).into_owned();
    let report: Value = serde_json::from_str(&fs::read_to_string(&report).map_err(told)?).map_err(|e| e.to_string())?;
    let count = |value: &Value| value.as_array().map_or(0, Vec::len);
    let (found, tried) = (count(&report["resolution"]["addresses"]), count(&report["checks"][0]["attempts"]));
    if (found, tried) != (ADDRESSES, 16) {
        return Err(format!("{tried} of {found} addresses: {screen}"));
    }
    if !screen.contains("16 of the 4000 addresses were tried; of a family no more than 16 are.") {
        return Err(format!("not told: {screen}"));
    }
    let peak = fs::read_to_string(&memory).map_err(told)?;
    let peak: u64 = peak.trim().parse().map_err(|_| format!("not a number: {peak}"))?;
    match took < TIMEOUT + TIMEOUT / 10 + Duration::from_millis(500) && peak < MOST_MEMORY_KB {
        true => Ok(()),
        false => Err(format!("{took:?}, {peak} KB")),
    }
}
