//! Requests that no scraper makes: each is refused in a line, and the next is answered.

use std::{io::Write, thread::sleep, time::Duration};

use hubreach::responder::Behaviour;
use libtest_mimic::Trial;

use super::{
    http::{self, Answer},
    hub::{Hub, NAME},
    need,
    served::Served,
};

type Outcome = Result<(), String>;

pub fn trials() -> Vec<Trial> {
    vec![
        need::trial("only_the_hubs_named_at_the_start_are_probed", None, only_the_hubs_named_at_the_start_are_probed),
        need::trial("what_is_not_understood_is_refused_in_a_line", None, what_is_not_understood_is_refused_in_a_line),
        need::trial("what_is_too_large_is_refused", None, what_is_too_large_is_refused),
        need::trial("what_is_no_http_ends_the_connection", None, what_is_no_http_ends_the_connection),
        need::trial("a_secret_in_a_request_is_repeated_nowhere", None, a_secret_in_a_request_is_repeated_nowhere),
    ]
}

fn only_the_hubs_named_at_the_start_are_probed() -> Outcome {
    let hub = Hub::behaving(Behaviour::default())?;
    let served = Served::start(&hub, &["--allow", "*.fleet.test"])?;
    for allowed in ["hub.test", "HUB.Test.", "one.fleet.test", "a.b.fleet.test"] {
        status(&served.get(&format!("/probe?hub={allowed}&module=connect"))?, 200)?;
    }
    for other in ["hub.tes", "other.test", "fleet.test", "evilfleet.test", "127.0.0.1", "169.254.169.254", "localhost"]
    {
        let answer = served.get(&format!("/probe?hub={other}&module=connect"))?;
        status(&answer, 403)?;
        if !answer.line()?.contains("--allow") {
            return Err(format!("it does not say what to do: {answer:?}"));
        }
    }
    Ok(())
}

fn what_is_not_understood_is_refused_in_a_line() -> Outcome {
    let hub = Hub::behaving(Behaviour::default())?;
    let served = Served::start(&hub, &["--protocol", "mqtt,https", "--require", "mqtt"])?;
    for (query, told) in [
        ("?hub=", "no hub given"),
        ("?hub=hub.test&port=22", "unknown parameter"),
        ("?hub=hub.test&module=everything", "default, connect, tls, explain"),
        ("?hub=hub.test&protocol=ssh", "unknown protocol"),
        ("?hub=hub.test&protocol=amqp", "does not test amqp"),
        ("?hub=hub.test&protocol=https", "mqtt is required"),
        ("?hub=hub.test&hub=hub.test", "more than once"),
        ("?hub=a%0d%0aset-cookie", "not a hostname"),
        ("?hub=%00%ff", "not a hostname"),
    ] {
        let answer = served.get(&format!("/probe{query}"))?;
        status(&answer, 400)?;
        if !answer.line()?.contains(told) {
            return Err(format!("{query}: not {told}: {answer:?}"));
        }
    }
    // Of several, one has to be named.
    let several = Served::launch(&["a.test", "b.test"])?;
    let answer = several.get("/probe?module=connect")?;
    status(&answer, 400)?;
    if !answer.line()?.contains("no hub given, and this exporter has several") {
        return Err(format!("{answer:?}"));
    }
    for timeout in ["never", "-1", "0", "NaN"] {
        let header = format!("X-Prometheus-Scrape-Timeout-Seconds: {timeout}\r\n");
        let answer = http::raw(served.address, http::request("/probe?hub=hub.test", &header).as_bytes())?;
        status(&answer, 400)?;
        answer.line()?;
    }
    for path in ["/probes", "/probe/", "/../etc/passwd", "/metrics/x", "//"] {
        let answer = served.get(path)?;
        status(&answer, 404)?;
        answer.line()?;
    }
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "BREW"] {
        let request = format!("{method} /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        let answer = http::raw(served.address, request.as_bytes())?;
        status(&answer, 405)?;
        if !answer.head.contains("allow: get, head") {
            return Err(format!("which are allowed? {answer:?}"));
        }
    }
    let head = http::raw(served.address, b"HEAD /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")?;
    status(&head, 200)?;
    if head.body.is_empty() { Ok(()) } else { Err(format!("a body for HEAD: {head:?}")) }
}

