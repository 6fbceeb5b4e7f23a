//! By which interface packets leave this machine, and whether anything comes back by it.

use std::{fmt, net::IpAddr};

use super::{attempt_context::AttemptContext, evidence::Statement, text::clipped};
use crate::observation::{Interface, KernelRoute, Outcome};

/// The tunnel into which packets to the address go, where nothing comes back through it: from no address of the hub, no router
/// and no name server.
pub(super) fn silent_tunnel(context: AttemptContext<'_>) -> Option<&Interface> {
    let (own, address) = (context.network()?, context.address());
    let tunnel = own.tunnel_towards(address)?;
    let is_resolved = context.observations.resolution.outcome == Outcome::Ok;
    let mut servers = own.resolvers.iter().map(|server| &server.way);
    let is_resolver_in_it = servers
        .any(|way| matches!(way, KernelRoute::Found { interface: Some(interface), .. } if *interface == tunnel.name));
    let speaks = context.comparisons.answers_by(&tunnel.name)
        || context.met_on_the_way().next().is_some()
        || (is_resolved && is_resolver_in_it);
    (!speaks).then_some(tunnel)
}

/// A way out that the packets do not take.
pub(super) fn unused(context: AttemptContext<'_>) -> Option<UnusedWayOut> {
    let address = context.address();
    let route = context.network()?.unused_way_out(address)?;
    let interface = clipped(route.interface.as_deref()?);
    Some(UnusedWayOut { address, interface, metric: route.metric })
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct UnusedWayOut {
    address: IpAddr,
    interface: String,
    metric: u32,
}

impl Statement for UnusedWayOut {}

impl fmt::Display for UnusedWayOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { address, interface, metric } = self;
        write!(
            f,
            "this machine has another default route, by {interface} (metric {metric}), and does not take it to {address}"
        )
    }
}
