//! What seeds make between a device and a healthy hub, and that it is nobody's fault.

use std::{
    env,
    ops::Range,
    path::Path,
    sync::{Mutex, PoisonError},
    thread,
};

use hubreach::responder::Behaviour;
use serde_json::Value;

use super::{crowd::Crowd, pair::Pair};

const SEEDS: u64 = 200;
/// They wait more than they work; what is late for want of a processor would be another crowd.
const AT_ONCE: usize = 32;

/// With default options no finding is an error, and nothing is called blocked.
pub fn a_crowd_is_nobodys_fault() -> Result<(), String> {
    let seeds = seeds()?;
    let (many, keep) = (seeds.clone().count(), env::var_os("HUBREACH_TEST_KEEP"));
    let mut crowds: Vec<Crowd> = seeds.map(Crowd::of).collect();
    // The fastest first in the list: taken from its end.
    crowds.sort_by_key(|crowd| std::cmp::Reverse(crowd.bits_per_second()));
    let (left, ended) = (Mutex::new(crowds), Mutex::new(Vec::new()));
    let next = || left.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let work = || {
        while let Some(crowd) = next() {
            let pair = Pair::new(crowd.quality(), crowd.rules().as_deref(), Behaviour::default());
            let report = pair.and_then(|pair| pair.check());
            let outcome =
                report.as_ref().map_err(Clone::clone).and_then(judge).map_err(|why| format!("{crowd}: {why}"));
            if let (Some(dir), Ok(report)) = (&keep, &report)
                && (outcome.is_err() || many == 1)
            {
                // Who asks for it sees what is missing.
                let _ = std::fs::write(Path::new(dir).join(format!("{}.json", crowd.seed)), format!("{report:#}"));
            }
            ended.lock().unwrap_or_else(PoisonError::into_inner).push(outcome);
        }
    };
    thread::scope(|scope| (0..AT_ONCE).for_each(|_| drop(scope.spawn(work))));
    let ended = ended.into_inner().unwrap_or_else(PoisonError::into_inner);
    let failed: Vec<&str> = ended.iter().filter_map(|outcome| outcome.as_ref().err()).map(String::as_str).collect();
    if !failed.is_empty() {
        return Err(format!("{} of {many}:\n{}", failed.len(), failed.join("\n")));
    }
    // Where nothing shows the crowd, nothing is proved.
    let crowded = ended.iter().flatten().filter(|shown| shown.crowd).count();
    // To know nothing accuses nobody either.
    let open = ended.iter().flatten().filter(|shown| shown.open).count();
    match many == 1 || (crowded * 4 > many && open * 8 < many) {
        true => Ok(()),
        false => Err(format!("but {crowded} of {many} show a crowd, {open} leave something unknown")),
    }
}

/// Those of the test, or those that the environment names: `17`, or `200..400`.
fn seeds() -> Result<Range<u64>, String> {
    let Ok(named) = env::var("HUBREACH_TEST_SEEDS") else { return Ok(0..SEEDS) };
    let (first, end) = named.split_once("..").unwrap_or((&named, ""));
    let number = |text: &str| text.parse::<u64>().map_err(|_| format!("HUBREACH_TEST_SEEDS={named}: 17, or 200..400"));
    let first = number(first)?;
    Ok(first..if end.is_empty() { first + 1 } else { number(end)? })
}

/// What a report shows that accuses nobody.
#[derive(Clone, Copy)]
struct Shown {
    /// A warning, a SYN sent again, a stage that failed.
    crowd: bool,
    /// A check that is not allowed.
    open: bool,
}

fn judge(report: &Value) -> Result<Shown, String> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let (checks, findings) = (list(&report["checks"]), list(&report["findings"]));
    let of = |severity: &str| findings.iter().filter(|one| one["severity"] == severity).cloned().collect::<Vec<_>>();
    let accused = checks.iter().filter(|check| check["verdict"] == "blocked" || check["verdict"] == "declined");
    let accused: Vec<String> = accused.map(|check| format!("{} {}", check["id"], check["summary"])).collect();
    let errors = of("error");
    if !errors.is_empty() || !accused.is_empty() {
        let told = |one: &Value| format!("{} ({}, {})", one["code"], one["confidence"], one["affects"]);
        let errors: Vec<String> = errors.iter().map(told).collect();
        return Err(format!("{} | {}", errors.join(", "), accused.join(", ")));
    }
    let again = |check: &Value| {
        list(&check["attempts"]).iter().flat_map(|attempt| list(&attempt["stages"])).any(|stage| {
            let seen = &stage["evidence"];
            stage["outcome"] != "ok" || seen["hedged"] == true || seen["retransmits"].as_u64().unwrap_or_default() > 0
        })
    };
    let crowd = !of("warning").is_empty() || checks.iter().any(again);
    Ok(Shown { crowd, open: checks.iter().any(|check| check["verdict"] != "allowed") })
}
