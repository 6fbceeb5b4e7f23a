//! Through a proxy to the hub: CONNECT (RFC 9110, section 9.3.6), over TLS if the proxy wants that, or SOCKS 5 (RFC 1928).

use tokio::net::TcpStream;

use super::{
    connection::Connection,
    quoted::Quoted,
    response::{self, NoResponse},
    roots::Roots,
    run_control::{RunControl, Timeout},
    stage_clock::StageClock,
    tls::{self, Patience, Versions},
    transport::Transport,
    verify::Tolerance,
};
use crate::{
    hub::{HubHost, Proxy, ProxyScheme},
    observation::{
        Ending, FirstBytes, HttpResponse, ProxyEvidence, ProxyFailure, StageResult, TlsEvidence, TlsFailure,
    },
    wire::{
        Parsed, connect,
        socks::{self, Method, Reply},
    },
};

/// What a proxy is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Request<'a> {
    /// The hub as it is named to the proxy: by name, or by one of its addresses.
    pub(crate) host: HubHost,
    pub(crate) port: u16,
    pub(crate) proxy: &'a Proxy,
    /// Whether the credentials of the proxy are sent, if it has any.
    pub(crate) log_in: bool,
}

impl Request<'_> {
    /// `hub.test:443`; an IPv6 address in brackets.
    fn target(&self) -> String {
        format!("{}:{}", self.host.in_url(), self.port)
    }

    fn credentials(&self) -> Option<(&[u8], &[u8])> {
        let credentials = self.proxy.credentials().filter(|_| self.log_in)?;
        Some((credentials.user(), credentials.password()))
    }

    /// What the proxy could quote of its credentials.
    fn quoted(&self) -> Quoted {
        Quoted::of(self.proxy.credentials().map(|credentials| (credentials.user(), credentials.password())))
    }

    fn evidence(&self) -> ProxyEvidence {
        ProxyEvidence { target: self.target(), logged_in: self.credentials().is_some(), ..ProxyEvidence::default() }
    }
}

/// Asks the proxy at the other end of `tcp` to connect. Gives the connection where it has. `roots` are those that this device
/// trusts a proxy by.
pub(crate) async fn open(
    control: &RunControl,
    tcp: TcpStream,
    request: &Request<'_>,
    roots: &Roots,
) -> (StageResult<ProxyEvidence, ProxyFailure>, Option<Connection>) {
    let clock = StageClock::start();
    let mut evidence = request.evidence();
    let mut transport = match request.proxy.scheme() {
        ProxyScheme::Https => match shake_hands(control, tcp, request.proxy, roots).await {
            Ok((tls, transport)) => {
                evidence.tls = Some(Box::new(tls));
                transport
            }
            Err(StageResult::Failed { failure, evidence: tls, .. }) => {
                evidence.tls = tls.map(Box::new);
                return (clock.failed(ProxyFailure::Tls { failure }, Some(evidence)), None);
            }
            Err(_) => return (clock.cancelled(), None),
        },
        ProxyScheme::Http | ProxyScheme::Socks5 | ProxyScheme::Socks5h => Transport::counted(tcp, control.transfer()),
    };
    let mut buffer = Vec::new();
    let asked = control.while_receiving(ask(&mut transport, &mut buffer, request, &mut evidence)).await;
    let failure = match asked {
        Ok(Ok(())) => {
            let connection = transport.into_tunnel(buffer);
            return (clock.ok(evidence), connection);
        }
        Ok(Err(ProxyFailure::Mismatch { .. })) => {
            let end = request.quoted().starts_at(&buffer).unwrap_or(buffer.len());
            ProxyFailure::Mismatch { first_bytes: FirstBytes::of(&buffer[..end]) }
        }
        Ok(Err(failure)) => failure,
        Err(Timeout::Run) => return (clock.cancelled(), None),
        Err(Timeout::Stage) => ProxyFailure::TimedOut { bytes_received: buffer.len() as u64 },
    };
    let failed = clock.failed(failure, Some(evidence));
    transport.close().await;
    (failed, None)
}

/// TLS with the proxy itself.
async fn shake_hands(
    control: &RunControl,
    tcp: TcpStream,
    proxy: &Proxy,
    roots: &Roots,
) -> Result<(TlsEvidence, Transport), StageResult<TlsEvidence, TlsFailure>> {
    let roots = Roots { hub: None, ..roots.clone() };
    let how = (Tolerance::Identity, Versions::Both, Patience::Stage);
    match tls::handshake(control, tcp.into(), proxy.host(), None, &roots, how).await {
        (StageResult::Ok { evidence, .. }, Some(stream)) => Ok((evidence, Transport::tls(stream))),
        (failed, _) => Err(failed),
    }
}

async fn ask(
    transport: &mut Transport,
    buffer: &mut Vec<u8>,
    request: &Request<'_>,
    evidence: &mut ProxyEvidence,
) -> Result<(), ProxyFailure> {
    match request.proxy.scheme() {
        ProxyScheme::Http | ProxyScheme::Https => ask_by_connect(transport, buffer, request, evidence).await,
        ProxyScheme::Socks5 | ProxyScheme::Socks5h => ask_by_socks(transport, buffer, request, evidence).await,
    }
}

