//! The same handshakes by blackbox_exporter's TLS probe, the process that people have for it today.

use std::{
    fs,
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use futures_util::{StreamExt, stream};
use nix::unistd::{SysconfVar, sysconf};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::sleep,
};

use super::cost::Cost;

/// Ended with the benchmark.
struct Exporter(Child);

impl Drop for Exporter {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Has it make `probes` handshakes with `hub`, `jobs` at a time.
pub async fn probe_all(
    hub: SocketAddr,
    ca: &Path,
    name: &str,
    probes: usize,
    jobs: usize,
    dir: &Path,
) -> Result<Cost, String> {
    let config = dir.join("blackbox.yml");
    let text = format!(
        "modules:\n  tls:\n    prober: tcp\n    timeout: 15s\n    tcp:\n      tls: true\n      tls_config:\n        ca_file: {}\n        server_name: {name}\n",
        ca.display()
    );
    fs::write(&config, text).map_err(|error| error.to_string())?;
    let address = free().await?;
    let child = Command::new("prometheus-blackbox-exporter")
        .arg(format!("--config.file={}", config.display()))
        .arg(format!("--web.listen-address={address}"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("prometheus-blackbox-exporter: {error}"))?;
    let exporter = Exporter(child);
    let path = format!("/probe?module=tls&target={hub}");
    let mut tries = 0;
    // Ready, and its own first use of everything over.
    while get(address, &path).await.is_none_or(|answer| !answer.contains("\nprobe_success 1")) {
        tries += 1;
        if tries > 100 {
            return Err("its probe does not succeed".to_owned());
        }
        sleep(Duration::from_millis(50)).await;
    }
    let (before, began) = (cpu(&exporter)?, Instant::now());
    let answers = stream::iter((0..probes).map(|_| get(address, &path))).buffer_unordered(jobs);
    let succeeded = answers
        .filter(|answer| std::future::ready(answer.as_ref().is_some_and(|text| text.contains("\nprobe_success 1"))))
        .count()
        .await;
    let (wall, after) = (began.elapsed(), cpu(&exporter)?);
    match succeeded == probes {
        true => Ok(Cost { wall, cpu: after - before, peak: peak(&exporter)? }),
        false => Err(format!("only {succeeded} of {probes} probes succeed")),
    }
}

async fn free() -> Result<SocketAddr, String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|error| error.to_string())?;
    listener.local_addr().map_err(|error| error.to_string())
}

async fn get(address: SocketAddr, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok()?;
    Some(answer)
}

/// User and system time so far (proc(5), fields 14 and 15 of stat).
fn cpu(exporter: &Exporter) -> Result<Duration, String> {
    let stat = fs::read_to_string(format!("/proc/{}/stat", exporter.0.id())).map_err(|error| error.to_string())?;
    let (_, fields) = stat.rsplit_once(')').ok_or("no stat")?;
    let ticks: u64 = fields.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    let hertz = sysconf(SysconfVar::CLK_TCK).ok().flatten().and_then(|hertz| u64::try_from(hertz).ok()).unwrap_or(100);
    Ok(Duration::from_millis(ticks * 1000 / hertz))
}

/// Its most memory, in KiB.
fn peak(exporter: &Exporter) -> Result<u64, String> {
    let status = fs::read_to_string(format!("/proc/{}/status", exporter.0.id())).map_err(|error| error.to_string())?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    line.trim().trim_end_matches(" kB").parse().map_err(|_| "no VmHWM".to_owned())
}
