//! The same attempt again, where seeing a thing twice is what proves it: bytes that are not TLS, a wrong answer to the
//! upgrade or in the protocol, and an address that fails while another answers.

use std::net::IpAddr;

use super::{
    Experiment,
    snapshot_view::{SnapshotView, arrived, failure},
};
use crate::{
    attempt::stage_runner::StageRunner,
    context::run_context::RunContext,
    hub::CheckId,
    observation::{Ending, ExchangeFailure, Repeat, Stage, TlsFailure, TrackedAttempt, UpgradeFailure},
};

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan {
    check: CheckId,
    address: IpAddr,
}

impl Experiment for Plan {
    type Facts = Repeat;

    fn wanted(view: SnapshotView<'_>) -> impl Iterator<Item = Self> {
        let twice = view.snapshot.attempts.iter().filter(move |tracked| {
            (tracked.has_ended() && is_proved_by_repetition(tracked)) || fails_alone(view, tracked)
        });
        twice.map(|tracked| Self { check: tracked.check.id.clone(), address: tracked.attempt.address })
    }

    async fn perform(&self, context: &RunContext<'_>) -> Option<Repeat> {
        let roots = context.state.roots()?;
        let check = context.target.checks.iter().find(|known| known.id == self.check)?;
        let attempt = StageRunner::new(context, &roots).attempt_again(check, self.address).await;
        Some(Repeat { check: check.id.clone(), attempt: Box::new(attempt) })
    }
}

fn is_proved_by_repetition(tracked: &TrackedAttempt) -> bool {
    let attempt = &tracked.attempt;
    matches!(attempt.tls.failure(), Some(TlsFailure::NotTls { .. }))
        || matches!(
            failure(attempt.upgrade.as_ref()),
            Some(
                UpgradeFailure::BadAccept
                    | UpgradeFailure::BadSubprotocol
                    | UpgradeFailure::NotHttp { .. }
                    | UpgradeFailure::Ended(Ending::Flood { .. })
            )
        )
        || matches!(
            attempt.exchange.failure(),
            Some(ExchangeFailure::Mismatch { .. } | ExchangeFailure::Ended(Ending::Flood { .. }))
        )
}

/// Whether the check cannot connect to this address, or has waited long to, and arrives at another of the same family.
fn fails_alone(view: SnapshotView<'_>, tracked: &TrackedAttempt) -> bool {
    let other = |other: &&TrackedAttempt| {
        other.check.id == tracked.check.id
            && other.attempt.address != tracked.attempt.address
            && other.attempt.address.is_ipv6() == tracked.attempt.address.is_ipv6()
            && arrived(other, view.snapshot)
    };
    let fails = tracked.attempt.connect.failure().is_some() || view.waits_long(tracked, Stage::Connect);
    fails && view.ended().any(|candidate| other(&candidate))
}
