//! Time, number and memory: what a slow hub, a slow scraper or too many of them may cost.

use std::{
    io::Write,
    net::SocketAddr,
    num::NonZeroUsize,
    thread::sleep,
    time::{Duration, Instant},
};

use hubreach::{
    Routing, StopToken,
    exporter::{Allowed, Exporter, ExporterConfig, Limits},
    hub::{HubHost, TargetOptions},
    probe::Settings,
    responder::{Answer, Behaviour},
};
use libtest_mimic::Trial;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use super::{
    http,
    hub::{Hub, NAME},
    need,
    served::Served,
};

type Outcome = Result<(), String>;

const IN_FLIGHT: &str = "hubreach_exporter_probes_in_flight";

pub fn trials() -> Vec<Trial> {
    vec![
        need::trial("two_hundred_slow_scrapes_leave_it_healthy", None, two_hundred_slow_scrapes_leave_it_healthy),
        need::trial("as_many_probes_as_there_may_be_fit_into_the_container", None, it_fits_into_its_container),
        need::trial("beyond_the_limit_is_503", None, beyond_the_limit_is_503),
        need::trial("a_scraper_that_leaves_ends_its_probe", None, a_scraper_that_leaves_ends_its_probe),
        need::trial("the_scraper_s_patience_is_the_deadline", None, the_scraper_s_patience_is_the_deadline),
        need::trial("it_ends_well_when_told_to", None, it_ends_well_when_told_to),
        need::trial("an_idle_connection_does_not_keep_it", None, an_idle_connection_does_not_keep_it),
        need::trial("a_slow_head_is_cut", None, a_slow_head_is_cut),
        need::trial("a_connection_does_not_last_for_ever", None, a_connection_does_not_last_for_ever),
        need::trial(
            "a_probe_that_takes_too_long_is_cut_at_the_end",
            None,
            a_probe_that_takes_too_long_is_cut_at_the_end,
        ),
    ]
}

/// The limit of `examples/containers/kubernetes.yaml`, with as many probes as there are by default, of hubs whose
/// certificates are as large as a handshake may be, and which then say nothing.
fn it_fits_into_its_container() -> Outcome {
    const CONTAINER: u64 = 64 << 20;
    const SCRAPES: usize = 3 * hubreach::exporter::MOST_PROBES.get();
    if hubreach::probe::descriptors().is_some_and(|most| most < 10_000) {
        return Err("a test of thousands of sockets needs as many file descriptors (`ulimit -n`)".to_owned());
    }
    let names: Vec<String> = (0..600).map(|number| format!("{number}.{}.example", "long-name".repeat(6))).collect();
    let names = [&[NAME.to_owned()], &names[..]].concat();
    let hub = Hub::certified(&names, Behaviour::of_answers(Answer::Silent))?;
    let mut served = Served::start(&hub, &["--timeout", "8s"])?;
    let answered = std::thread::scope(|scope| {
        let get = || served.get(&format!("/probe?hub={NAME}&module=explain")).map(|answer| answer.status);
        let scrapes: Vec<_> = (0..SCRAPES).map(|_| scope.spawn(get)).collect();
        scrapes
            .into_iter()
            .map(|scrape| scrape.join().map_err(|_| "panicked".to_owned())?)
            .collect::<Result<Vec<u16>, String>>()
    })?;
    let probed = answered.iter().filter(|status| **status == 200).count();
    if probed < hubreach::exporter::MOST_PROBES.get() {
        return Err(format!("only {probed} probes were made: {answered:?}"));
    }
    let peak = served.peak_memory()?;
    if peak < CONTAINER { Ok(()) } else { Err(format!("{peak} bytes, for {probed} probes")) }
}

/// The acceptance: `/-/healthy` within 100 ms, while 200 scrapes of a hub that never answers are under way, and when all of
/// them give up at once.
fn two_hundred_slow_scrapes_leave_it_healthy() -> Outcome {
    const SCRAPES: usize = 200;
    const HEALTHY_WITHIN: Duration = Duration::from_millis(100);
    /// Of a build for tests; 64 MB were measured.
    const MOST_MEMORY: u64 = 150_000_000;
    // The exporter does not begin more probes than it could give sockets.
    if hubreach::probe::descriptors().is_some_and(|most| most < 10_000) {
        return Err("this test needs 10000 file descriptors; raise the limit (`ulimit -n`)".to_owned());
    }
    let hub = Hub::silent()?;
    let mut served = Served::start(&hub, &["--max-probes", "200"])?;
    let scrape = || http::send(served.address, http::request(&format!("/probe?hub={NAME}"), "").as_bytes());
    let scrapes = (0..SCRAPES).map(|_| scrape()).collect::<Result<Vec<_>, _>>()?;
    served.wait_for(IN_FLIGHT, SCRAPES as f64)?;
    let mut times = Vec::new();
    while served.own(IN_FLIGHT)? > 0.0 {
        let began = Instant::now();
        if served.get("/-/healthy")?.status != 200 {
            return Err("not healthy".to_owned());
        }
        times.push(began.elapsed());
        sleep(Duration::from_millis(20));
    }
    // Not the slowest one: a busy machine may take its time once or twice.
    times.sort();
    let most = times[times.len() * 95 / 100];
    if times.len() < 20 || most > HEALTHY_WITHIN {
        return Err(format!("healthy after {most:?}: {times:?}"));
    }
    for scrape in scrapes {
        let answer = http::answer(scrape)?;
        if answer.status != 200 || answer.body.matches("verdict=\"blocked\"} 1").count() != 5 {
            return Err(format!("{answer:?}"));
        }
    }
    let peak = served.peak_memory()?;
    if peak > MOST_MEMORY { Err(format!("{peak} bytes of memory")) } else { Ok(()) }
}

