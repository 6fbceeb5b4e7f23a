//! Reports of hubs that are reached through a proxy, made by hand; the direct route is one that was recorded.

use hubreach::{
    hub::{CheckId, ProxyScheme, Route},
    observation::{
        Attempt, CheckObservations, ConnectFailure, ExchangeEvidence, HttpResponse, Observations, ProxyEvidence,
        ProxyFailure, ProxyObservations, ProxySetting, Resolution, StageResult, TlsEvidence,
    },
    report::Report,
};

use super::samples::{completed, connected, handshake, healthy, ip, ok, recorded, untried};

const HUB: &str = "contoso.azure-devices.net";

/// The firewall drops everything; the proxy connects to port 443 alone.
pub fn required() -> Report {
    judged(allowing_443(recorded("silent-drop-everything", HUB).observations))
}

/// Everything passes directly; the proxy connects to port 443 alone.
pub fn beside() -> Report {
    judged(allowing_443(healthy().observations))
}

/// Everything passes on both routes.
pub fn healthy_on_both() -> Report {
    judged(with_proxy(healthy().observations, ProxyScheme::Socks5h, answering))
}

/// The proxy had answered when the run was interrupted; nothing had on the direct route.
pub fn interrupted() -> Report {
    let mut seen = healthy_on_both().observations;
    for attempt in
        seen.checks.iter_mut().filter(|check| check.route == Route::Direct).flat_map(|check| &mut check.attempts)
    {
        *attempt = Attempt { connect: StageResult::Cancelled { duration_ms: 90.0 }, ..Attempt::new(attempt.address) };
    }
    judged(Observations { partial: true, ..seen })
}

/// The proxy's route alone was tested, and the proxy wants a login that no device SDK but one can make.
pub fn locked() -> Report {
    let refused = |_: &CheckObservations| Attempt {
        proxy: Some(refusal(407, "Proxy Authentication Required", &["Negotiate", "NTLM"])),
        ..before_the_proxy()
    };
    let mut seen = with_proxy(healthy().observations, ProxyScheme::Http, refused);
    seen.checks.retain(|check| check.route == Route::Proxy);
    judged(seen)
}

/// The direct route is dropped, and nothing answers at the proxy's port.
pub fn dead() -> Report {
    let failure = ConnectFailure::Refused { icmp_ruled_out: true };
    let refused = |_: &CheckObservations| Attempt {
        connect: StageResult::Failed { duration_ms: 0.81, failure: failure.clone(), evidence: None },
        ..untried_at_the_proxy()
    };
    judged(with_proxy(recorded("silent-drop-everything", HUB).observations, ProxyScheme::Http, refused))
}

/// A firewall drops what goes to the proxy's port; the direct route was not tested.
pub fn dropped() -> Report {
    let direct = recorded("silent-drop-r2", HUB).observations;
    let stopped = direct.checks.iter().find(|check| check.port == 8883).expect("a check");
    let attempts: Vec<Attempt> = stopped.attempts.iter().filter(|attempt| attempt.address.is_ipv4()).cloned().collect();
    let experiments = direct.experiments.clone();
    let mut seen = with_proxy(direct.clone(), ProxyScheme::Http, |_| attempts[0].clone());
    seen.checks.retain(|check| check.route == Route::Proxy);
    seen.experiments.clear();
    let address = attempts[0].address;
    let resolution = Resolution { addresses: vec![address], ..Resolution::default() };
    let proxy = seen.proxy.take().map(|proxy| ProxyObservations {
        host: address.to_string(),
        port: 8883,
        resolution,
        experiments,
        ..proxy
    });
    judged(Observations { proxy, ..seen })
}

fn allowing_443(seen: Observations) -> Observations {
    with_proxy(seen, ProxyScheme::Http, |check| match check.port {
        443 => answering(check),
        _ => Attempt { proxy: Some(refusal(403, "Forbidden", &[])), ..before_the_proxy() },
    })
}

fn judged(seen: Observations) -> Report {
    let diagnosis = hubreach::diagnose(&seen);
    Report::new(seen, diagnosis)
}

/// The same checks by a proxy, too.
fn with_proxy(
    mut seen: Observations,
    scheme: ProxyScheme,
    attempt: impl Fn(&CheckObservations) -> Attempt,
) -> Observations {
    seen.proxy = Some(ProxyObservations {
        scheme,
        host: "10.88.1.1".to_owned(),
        port: 3128,
        has_credentials: false,
        source: Some("https_proxy".to_owned()),
        resolution: Resolution { addresses: vec![ip("10.88.1.1")], ..Resolution::default() },
        experiments: Vec::new(),
    });
    let url = Some(format!("{scheme}://10.88.1.1:3128"));
    seen.vantage.proxy_settings = vec![ProxySetting { source: "https_proxy".to_owned(), url, pac: None, unused: None }];
    let proxied: Vec<CheckObservations> = seen
        .checks
        .iter()
        .map(|check| CheckObservations {
            id: CheckId::from(check.id.as_str().replace("@direct", "@proxy").as_str()),
            route: Route::Proxy,
            duration_ms: 104.0,
            attempts: vec![attempt(check)],
            ..check.clone()
        })
        .collect();
    seen.checks.extend(proxied);
    seen
}

fn untried_at_the_proxy() -> Attempt {
    Attempt { address: ip("10.88.1.1"), ..untried() }
}

fn before_the_proxy() -> Attempt {
    Attempt { connect: StageResult::Ok { duration_ms: 1.5, evidence: connected() }, ..untried_at_the_proxy() }
}

/// The proxy lets it through to the hub.
fn answering(check: &CheckObservations) -> Attempt {
    let evidence = ProxyEvidence {
        target: format!("{HUB}:{}", check.port),
        response: Some(response(200, "Connection established")),
        ..ProxyEvidence::default()
    };
    let Attempt { tls: _, upgrade, exchange, .. } = completed(check.protocol);
    let tls = TlsEvidence { server_name: Some(HUB.to_owned()), ..handshake() };
    let exchange: StageResult<ExchangeEvidence, _> = exchange;
    Attempt {
        proxy: Some(StageResult::Ok { duration_ms: 12.5, evidence }),
        tls: ok(tls),
        upgrade,
        exchange,
        ..before_the_proxy()
    }
}

fn refusal(status: u16, reason: &str, offered: &[&str]) -> StageResult<ProxyEvidence, ProxyFailure> {
    let evidence = ProxyEvidence {
        target: format!("{HUB}:443"),
        response: Some(response(status, reason)),
        offered: offered.iter().map(|scheme| (*scheme).to_owned()).collect(),
        ..ProxyEvidence::default()
    };
    StageResult::Failed { duration_ms: 2.5, failure: ProxyFailure::Refused { status }, evidence: Some(evidence) }
}

fn response(status: u16, reason: &str) -> HttpResponse {
    HttpResponse {
        minor_version: 1,
        status,
        reason: reason.to_owned(),
        headers: vec![("server".to_owned(), "squid/6.9".to_owned())],
        body_start: String::new(),
    }
}
