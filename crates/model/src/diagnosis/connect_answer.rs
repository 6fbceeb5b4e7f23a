//! Who answers an attempt to connect, other than this machine.

use std::net::IpAddr;

use super::icmp::IcmpError;
use crate::observation::{Attempt, ConnectFailure, Outcome};

/// Whether somebody else than this machine answered an attempt to connect.
pub(super) fn is_answered(attempt: &Attempt) -> bool {
    match attempt.connect.failure() {
        Some(ConnectFailure::Icmp { from_this_machine, .. }) => !from_this_machine,
        Some(failure) => matches!(failure, ConnectFailure::Refused { .. }),
        None => attempt.connect.outcome() == Outcome::Ok,
    }
}

/// What a router said of an address as a whole.
#[derive(Debug, Clone, Copy)]
pub(super) struct OfTheAddress {
    pub(super) error: IcmpError,
    pub(super) offender: IpAddr,
    /// How long it took to say so, in milliseconds.
    pub(super) after_ms: f64,
}

impl OfTheAddress {
    pub(super) fn heard(attempt: &Attempt) -> Option<Self> {
        match *attempt.connect.failure()? {
            ConnectFailure::Icmp { icmp_type, code, offender: Some(offender), from_this_machine: false } => {
                let error = IcmpError { icmp_type, code, v6: attempt.address.is_ipv6() };
                let after_ms = attempt.connect.duration_ms().unwrap_or_default();
                error.is_of_the_whole_address().then_some(Self { error, offender, after_ms })
            }
            _ => None,
        }
    }
}
