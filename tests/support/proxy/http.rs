//! CONNECT, as a proxy answers it.

use std::{io, time::Instant};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{Asked, Behaviour, Granted, HttpManners, Page, Rules, Step, line::Line, rules::Refusal};

/// The size of a page's chunks.
const CHUNK: usize = 1000;

/// Answers requests until one is granted or the connection ends.
pub(super) async fn converse<'b>(line: &mut Line, behaviour: &'b Behaviour) -> io::Result<Granted<'b>> {
    loop {
        let head = line.take_head().await?;
        let asked = asked(head);
        line.entry.change(|connection| connection.asked.push(asked.clone()));
        if let Some(instead) = behaviour.instead_at(Step::Request) {
            return Ok(Granted::Instead(instead));
        }
        let status = match decide(line, behaviour, &asked).await? {
            Decision::Granted(granted) => return Ok(granted),
            Decision::Refused(status) => status,
        };
        if let (Some(instead), true) = (&behaviour.refuses_by, status != 407) {
            return Ok(Granted::Instead(instead));
        }
        if !refuse(line, &behaviour.http, status).await? {
            return Ok(Granted::Nothing);
        }
    }
}

enum Decision<'b> {
    Granted(Granted<'b>),
    Refused(u16),
}

async fn decide<'b>(line: &mut Line, behaviour: &'b Behaviour, asked: &Asked) -> io::Result<Decision<'b>> {
    let (rules, http) = (&behaviour.rules, &behaviour.http);
    let Some((host, port)) = split(&asked.target).filter(|_| asked.head.starts_with("CONNECT ")) else {
        return Ok(Decision::Refused(400));
    };
    let located = rules.locate(&host, port);
    let is_basic = |offer: &String| offer.to_ascii_lowercase().starts_with("basic");
    let may_enter = rules.login.is_none() || http.offers.iter().any(is_basic) && rules.admits(asked.login.as_ref());
    let is_settled = rules.ports_first && located == Err(Refusal::Port);
    if !may_enter && !is_settled {
        return Ok(Decision::Refused(407));
    }
    let connected = match located {
        Err(refusal) => Err(refusal),
        Ok(to) => {
            if behaviour.is_hasty {
                grant(line, behaviour).await?;
            }
            Rules::connect(to).await
        }
    };
    match connected {
        Ok(upstream) => {
            if !behaviour.is_hasty {
                grant(line, behaviour).await?;
            }
            let to = upstream.peer_addr()?;
            line.entry.change(|connection| connection.tunnel = Some(to));
            Ok(Decision::Granted(
                behaviour.instead_at(Step::Tunnel).map_or(Granted::Tunnel(upstream), Granted::Instead),
            ))
        }
        Err(Refusal::Port) => Ok(Decision::Refused(http.port_denied)),
        Err(Refusal::Host) => Ok(Decision::Refused(http.host_denied)),
        Err(_) if behaviour.is_hasty && located.is_ok() => Ok(Decision::Granted(Granted::Nothing)),
        Err(_) => Ok(Decision::Refused(http.failed)),
    }
}

async fn grant(line: &mut Line, behaviour: &Behaviour) -> io::Result<()> {
    let mut answer = head(&behaviour.http, 200, &behaviour.http.granted_headers).into_bytes();
    answer.extend(&behaviour.glued);
    line.answer(&answer).await
}

/// Whether the connection stays open.
async fn refuse(line: &mut Line, http: &HttpManners, status: u16) -> io::Result<bool> {
    let keeps_open = http.keeps_open && !matches!(http.page, Page::Unframed(_) | Page::Endless);
    let mut headers = http.refusal_headers.clone();
    let mut add = |name: &str, value: &str| headers.push((name.to_owned(), value.to_owned()));
    if status == 407 {
        http.offers.iter().for_each(|offer| add("Proxy-Authenticate", offer));
    }
    let connection = if keeps_open { "keep-alive" } else { "close" };
    add("Connection", connection);
    add("Proxy-Connection", connection);
    add("Content-Type", "text/html");
    match http.page {
        Page::None => add("Content-Length", "0"),
        Page::Plain(length) => add("Content-Length", &length.to_string()),
        Page::Chunked(_) | Page::Endless => add("Transfer-Encoding", "chunked"),
        Page::Unframed(_) => {}
    }
    let mut answer = head(http, status, &headers).into_bytes();
    match http.page {
        Page::None | Page::Endless => {}
        Page::Plain(length) | Page::Unframed(length) => answer.extend(page(length)),
        Page::Chunked(length) => {
            page(length).chunks(CHUNK).for_each(|part| answer.extend(chunk(part)));
            answer.extend(b"0\r\n\r\n");
        }
    }
    line.answer(&answer).await?;
    if let Page::Endless = http.page {
        line.pour(&chunk(&page(CHUNK))).await?;
    }
    Ok(keeps_open)
}

/// A head, after interim answers if there are to be any.
fn head(http: &HttpManners, status: u16, headers: &[(String, String)]) -> String {
    let reason = match status {
        200 => "Connection established",
        403 => "Forbidden",
        407 => "Proxy Authentication Required",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Unspecified",
    };
    let minor = http.minor_version;
    let mut head = format!("HTTP/1.{minor} 100 Continue\r\n\r\n").repeat(http.interims);
    head.push_str(&format!("HTTP/1.{minor} {status} {reason}\r\n"));
    headers.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
    head.push_str("\r\n");
    head
}

/// A page of `length` bytes.
fn page(length: usize) -> Vec<u8> {
    b"<html><title>Access denied</title>".iter().chain(b"filler ".iter().cycle()).take(length).copied().collect()
}

fn chunk(bytes: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}

fn asked(head: String) -> Asked {
    let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let login = header(&head, "proxy-authorization").and_then(basic);
    Asked { at: Instant::now(), target, is_address: false, login, head }
}

fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    let lines = head.lines().filter_map(|line| line.split_once(':'));
    lines.into_iter().find(|(has, _)| has.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

fn basic(value: &str) -> Option<(String, String)> {
    let decoded = STANDARD.decode(value.strip_prefix("Basic ")?).ok()?;
    let (user, password) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

/// Host, without brackets and in lower case, and port.
fn split(target: &str) -> Option<(String, u16)> {
    let (host, port) = target.rsplit_once(':')?;
    let host = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    Some((host, port.parse().ok()?))
}
