//! Answers to a connection attempt from anyone but this machine.

use std::net::IpAddr;

use super::icmp::IcmpError;
use crate::observation::{Attempt, ConnectFailure, Outcome};

/// Whether anyone but this machine answered a connection attempt.
pub(super) fn was_answered_remotely(attempt: &Attempt) -> bool {
    match attempt.connect.failure() {
        Some(ConnectFailure::Icmp { from_this_machine, .. }) => !from_this_machine,
        Some(failure) => matches!(failure, ConnectFailure::Refused { .. }),
        None => attempt.connect.outcome() == Outcome::Ok,
    }
}

/// A router's error about an address as a whole.
#[derive(Debug, Clone, Copy)]
pub(super) struct AddressUnreachable {
    pub(super) error: IcmpError,
    pub(super) offender: IpAddr,
    /// How long it took to arrive, in milliseconds.
    pub(super) after_ms: f64,
}

impl AddressUnreachable {
    pub(super) fn from_attempt(attempt: &Attempt) -> Option<Self> {
        match *attempt.connect.failure()? {
            ConnectFailure::Icmp { icmp_type, code, offender: Some(offender), from_this_machine: false } => {
                let error = IcmpError { icmp_type, code, v6: attempt.address.is_ipv6() };
                let after_ms = attempt.connect.duration_ms().unwrap_or_default();
                error.concerns_whole_address().then_some(Self { error, offender, after_ms })
            }
            _ => None,
        }
    }
}