async fn ask_by_connect(
    transport: &mut Transport,
    buffer: &mut Vec<u8>,
    request: &Request<'_>,
    evidence: &mut ProxyEvidence,
) -> Result<(), ProxyFailure> {
    transport.send(&connect::request(&request.target(), request.credentials())).await;
    let (mut response, length) = match response::head_in(transport, buffer).await {
        Ok(response) => response,
        Err(NoResponse::NotHttp(first_bytes)) => return Err(ProxyFailure::Mismatch { first_bytes }),
        Err(NoResponse::TooLarge(_)) => return Err(ProxyFailure::TooLarge),
        Err(NoResponse::Ended(ending)) => return Err(ended(ending, buffer)),
    };
    evidence.offered = offered(&response);
    let quoted = request.quoted();
    if quoted.is_in(&buffer[..length]) {
        response = HttpResponse { reason: String::new(), headers: Vec::new(), ..response };
    }
    buffer.drain(..length);
    let status = response.status;
    // Whatever its headers say, an answer of success has no body (RFC 9112, section 6.3).
    if !(200..300).contains(&status) {
        let body_start = response::body_start(transport, &response, buffer).await;
        response.body_start = if quoted.is_in(buffer) { String::new() } else { body_start };
    }
    evidence.response = Some(response);
    if (200..300).contains(&status) { Ok(()) } else { Err(ProxyFailure::Refused { status }) }
}

fn offered(response: &HttpResponse) -> Vec<String> {
    let headers = response.headers.iter().filter(|(name, _)| name == "proxy-authenticate");
    connect::offered_schemes(headers.map(|(_, value)| value.as_str()))
}

/// A connection that ends in the middle of an answer shows what it began with.
fn ended(ending: Ending, came: &[u8]) -> ProxyFailure {
    match came {
        [] => ProxyFailure::Ended(ending),
        came => ProxyFailure::Mismatch { first_bytes: FirstBytes::of(came) },
    }
}

async fn ask_by_socks(
    transport: &mut Transport,
    buffer: &mut Vec<u8>,
    request: &Request<'_>,
    evidence: &mut ProxyEvidence,
) -> Result<(), ProxyFailure> {
    let credentials = request.credentials();
    transport.send(&socks::greeting(credentials.is_some())).await;
    let method = receive(transport, buffer, sized(socks::method)).await?;
    evidence.socks_method = Some(method.code());
    match (method, credentials) {
        (Method::NoLogin, _) => {}
        (Method::UserPassword, Some((user, password))) => {
            transport.send(&socks::login(user, password).map_err(not_sent)?).await;
            if !receive(transport, buffer, sized(socks::login_answer)).await? {
                return Err(ProxyFailure::LoginRefused);
            }
        }
        (Method::UserPassword | Method::NoneAcceptable | Method::Other(_), _) => return Err(ProxyFailure::NoMethod),
    }
    let destination = match &request.host {
        HubHost::Name(name) => socks::Target::Name(name),
        HubHost::Ip(ip) => socks::Target::Ip(*ip),
    };
    transport.send(&socks::connect(destination, request.port).map_err(not_sent)?).await;
    let read = |bytes: &[u8]| {
        socks::reply(bytes).map(|reply| match reply {
            Reply::Granted { length } => (0, length),
            Reply::Refused(code) => (code, bytes.len()),
        })
    };
    let reply = receive(transport, buffer, read).await?;
    evidence.socks_reply = Some(reply);
    if reply == 0 { Ok(()) } else { Err(ProxyFailure::SocksRefused { reply }) }
}

#[allow(clippy::needless_pass_by_value, reason = "as `map_err` wants it")]
fn not_sent(error: socks::WrongLength) -> ProxyFailure {
    ProxyFailure::NotSent { message: error.to_string() }
}

/// The answers to the greeting and to the login have two bytes each.
fn sized<T>(read: fn(&[u8]) -> Parsed<T>) -> impl Fn(&[u8]) -> Parsed<(T, usize)> {
    move |bytes| read(bytes).map(|answer| (answer, 2))
}

/// Receives until `read` has its answer, and takes that out of the buffer.
async fn receive<T>(
    transport: &mut Transport,
    buffer: &mut Vec<u8>,
    read: impl Fn(&[u8]) -> Parsed<(T, usize)>,
) -> Result<T, ProxyFailure> {
    loop {
        match read(buffer) {
            Parsed::Done((answer, length)) => {
                buffer.drain(..length);
                return Ok(answer);
            }
            Parsed::Mismatch => return Err(ProxyFailure::Mismatch { first_bytes: FirstBytes::of(buffer) }),
            Parsed::Incomplete => {
                let received = transport.receive(buffer).await;
                received.map_err(|ending| ended(ending, buffer))?;
            }
        }
    }
}
