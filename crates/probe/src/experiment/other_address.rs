//! Is the hub where a name server says, and the system's resolver does not? Tried only where nothing proves to be the hub
//! where the system says.

use std::net::IpAddr;

use super::{
    Experiment,
    snapshot_view::{SnapshotView, is_by_name},
};
use crate::{
    attempt::stage_runner::StageRunner,
    context::run_context::RunContext,
    observation::{OtherAddress, kind},
};

/// The address of each of two servers, in both families.
const MAX_ADDRESSES: usize = 4;
/// The port that is let out most often.
const HTTPS_PORT: u16 = 443;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan {
    address: IpAddr,
}

impl Experiment for Plan {
    type Facts = OtherAddress;

    fn wanted(view: SnapshotView<'_>) -> impl Iterator<Item = Self> {
        let wanted =
            is_by_name(view) && view.is_failing() && !view.ended().any(|tracked| tracked.attempt.shows_the_hub());
        others(view).into_iter().filter(move |_| wanted).map(|address| Self { address })
    }

    async fn perform(&self, context: &RunContext<'_>) -> Option<OtherAddress> {
        if !context.settings.families.include(self.address) {
            return None;
        }
        let roots = context.state.roots()?;
        let checks = &context.target.checks;
        let check = checks.iter().find(|check| check.endpoint.port == HTTPS_PORT).or_else(|| checks.first())?;
        let attempt = StageRunner::new(context, &roots).attempt_again(check, self.address).await;
        Some(OtherAddress { check: check.id.clone(), attempt: Box::new(attempt) })
    }
}

/// The first address of each family that each server gave for the name as such, where the system did not give it.
fn others(view: SnapshotView<'_>) -> Vec<IpAddr> {
    let system =
        view.snapshot.resolution.as_ref().map(|resolution| resolution.addresses.as_slice()).unwrap_or_default();
    let queries = view.snapshot.facts::<kind::Dns>().flat_map(|dns| &dns.queries);
    let mut found = Vec::new();
    for query in queries.filter(|query| !query.checking_disabled) {
        let mut addresses = query.addresses().iter().filter(|address| !is_nobody(**address));
        let known = addresses.clone().any(|address| system.contains(address) || found.contains(address));
        found.extend(addresses.next().filter(|_| !known));
    }
    found.truncate(MAX_ADDRESSES);
    found
}

/// An address without an owner, or this machine's own.
fn is_nobody(address: IpAddr) -> bool {
    address.is_unspecified() || address.is_loopback()
}
