//! SOCKS5, as a proxy answers it (RFC 1928, RFC 1929).

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    time::Instant,
};

use super::{Asked, Behaviour, Bound, Granted, Rules, Step, line::Line, rules::Refusal};

const NO_LOGIN: u8 = 0;
const USER_PASSWORD: u8 = 2;
const NONE_ACCEPTABLE: u8 = 0xff;

pub(super) async fn converse<'b>(line: &mut Line, behaviour: &'b Behaviour) -> io::Result<Granted<'b>> {
    let (rules, socks) = (&behaviour.rules, &behaviour.socks);
    if line.take(1).await? != [5] {
        return Ok(Granted::Nothing);
    }
    let methods = line.take_counted().await?;
    line.entry.change(|connection| connection.methods.clone_from(&methods));
    if let Some(instead) = behaviour.instead_at(Step::Greeting) {
        return Ok(Granted::Instead(instead));
    }
    let wanted = if rules.login.is_some() { USER_PASSWORD } else { NO_LOGIN };
    let chosen = if methods.contains(&wanted) { wanted } else { NONE_ACCEPTABLE };
    let chosen = socks.method.unwrap_or(chosen);
    line.answer(&[5, chosen]).await?;
    let login = match chosen {
        NO_LOGIN => None,
        USER_PASSWORD => {
            let login = login(line).await?;
            if let Some(instead) = behaviour.instead_at(Step::Login) {
                return Ok(Granted::Instead(instead));
            }
            let is_admitted = rules.admits(Some(&login));
            line.answer(&[socks.login_version, u8::from(!is_admitted)]).await?;
            if !is_admitted {
                return Ok(Granted::Nothing);
            }
            Some(login)
        }
        NONE_ACCEPTABLE => return Ok(Granted::Nothing),
        _ => {
            line.wait().await?;
            return Ok(Granted::Nothing);
        }
    };
    let (asked, host, port) = request(line, login).await?;
    line.entry.change(|connection| connection.asked.push(asked));
    if let Some(instead) = behaviour.instead_at(Step::Request) {
        return Ok(Granted::Instead(instead));
    }
    decide(line, behaviour, &host, port).await
}

async fn decide<'b>(line: &mut Line, behaviour: &'b Behaviour, host: &str, port: u16) -> io::Result<Granted<'b>> {
    if let Some(code @ 1..) = behaviour.socks.reply {
        line.answer(&reply(behaviour, code)).await?;
        return Ok(Granted::Nothing);
    }
    let connected = match behaviour.rules.locate(host, port) {
        Err(refusal) => Err(refusal),
        Ok(to) => {
            if behaviour.is_hasty {
                line.answer(&reply(behaviour, 0)).await?;
            }
            match Rules::connect(to).await {
                Err(_) if behaviour.is_hasty => return Ok(Granted::Nothing),
                connected => connected,
            }
        }
    };
    let refusal = match connected {
        Ok(upstream) => {
            if !behaviour.is_hasty {
                line.answer(&reply(behaviour, 0)).await?;
            }
            let to = upstream.peer_addr()?;
            line.entry.change(|connection| connection.tunnel = Some(to));
            return Ok(behaviour.instead_at(Step::Tunnel).map_or(Granted::Tunnel(upstream), Granted::Instead));
        }
        Err(refusal) => refusal,
    };
    if let Some(instead) = &behaviour.refuses_by {
        return Ok(Granted::Instead(instead));
    }
    let code = match refusal {
        Refusal::Port | Refusal::Host => 2,
        Refusal::Unreachable => 3,
        Refusal::Unresolved => 4,
        Refusal::Refused => 5,
    };
    line.answer(&reply(behaviour, code)).await?;
    Ok(Granted::Nothing)
}

async fn login(line: &mut Line) -> io::Result<(String, String)> {
    line.take(1).await?;
    let user = String::from_utf8(line.take_counted().await?).map_err(io::Error::other)?;
    let password = String::from_utf8(line.take_counted().await?).map_err(io::Error::other)?;
    Ok((user, password))
}

/// What is asked for, its host and its port.
async fn request(line: &mut Line, login: Option<(String, String)>) -> io::Result<(Asked, String, u16)> {
    let [_, _, _, kind] = line.take(4).await?[..] else { unreachable!("four bytes") };
    let host = match kind {
        1 => ip(line.take(4).await?).to_string(),
        4 => ip(line.take(16).await?).to_string(),
        3 => String::from_utf8(line.take_counted().await?).map_err(io::Error::other)?,
        other => return Err(io::Error::other(format!("address type {other}"))),
    };
    let port = u16::from_be_bytes(line.take(2).await?.try_into().expect("two bytes"));
    let target = if kind == 4 { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
    let asked = Asked { at: Instant::now(), target, is_address: kind != 3, login, head: String::new() };
    Ok((asked, host.to_ascii_lowercase(), port))
}

fn ip(octets: Vec<u8>) -> IpAddr {
    match <[u8; 4]>::try_from(octets.as_slice()) {
        Ok(v4) => Ipv4Addr::from(v4).into(),
        Err(_) => Ipv6Addr::from(<[u8; 16]>::try_from(octets.as_slice()).expect("sixteen bytes")).into(),
    }
}

fn reply(behaviour: &Behaviour, code: u8) -> Vec<u8> {
    let socks = &behaviour.socks;
    let mut reply = vec![5, code];
    if code != 0 && socks.is_short {
        return reply;
    }
    reply.push(0);
    match &socks.bound {
        Bound::V4 => reply.extend([1, 0, 0, 0, 0]),
        Bound::V6 => {
            reply.push(4);
            reply.extend(Ipv6Addr::LOCALHOST.octets());
        }
        Bound::Name(name) => {
            reply.extend([3, u8::try_from(name.len()).expect("a short name")]);
            reply.extend(name.as_bytes());
        }
        Bound::Unknown => reply.extend([2, 0, 0, 0, 0]),
    }
    reply.extend([0, 0]);
    if code == 0 {
        reply.extend(&behaviour.glued);
    }
    reply
}
