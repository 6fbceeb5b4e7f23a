//! What a proxy adds to a run.

use std::net::IpAddr;

use hubreach::{
    hub::{Protocol, ProxyScheme, Route},
    observation::{
        Attempt, Experiment, ExperimentRecord, ExperimentResult, Observations, ProxyConnect, ProxyDestination,
        ProxyEvidence, ProxyFailure, ProxyObservations, ProxyTrial, StageResult, TlsEvidence, TlsFailure,
    },
};
use proptest::{collection::vec, option, prelude::*, sample::select};

use super::{
    address, addresses,
    answers::{ending, response, status},
    check, few_bytes, resolution,
    stages::{attempts, stage_result},
    tls::{tls_evidence, tls_failure},
    words::{first_bytes, text},
};
use crate::paths;

type Answer = StageResult<ProxyEvidence, ProxyFailure>;

/// A proxy, the checks through it, and what else it was asked.
#[derive(Debug, Clone)]
pub struct Proxied {
    proxy: Option<ProxyObservations>,
    checks: Vec<Vec<Attempt>>,
    asked: Vec<Experiment>,
}

impl Proxied {
    /// The run, with both routes.
    pub fn added_to(self, mut seen: Observations) -> Observations {
        let checks = Protocol::ALL.iter().copied().zip(self.checks);
        seen.checks.extend(checks.map(|(protocol, attempts)| check(protocol, Route::Proxy, attempts)));
        seen.experiments.extend(self.asked);
        seen.proxy = self.proxy;
        seen
    }
}

/// Seldom, a file has checks through a proxy that it does not name.
pub fn proxied() -> impl Strategy<Value = Proxied> {
    (option::weighted(0.9, proxy()), vec(proxied_attempts(), 0..=5), vec(asked(), 0..3))
        .prop_map(|(proxy, checks, asked)| Proxied { proxy, checks, asked })
}

fn proxy() -> impl Strategy<Value = ProxyObservations> {
    let setting = (scheme(), text(), select(vec![3128, 443, 0]), any::<bool>(), option::of(text()));
    (setting, resolution(), paths::experiments(addresses())).prop_map(
        |((scheme, host, port, has_credentials, source), resolution, experiments)| ProxyObservations {
            scheme,
            host,
            port,
            has_credentials,
            source,
            resolution,
            experiments,
        },
    )
}

fn scheme() -> impl Strategy<Value = ProxyScheme> {
    select(vec![ProxyScheme::Http, ProxyScheme::Https, ProxyScheme::Socks5, ProxyScheme::Socks5h])
}

/// Often one whose tunnel is open, so that what follows is looked at.
fn proxied_attempts() -> impl Strategy<Value = Vec<Attempt>> {
    (attempts(), vec(option::weighted(0.9, answer()), 3)).prop_map(|(attempts, answers)| {
        attempts.into_iter().zip(answers).map(|(attempt, proxy)| Attempt { proxy, ..attempt }).collect()
    })
}

fn answer() -> impl Strategy<Value = Answer> {
    stage_result(evidence(), failure(), 3)
}

fn evidence() -> impl Strategy<Value = ProxyEvidence> {
    let offered = vec(prop_oneof![select(vec!["Basic", "NTLM", "Negotiate"]).prop_map(str::to_owned), text()], 0..3);
    let socks_reply = option::of(any::<u8>());
    (text(), any::<bool>(), option::of(tls_evidence()), option::of(response()), offered, socks_reply).prop_map(
        |(target, logged_in, tls, response, offered, socks_reply)| ProxyEvidence {
            socks_method: None,
            target,
            logged_in,
            tls: tls.map(Box::new),
            response,
            offered,
            socks_reply,
        },
    )
}

fn failure() -> impl Strategy<Value = ProxyFailure> {
    let refused = prop_oneof![select(vec![403, 407, 502, 503, 504]), status()];
    prop_oneof![
        4 => refused.prop_map(|status| ProxyFailure::Refused { status }),
        1 => tls_failure().prop_map(|failure| ProxyFailure::Tls { failure }),
        1 => few_bytes().prop_map(|bytes_received| ProxyFailure::TimedOut { bytes_received }),
        2 => prop_oneof![0..9_u8, any::<u8>()].prop_map(|reply| ProxyFailure::SocksRefused { reply }),
        1 => select(vec![ProxyFailure::NoMethod, ProxyFailure::LoginRefused, ProxyFailure::TooLarge]),
        1 => first_bytes().prop_map(|first_bytes| ProxyFailure::Mismatch { first_bytes }),
        1 => ending().prop_map(ProxyFailure::Ended),
        1 => text().prop_map(|message| ProxyFailure::NotSent { message }),
    ]
}

fn asked() -> impl Strategy<Value = Experiment> {
    (address(), vec(trial(), 0..4)).prop_map(|(address, trials)| experiment(address, trials))
}

fn experiment(address: IpAddr, trials: Vec<ProxyTrial>) -> Experiment {
    let result = ExperimentResult::ProxyConnect(ProxyConnect { address, trials, speaks_tls: None });
    Experiment { started_after_ms: 1.0, duration_ms: 1.0, record: ExperimentRecord::Known(result) }
}

fn trial() -> impl Strategy<Value = ProxyTrial> {
    let destination =
        select(vec![ProxyDestination::HubName, ProxyDestination::HubAddress, ProxyDestination::OtherName]);
    (destination, select(vec![443, 8883, 5671]), answer(), option::of(tls()))
        .prop_map(|(destination, port, answer, tls)| ProxyTrial { destination, port, answer, tls: tls.map(Box::new) })
}

fn tls() -> impl Strategy<Value = StageResult<TlsEvidence, TlsFailure>> {
    stage_result(tls_evidence(), tls_failure(), 3)
}
