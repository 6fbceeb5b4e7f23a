//! The same climb again, where seeing a thing twice is what proves it: bytes that are not TLS, a wrong answer to the
//! upgrade or in the protocol, and an address that fails while another answers.

use std::net::IpAddr;

use super::{
    Experiment,
    view::{View, arrived, failure},
};
use crate::{
    observation::{Climb, Ending, ExchangeFailure, Repeat, Stage, TlsFailure, UpgradeFailure},
    probe::{Bench, ladder::Ladder},
    target::CheckId,
};

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan {
    check: CheckId,
    address: IpAddr,
}

impl Experiment for Plan {
    type Facts = Repeat;

    fn wanted(view: View<'_>) -> impl Iterator<Item = Self> {
        let twice = view
            .situation
            .climbs
            .iter()
            .filter(move |climb| (climb.has_ended() && is_proved_by_repetition(climb)) || fails_alone(view, climb));
        twice.map(|climb| Self { check: climb.check.id.clone(), address: climb.attempt.address })
    }

    async fn perform(&self, bench: &Bench<'_>) -> Option<Repeat> {
        let roots = bench.board.roots()?;
        let check = bench.target.checks.iter().find(|known| known.id == self.check)?;
        let attempt = Ladder::new(bench, &roots).climb_again(check, self.address).await;
        Some(Repeat { check: check.id.clone(), attempt: Box::new(attempt) })
    }
}

fn is_proved_by_repetition(climb: &Climb) -> bool {
    let attempt = &climb.attempt;
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
fn fails_alone(view: View<'_>, climb: &Climb) -> bool {
    let other = |other: &&Climb| {
        other.check.id == climb.check.id
            && other.attempt.address != climb.attempt.address
            && other.attempt.address.is_ipv6() == climb.attempt.address.is_ipv6()
            && arrived(other, view.situation)
    };
    let fails = climb.attempt.connect.failure().is_some() || view.waits_long(climb, Stage::Connect);
    fails && view.ended().any(|candidate| other(&candidate))
}
