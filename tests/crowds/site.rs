//! A device and a healthy hub, with a link and a rule between.

use std::{
    env, io,
    net::{Ipv6Addr, SocketAddr},
    ops::Range,
    path::Path,
    process::Command,
    sync::{Mutex, PoisonError, mpsc},
    thread::{self, JoinHandle},
};

use hubreach::responder::{CertificateAuthority, Responder, ResponderConfig, ServerIdentity, Validity};
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::oneshot;

use super::{crowd::Crowd, netns::Namespace, tun::Link};

const SEEDS: u64 = 200;
/// They wait more than they work; what is late for want of a processor would be another crowd.
const AT_ONCE: usize = 32;

const HOST: &str = "hub.test";
const DEVICE: &str = "10.77.0.1";
const HUB: &str = "10.77.0.2";

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
            let report = Site::new(&crowd).and_then(|site| site.check());
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

struct Site {
    device: Namespace,
    ca: String,
    // Dropped in this order.
    _hub: Hub,
    _link: Link,
    _dir: TempDir,
}

impl Site {
    fn new(crowd: &Crowd) -> Result<Self, String> {
        let told = |error: io::Error| error.to_string();
        let (device, far) = (Namespace::new().map_err(told)?, Namespace::new().map_err(told)?);
        let link = Link::join((&device, DEVICE), (&far, HUB), crowd.quality()).map_err(told)?;
        let dir = tempfile::tempdir().map_err(told)?;
        if let Some(rules) = crowd.rules() {
            let file = dir.path().join("rules.nft");
            std::fs::write(&file, &rules).map_err(told)?;
            let output =
                far.run(|| Command::new("nft").arg("-f").arg(&file).output()).and_then(|done| done).map_err(told)?;
            if !output.status.success() {
                return Err(format!("{}\n{rules}", String::from_utf8_lossy(&output.stderr)));
            }
        }
        let ca = dir.path().join("ca.pem");
        let authority = CertificateAuthority::new().map_err(|error| error.to_string())?;
        std::fs::write(&ca, authority.pem()).map_err(told)?;
        let identity = authority.issue(&[HOST.to_owned()], Validity::default()).map_err(|error| error.to_string())?;
        let hub = Hub::start(&far, identity)?;
        Ok(Self { device, ca: ca.display().to_string(), _hub: hub, _link: link, _dir: dir })
    }

    /// A check with default options; its report.
    fn check(&self) -> Result<Value, String> {
        let program = env!("CARGO_BIN_EXE_hubreach");
        let arguments =
            ["check", HOST, "--address", HUB, "--ca", &self.ca, "--hub-ca", &self.ca, "--format", "json", "-q"];
        let output = self.device.run_unprivileged(program, &arguments).map_err(|error| error.to_string())?;
        let text = String::from_utf8_lossy(&output.stdout);
        let report: Value = serde_json::from_str(&text)
            .map_err(|error| format!("{error}\n{text}{}", String::from_utf8_lossy(&output.stderr)))?;
        super::schema::validate(&report);
        Ok(report)
    }
}

/// Our responder, until it is dropped.
struct Hub {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Hub {
    fn start(namespace: &Namespace, identity: ServerIdentity) -> Result<Self, String> {
        let namespace = namespace.handle().map_err(|error| error.to_string())?;
        let (tell, told) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let thread = thread::spawn(move || {
            let failed = tell.clone();
            let served = namespace.run(|| serve(identity, &tell, stopped));
            if let Err(error) = served.and_then(|served| served) {
                let _ = failed.send(Err(error.to_string()));
            }
        });
        let started: Result<(), String> = told.recv().map_err(|_| "the hub did not start".to_owned())?;
        started?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

fn serve(
    identity: ServerIdentity,
    tell: &mpsc::Sender<Result<(), String>>,
    stopped: oneshot::Receiver<()>,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let at = |port| Some(SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)));
        let config = ResponderConfig { mqtt: at(8883), amqp: at(5671), web: at(443), ..ResponderConfig::new(identity) };
        let _responder = Responder::start(config).await?;
        let _ = tell.send(Ok(()));
        let _ = stopped.await;
        Ok(())
    })
}

impl Drop for Hub {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