fn beyond_the_limit_is_503() -> Outcome {
    let hub = Hub::silent()?;
    let served = Served::start(&hub, &["--protocol", "mqtt", "--max-probes", "2"])?;
    let scrape = http::request(&format!("/probe?hub={NAME}"), "");
    let under_way = [http::send(served.address, scrape.as_bytes())?, http::send(served.address, scrape.as_bytes())?];
    served.wait_for(IN_FLIGHT, 2.0)?;
    for _ in 0..10 {
        let refused = http::raw(served.address, scrape.as_bytes())?;
        if refused.status != 503
            || !refused.head.contains("retry-after: 5")
            || !refused.line()?.contains("--max-probes")
        {
            return Err(format!("{refused:?}"));
        }
    }
    // What is no probe needs no place among them; nor does what is refused for another reason.
    for (path, status) in [("/metrics", 200), ("/-/healthy", 200), ("/", 200), ("/probe?hub=other.test", 403)] {
        let answer = served.get(path)?;
        if answer.status != status {
            return Err(format!("{path}: {answer:?}"));
        }
    }
    if served.own("hubreach_exporter_probes_rejected_total")? != 10.0 {
        return Err("not every refusal is counted".to_owned());
    }
    drop(under_way);
    served.wait_for(IN_FLIGHT, 0.0)?;
    let again = http::send(served.address, scrape.as_bytes())?;
    served.wait_for(IN_FLIGHT, 1.0)?;
    drop(again);
    Ok(())
}

fn a_scraper_that_leaves_ends_its_probe() -> Outcome {
    let hub = Hub::silent()?;
    let served = Served::start(&hub, &["--protocol", "mqtt"])?;
    let scrape = http::send(served.address, http::request(&format!("/probe?hub={NAME}"), "").as_bytes())?;
    served.wait_for(IN_FLIGHT, 1.0)?;
    drop(scrape);
    served.wait_for("hubreach_exporter_probes_abandoned_total", 1.0)?;
    served.wait_for(IN_FLIGHT, 0.0)?;
    // Only the connection that asks is left.
    served.wait_for("hubreach_exporter_connections", 1.0)
}

/// A hub that never answers takes five seconds to give up on; the answer comes before, as the scraper would be gone by then.
fn the_scraper_s_patience_is_the_deadline() -> Outcome {
    let hub = Hub::silent()?;
    let served = Served::start(&hub, &[])?;
    let request = http::request(&format!("/probe?hub={NAME}"), "X-Prometheus-Scrape-Timeout-Seconds: 2\r\n");
    let began = Instant::now();
    let answer = http::raw(served.address, request.as_bytes())?;
    let took = began.elapsed();
    let told = ["hubreach_probe_deadline_reached 1", "protocol=\"mqtt\"", "verdict=\"unknown\"} 1"];
    if answer.status != 200 || !told.iter().all(|told| answer.body.contains(told)) {
        return Err(format!("{answer:?}"));
    }
    // The deadline is at 1.5 s.
    if took < Duration::from_secs(1) || took > Duration::from_secs(4) { Err(format!("after {took:?}")) } else { Ok(()) }
}

fn it_ends_well_when_told_to() -> Outcome {
    let hub = Hub::silent()?;
    let mut served = Served::start(&hub, &["--protocol", "mqtt"])?;
    let request = http::request(&format!("/probe?hub={NAME}"), "X-Prometheus-Scrape-Timeout-Seconds: 3\r\n");
    let scrape = http::send(served.address, request.as_bytes())?;
    served.wait_for(IN_FLIGHT, 1.0)?;
    served.terminate()?;
    // The answer under way is still given; no new one is begun.
    let answer = http::answer(scrape)?;
    let ended = served.ended()?;
    let refused = http::get(served.address, "/-/healthy").is_err();
    match answer.status == 200 && ended.success() && refused {
        true => Ok(()),
        false => Err(format!("{ended}, refused: {refused}, {answer:?}, {}", served.said())),
    }
}

