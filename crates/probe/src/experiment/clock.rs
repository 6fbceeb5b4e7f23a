//! What time it is at the other end: where nothing but the validity period of a certificate fails, either the certificate
//! or this device's clock is wrong, and the `Date` of whatever answers HTTP tells which.

use std::{
    net::{IpAddr, SocketAddr},
    time::{SystemTime, UNIX_EPOCH},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rustls::{
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, UnixTime},
};

use super::{
    Experiment,
    http_get::{GET_TIMEOUT, get},
    snapshot_view::SnapshotView,
    tls_session::open_tls,
};
use crate::{
    context::run_context::RunContext,
    hub::Protocol,
    net::{
        clock::{self, timestamp},
        connect,
        roots::Roots,
        transport::Transport,
        trust::Chain,
        verify::Tolerance,
    },
    observation::{Clock, TlsEvidence, TlsFailure, TrackedAttempt, VerdictThen},
};

/// Where HTTP is spoken in clear.
const HTTP_PORT: u16 = 80;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan {
    address: IpAddr,
}

impl Experiment for Plan {
    type Facts = Clock;

    fn wanted(view: SnapshotView<'_>) -> impl Iterator<Item = Self> {
        view.ended().filter_map(|tracked| only_time_fails(tracked).map(|_| Self { address: tracked.attempt.address }))
    }

    async fn perform(&self, context: &RunContext<'_>) -> Option<Clock> {
        let Self { address } = *self;
        let roots = context.state.roots()?;
        let (port, over_tls) = match web_port(context) {
            Some(port) => (port, true),
            None => (HTTP_PORT, false),
        };
        let date = match ask(context, &roots, SocketAddr::new(address, port), over_tls).await {
            Some(date) => Some((date, port, over_tls)),
            // The web port may be what is blocked.
            None if over_tls => ask(context, &roots, SocketAddr::new(address, HTTP_PORT), false)
                .await
                .map(|date| (date, HTTP_PORT, false)),
            None => None,
        };
        let here = timestamp(clock::now());
        let Some((date, port, over_tls)) = date else {
            return Some(Clock { address, port, over_tls, date: None, here, verdicts: Vec::new() });
        };
        let snapshot = context.state.snapshot();
        let of_address = snapshot.attempts.iter().filter(|tracked| tracked.attempt.address == address);
        let mut verdicts: Vec<VerdictThen> = Vec::new();
        for tls in of_address.filter_map(only_time_fails) {
            let verdict = judged_at(tls, &roots, date);
            verdicts.extend(verdict.filter(|verdict| !verdicts.contains(verdict)));
        }
        Some(Clock { address, port, over_tls, date: Some(timestamp(date)), here, verdicts })
    }
}

/// What TLS showed of a peer of which nothing but the validity period fails.
fn only_time_fails(tracked: &TrackedAttempt) -> Option<&TlsEvidence> {
    matches!(tracked.attempt.tls.failure(), Some(TlsFailure::NotAccepted)).then_some(())?;
    let tls = tracked.attempt.tls.evidence()?;
    let trust = tls.trust.as_ref()?;
    (trust.name_matches && trust.authority().is_only_time()).then_some(tls)
}

fn web_port(context: &RunContext<'_>) -> Option<u16> {
    let speaks_http = |protocol| matches!(protocol, Protocol::Https | Protocol::MqttWs | Protocol::AmqpWs);
    let endpoints = context.target.checks.iter().map(|check| &check.endpoint);
    endpoints.filter(|endpoint| speaks_http(endpoint.protocol)).map(|endpoint| endpoint.port).next()
}

/// The time in the `Date` header of the answer to one request.
async fn ask(context: &RunContext<'_>, roots: &Roots, peer: SocketAddr, over_tls: bool) -> Option<SystemTime> {
    let host = &context.target.host;
    let response = context.control.within(GET_TIMEOUT, async {
        let (_, tcp) = connect::connect(context.control, peer).await;
        let mut transport = match over_tls {
            true => open_tls(context, roots, (tcp?, peer), None, Tolerance::OnlyTimeFails).await?,
            false => Transport::clear(tcp?),
        };
        let response = get(&mut transport, host, peer.port()).await;
        transport.close().await;
        response.ok()
    });
    let response = response.await.ok().flatten()?;
    httpdate::parse_http_date(response.header("date")?).ok()
}

/// What the stores say of a recorded chain at another time.
fn judged_at(tls: &TlsEvidence, roots: &Roots, time: SystemTime) -> Option<VerdictThen> {
    let then = UnixTime::since_unix_epoch(time.duration_since(UNIX_EPOCH).ok()?);
    let der = tls.chain.iter().map(|certificate| STANDARD.decode(&certificate.der).map(CertificateDer::from));
    let chain: Vec<_> = der.collect::<Result<_, _>>().ok()?;
    let algorithms = aws_lc_rs::default_provider().signature_verification_algorithms;
    let (device, hub) = Chain::new(&chain, &tls.chain, algorithms).verdicts(roots, then);
    Some(VerdictThen { sha256: tls.chain.first()?.sha256.clone(), device, hub })
}
