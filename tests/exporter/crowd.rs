//! One client that takes all it can get, and the others.

use std::{
    io::Write,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    thread::sleep,
    time::{Duration, Instant},
};

use hubreach::responder::Behaviour;
use libtest_mimic::Trial;
use socket2::{Domain, Socket, Type};

use super::{
    http,
    hub::{Hub, NAME},
    names::{NameServer, Zone},
    need,
    served::Served,
};

type Outcome = Result<(), String>;

/// More than are served or wait.
const CONNECTIONS: usize = 450;
const OTHER_CLIENT: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const REFUSED: &str = "hubreach_exporter_connections_refused_total";

pub fn trials() -> Vec<Trial> {
    vec![
        need::trial("one_client_does_not_keep_the_others_out", None, one_client_does_not_keep_the_others_out),
        need::trial("who_idles_makes_way", None, who_idles_makes_way),
        need::trial("a_scraper_of_many_hubs_is_answered", None, a_scraper_of_many_hubs_is_answered),
        need::trial("a_pattern_s_hubs_do_not_lead_inside", None, a_pattern_s_hubs_do_not_lead_inside),
    ]
}

/// Connections that begin a request and never end it.
fn crowd(from: Ipv4Addr, to: SocketAddr) -> Result<Vec<TcpStream>, String> {
    let connect = || {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.bind(&SocketAddr::from((from, 0)).into())?;
        socket.connect(&to.into())?;
        let mut stream = TcpStream::from(socket);
        // It may have been refused by now.
        let _ = stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: ");
        Ok(stream)
    };
    (0..CONNECTIONS).map(|_| connect()).collect::<std::io::Result<_>>().map_err(|error| error.to_string())
}

fn healthy_within(served: &Served, limit: Duration) -> Outcome {
    let began = Instant::now();
    let answer = served.get("/-/healthy")?;
    match answer.status == 200 && began.elapsed() < limit {
        true => Ok(()),
        false => Err(format!("after {:?}: {answer:?}", began.elapsed())),
    }
}

fn one_client_does_not_keep_the_others_out() -> Outcome {
    let hub = Hub::behaving(Behaviour::default())?;
    let served = Served::start(&hub, &[])?;
    let crowd = crowd(OTHER_CLIENT, served.address)?;
    for _ in 0..5 {
        healthy_within(&served, Duration::from_millis(500))?;
    }
    if !served.probe("")?.contains("\nhubreach_probe_success 1.0\n") {
        return Err("the hub is not allowed".to_owned());
    }
    // Those for whom there is not even a place to wait.
    if served.own(REFUSED)? < (CONNECTIONS - 224 - 128) as f64 {
        return Err(format!("{} refused", served.own(REFUSED)?));
    }
    drop(crowd);
    Ok(())
}

fn who_idles_makes_way() -> Outcome {
    let hub = Hub::behaving(Behaviour::default())?;
    let served = Served::start(&hub, &[])?;
    // From the client's own address: it waits behind them, but not for as long as they like.
    let _crowd = crowd(Ipv4Addr::LOCALHOST, served.address)?.split_off(CONNECTIONS - 250);
    sleep(Duration::from_millis(2100));
    healthy_within(&served, Duration::from_secs(8))
}

/// More hubs than connections are served, each scraped over a connection of its own that is kept open between two scrapes.
fn a_scraper_of_many_hubs_is_answered() -> Outcome {
    let hub = Hub::behaving(Behaviour::default())?;
    let served = Served::start(&hub, &[])?;
    let request = "GET /-/healthy HTTP/1.1\r\nHost: exporter\r\n\r\n";
    let mut kept = Vec::new();
    let began = Instant::now();
    for number in 0..300 {
        let mut stream = http::send(served.address, request.as_bytes())?;
        let mut answer = [0; 15];
        std::io::Read::read_exact(&mut stream, &mut answer).map_err(|error| format!("{number}: {error}"))?;
        if answer != *b"HTTP/1.1 200 OK" {
            return Err(format!("{number}: {}", String::from_utf8_lossy(&answer)));
        }
        kept.push(stream);
    }
    // Those that were kept make way for the others one by one, each after a moment.
    if began.elapsed() > Duration::from_secs(60) { Err(format!("{:?}", began.elapsed())) } else { Ok(()) }
}

fn a_pattern_s_hubs_do_not_lead_inside() -> Outcome {
    let hub = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    hub.set_nonblocking(true).map_err(|error| error.to_string())?;
    let port = format!("mqtt={}", hub.local_addr().map_err(|error| error.to_string())?.port());
    let zone = Zone::of(&[
        (NAME, &["127.0.0.1"]),
        ("a.fleet.test", &["127.0.0.1"]),
        ("b.fleet.test", &["::ffff:127.0.0.1"]),
        ("c.fleet.test", &["192.0.2.1", "0.0.0.0"]),
        ("d.fleet.test", &["a.fleet.test"]),
        ("e.fleet.test", &["169.254.169.254"]),
    ]);
    let servers = NameServer::start(([127, 0, 0, 1], 0).into(), zone).map_err(|error| error.to_string())?;
    let server = servers.address().to_string();
    let fixed = ["--allow", "*.fleet.test", "--resolver", &server, "--port", &port, "--protocol", "mqtt"];
    let served = Served::launch(&[&[NAME], &fixed[..]].concat())?;
    for name in ["a", "b", "c", "d", "e"] {
        for module in ["connect", "explain"] {
            let answer = served.get(&format!("/probe?hub={name}.fleet.test&module={module}"))?;
            if answer.status != 403 || !answer.line()?.contains("hubs that a pattern allows may not") {
                return Err(format!("{name}: {answer:?}"));
            }
        }
    }
    if hub.accept().is_ok() {
        return Err("connected to nevertheless".to_owned());
    }
    // A hub that is named may lead anywhere.
    let named = served.probe("&module=connect")?;
    match named.contains("\nhubreach_probe_success 1.0\n") && hub.accept().is_ok() {
        true => Ok(()),
        false => Err(named),
    }
}