fn what_is_too_large_is_refused() -> Outcome {
    let hub = Hub::behaving(Behaviour::default())?;
    let served = Served::start(&hub, &[])?;
    let get = |path: &str, headers: &str| http::raw(served.address, http::request(path, headers).as_bytes());
    status(&get(&format!("/probe?hub={}", "a".repeat(3000)), "")?, 414)?;
    for path in [6_000, 70_000, 5_000_000] {
        let answer = get(&format!("/probe?hub={}", "a".repeat(path)), "")?;
        if !matches!(answer.status, 414 | 431) {
            return Err(format!("{path} bytes of target: {answer:?}"));
        }
    }
    let many: String = (0..200).map(|number| format!("x-{number}: a\r\n")).collect();
    status(&get("/metrics", &many)?, 431)?;
    status(&get("/metrics", &format!("x: {}\r\n", "a".repeat(9_000)))?, 431)?;
    status(&get("/metrics", &format!("x: {}\r\n", "a".repeat(5_000_000)))?, 431)?;
    // Bodies: told of, of any length, or sent in chunks.
    status(&get("/metrics", "Content-Length: 5000000000000\r\n")?, 413)?;
    status(&get("/metrics", &format!("Content-Length: {}\r\n", u64::MAX - 1))?, 431)?;
    status(&get("/metrics", "Transfer-Encoding: chunked\r\n")?, 413)?;
    let mut post = http::request("/metrics", "Content-Length: 5000000\r\n").replacen("GET", "POST", 1).into_bytes();
    post.resize(post.len() + 5_000_000, b'a');
    status(&http::raw(served.address, &post)?, 405)?;
    status(&served.get("/-/healthy")?, 200)
}

fn what_is_no_http_ends_the_connection() -> Outcome {
    let hub = Hub::behaving(Behaviour::default())?;
    let mut served = Served::start(&hub, &[])?;
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"\x10\x13\x00\x04MQTT\x04\x02\x00\x3c\x00\x07hub.test",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /metrics HTTP/9.9\r\n\r\n",
        b"GET  /metrics\r\n\r\n",
        b"GET /metrics HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"GET /metrics HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"GET /metrics HTTP/1.1\r\na b: c\r\n\r\n",
        b"\r\n\r\n\r\n\0\0\0\0\r\n\r\n",
    ] {
        let said = http::receive(http::send(served.address, bytes)?)?;
        // Some clients get a status, some nothing at all; none is served.
        if !(said.is_empty() || said.starts_with("HTTP/1.1 400 ")) {
            return Err(format!("{}: {said}", String::from_utf8_lossy(bytes)));
        }
    }
    // Half a request, and away.
    for _ in 0..50 {
        let mut stream = http::send(served.address, b"GET /probe?hub=hub.te")?;
        let _ = stream.write_all(b"st");
    }
    status(&served.get("/-/healthy")?, 200)?;
    served.terminate()?;
    let ended = served.ended()?;
    if ended.success() { Ok(()) } else { Err(format!("{ended}: {}", served.said())) }
}

fn a_secret_in_a_request_is_repeated_nowhere() -> Outcome {
    const SECRET: &str = "c2VjcmV0";
    let hub = Hub::behaving(Behaviour::default())?;
    let served = Served::start(&hub, &[])?;
    let mut texts = Vec::new();
    for path in [
        format!("/probe?hub=HostName%3D{NAME}%3BSharedAccessKey%3D{SECRET}&module=connect"),
        format!("/probe?hub=https://user:{SECRET}@{NAME}/&module=connect"),
        format!("/probe?hub=https://user:{SECRET}@other.test/"),
        format!("/probe?hub={NAME}&token={SECRET}"),
        format!("/probe?hub={NAME}&module={SECRET}"),
        format!("/{SECRET}"),
    ] {
        let answer = served.get(&path)?;
        texts.extend([answer.head, answer.body]);
    }
    texts.push(served.get("/metrics")?.body);
    // What it logs at its wordiest, it has logged before it answered the last request; its writer is not buffered.
    sleep(Duration::from_millis(50));
    texts.push(served.said());
    match texts.iter().find(|text| text.contains(SECRET)) {
        None => Ok(()),
        Some(text) => Err(format!("there it is: {text}")),
    }
}

fn status(answer: &Answer, expected: u16) -> Outcome {
    if answer.status == expected { Ok(()) } else { Err(format!("expected {expected}: {answer:?}")) }
}
