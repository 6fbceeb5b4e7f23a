//! What answers `http://<hub>/`: where something else than the hub answers on its TLS ports, or nothing does on any, a
//! captive portal would answer there.

use std::{
    collections::BTreeSet,
    net::{IpAddr, SocketAddr},
};

use super::{
    Experiment,
    http_get::{GET_TIMEOUT, get},
    snapshot_view::{SnapshotView, failure, is_stopped_by_hello},
};
use crate::{
    context::run_context::RunContext,
    net::{connect, response::NoResponse, transport::Transport},
    observation::{
        ClearAnswer, ConnectFailure, ExchangeEvidence, Identity, Portal, TlsFailure, TrackedAttempt, Trust,
        UpgradeFailure,
    },
};

/// Where captive portals intercept clients (RFC 8952, section 2).
const HTTP_PORT: u16 = 80;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan {
    address: IpAddr,
}

impl Experiment for Plan {
    type Facts = Portal;

    fn wanted(view: SnapshotView<'_>) -> impl Iterator<Item = Self> {
        let foreign = view.ended().filter(|tracked| is_foreign(tracked)).map(|tracked| tracked.attempt.address);
        foreign.chain(closed_addresses(view)).map(|address| Self { address })
    }

    async fn perform(&self, context: &RunContext<'_>) -> Option<Portal> {
        let exchange = context.control.within(GET_TIMEOUT, async {
            let (_, tcp) = connect::connect(context.control, SocketAddr::new(self.address, HTTP_PORT)).await;
            let mut transport = Transport::clear(tcp?);
            let answer = get(&mut transport, &context.target.host, HTTP_PORT).await;
            transport.close().await;
            Some(answer)
        });
        let answer = match exchange.await {
            Ok(Some(Ok(response))) => ClearAnswer::Answered { response },
            Ok(Some(Err(NoResponse::NotHttp(first_bytes) | NoResponse::TooLarge(first_bytes)))) => {
                ClearAnswer::NotHttp { first_bytes }
            }
            Ok(Some(Err(NoResponse::Ended(_)))) | Err(_) => ClearAnswer::Silent,
            Ok(None) => ClearAnswer::NotConnected,
        };
        Some(Portal { address: self.address, answer })
    }
}

/// Every address to which there is a way, where no port of any lets TLS begin.
fn closed_addresses(view: SnapshotView<'_>) -> BTreeSet<IpAddr> {
    let attempts = || {
        let no_way =
            |tracked: &TrackedAttempt| matches!(tracked.attempt.connect.failure(), Some(ConnectFailure::NoRoute));
        view.snapshot.attempts.iter().filter(move |tracked| !tracked.attempt.address.is_loopback() && !no_way(tracked))
    };
    match attempts().all(|tracked| is_stopped_before_tls(view, tracked)) {
        true => attempts().map(|tracked| tracked.attempt.address).collect(),
        false => BTreeSet::new(),
    }
}

fn is_stopped_before_tls(view: SnapshotView<'_>, tracked: &TrackedAttempt) -> bool {
    match tracked.attempt.connect.failure() {
        Some(ConnectFailure::Icmp { from_this_machine, .. }) => !from_this_machine,
        Some(failure) => matches!(
            failure,
            ConnectFailure::TimedOut { .. } | ConnectFailure::Refused { .. } | ConnectFailure::Unreachable
        ),
        None => view.waits_for_its_handshake(tracked) || is_stopped_by_hello(view, tracked),
    }
}

/// Whether something else than the hub seems to answer.
pub(super) fn is_foreign(tracked: &TrackedAttempt) -> bool {
    let attempt = &tracked.attempt;
    let trust = attempt.tls.evidence().and_then(|tls| tls.trust.as_ref());
    match attempt.tls.failure() {
        Some(TlsFailure::NotTls { .. } | TlsFailure::Invalid { .. } | TlsFailure::Flood { .. }) => return true,
        Some(TlsFailure::NotAccepted) => return trust.is_none_or(is_another_machine),
        _ => {}
    }
    let proven = trust.is_some_and(|trust| trust.identity == Identity::Proven);
    let upgrade = match failure(attempt.upgrade.as_ref()) {
        Some(UpgradeFailure::Refused { status }) => Some(*status),
        _ => None,
    };
    let answer = match attempt.exchange.success() {
        Some(ExchangeEvidence::Https { response }) => Some(response.status),
        _ => None,
    };
    !proven && upgrade.or(answer).is_some_and(sends_elsewhere)
}

/// An expired certificate of the right name and root is the hub's own trouble.
fn is_another_machine(trust: &Trust) -> bool {
    !trust.name_matches || !trust.authority().leads_to_a_root()
}

/// A redirect, or the status made for portals (RFC 6585, section 6).
fn sends_elsewhere(status: u16) -> bool {
    (300..400).contains(&status) || status == 511
}