/// It has eight seconds; half of them are plenty where nothing is under way.
fn an_idle_connection_does_not_keep_it() -> Outcome {
    let hub = Hub::behaving(Behaviour::default())?;
    let mut served = Served::start(&hub, &[])?;
    let fresh = http::send(served.address, b"")?;
    let mut used = http::send(served.address, b"GET /-/healthy HTTP/1.1\r\nHost: a\r\n\r\n")?;
    let _ = used.flush();
    served.wait_for("hubreach_exporter_connections", 3.0)?;
    let began = Instant::now();
    served.terminate()?;
    let (ended, took) = (served.ended()?, began.elapsed());
    drop((fresh, used));
    match ended.success() && took < Duration::from_secs(4) {
        true => Ok(()),
        false => Err(format!("{ended} after {took:?}")),
    }
}

fn a_slow_head_is_cut() -> Outcome {
    let limits = Limits { head: Duration::from_millis(300), ..Limits::default() };
    serving(limits, async |address| {
        // A byte at a time, for as long as it is let.
        let mut stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
        let drip = async {
            for byte in b"GET /metrics HTTP/1.1\r\nx: ".iter().chain([b'a'].iter().cycle()) {
                if stream.write_all(&[*byte]).await.is_err() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let cut = tokio::time::timeout(Duration::from_secs(10), drip).await;
        cut.map_err(|_| "a slow head is read for ever".to_owned())?;
        // A silent connection, and one that has been answered, are no better.
        for bytes in [&b""[..], b"GET /-/healthy HTTP/1.1\r\nHost: a\r\n\r\n"] {
            let mut stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
            stream.write_all(bytes).await.map_err(|error| error.to_string())?;
            let mut all = Vec::new();
            let end = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut all)).await;
            drop(end.map_err(|_| "an idle connection is kept for ever".to_owned())?);
        }
        Ok(())
    })
}

fn a_connection_does_not_last_for_ever() -> Outcome {
    let limits = Limits { connection: Duration::from_millis(500), ..Limits::default() };
    serving(limits, async |address| {
        let mut stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
        let ask_on = async {
            let mut answers = 0;
            let mut buffer = [0; 4096];
            loop {
                let asked = stream.write_all(b"GET /-/healthy HTTP/1.1\r\nHost: a\r\n\r\n").await;
                match (asked, stream.read(&mut buffer).await) {
                    (Ok(()), Ok(read)) if read > 0 => answers += 1,
                    _ => return answers,
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        match tokio::time::timeout(Duration::from_secs(10), ask_on).await {
            Ok(0) => Err("not one answer".to_owned()),
            Ok(_) => Ok(()),
            Err(_) => Err("a connection lasts for ever".to_owned()),
        }
    })
}

fn a_probe_that_takes_too_long_is_cut_at_the_end() -> Outcome {
    let hub = Hub::silent()?;
    let port: u16 = hub.ports.rsplit('=').next().and_then(|port| port.parse().ok()).ok_or("a port")?;
    let limits = Limits { stop: Duration::from_millis(200), ..Limits::default() };
    let began = Instant::now();
    serving_hub(limits, port, async |address| {
        let mut stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
        let request = http::request(&format!("/probe?hub={NAME}&protocol=mqtt"), "");
        stream.write_all(request.as_bytes()).await.map_err(|error| error.to_string())?;
        // Time for the probe to begin.
        tokio::time::sleep(Duration::from_millis(200)).await;
        Ok(())
    })?;
    // The probe alone would take five seconds.
    let took = began.elapsed();
    if took > Duration::from_secs(4) { Err(format!("it took {took:?}")) } else { Ok(()) }
}

/// What `visit` comes to, at an exporter with these limits that has stopped when this returns.
fn serving(limits: Limits, visit: impl AsyncFnOnce(SocketAddr) -> Outcome) -> Outcome {
    serving_hub(limits, 1, visit)
}

fn serving_hub(limits: Limits, port: u16, visit: impl AsyncFnOnce(SocketAddr) -> Outcome) -> Outcome {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
    let hub = HubHost::parse(NAME).map_err(|error| error.to_string())?;
    let mut settings = Settings::default();
    settings.addresses = vec![[127, 0, 0, 1].into()];
    let config = ExporterConfig {
        allowed: Allowed::new([hub], Vec::new()),
        options: TargetOptions { ports: [(hubreach::hub::Protocol::Mqtt, port)].into(), ..TargetOptions::default() },
        settings,
        routing: Routing::default(),
        most_probes: NonZeroUsize::MIN,
        limits,
    };
    let exporter = runtime.block_on(Exporter::new(config)).map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|error| error.to_string())?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let stop = StopToken::new();
        let visited = async {
            let outcome = visit(address).await;
            stop.stop();
            outcome
        };
        let (outcome, ()) = tokio::join!(visited, exporter.serve(listener, stop.clone()));
        outcome
    })
}
