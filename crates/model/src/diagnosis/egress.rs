//! The interface by which packets leave this machine, and whether answers come back through it.

use std::{fmt, net::IpAddr};

use super::{attempt_context::AttemptContext, evidence::Statement, text::clipped};
use crate::observation::{Interface, KernelRoute, Outcome};

/// The tunnel that carries packets to the address, if nothing comes back through it: no answer of the hub, a router or
/// a name server.
pub(super) fn silent_tunnel(context: AttemptContext<'_>) -> Option<&Interface> {
    let (own, address) = (context.network()?, context.address());
    let tunnel = own.tunnel_towards(address)?;
    let is_resolved = context.observations.resolution.outcome == Outcome::Ok;
    let mut servers = own.resolvers.iter().map(|server| &server.way);
    let is_resolver_in_it = servers.any(
        |route| matches!(route, KernelRoute::Found { interface: Some(interface), .. } if *interface == tunnel.name),
    );
    let answers = context.comparisons.interface_got_answer(&tunnel.name)
        || context.met_on_the_way().next().is_some()
        || (is_resolved && is_resolver_in_it);
    (!answers).then_some(tunnel)
}

/// A default route that packets to the address do not take.
pub(super) fn unused_default_route(context: AttemptContext<'_>) -> Option<UnusedDefaultRoute> {
    let address = context.address();
    let route = context.network()?.unused_way_out(address)?;
    let interface = clipped(route.interface.as_deref()?);
    Some(UnusedDefaultRoute { address, interface, metric: route.metric })
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct UnusedDefaultRoute {
    address: IpAddr,
    interface: String,
    metric: u32,
}

impl Statement for UnusedDefaultRoute {}

impl fmt::Display for UnusedDefaultRoute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { address, interface, metric } = self;
        write!(
            f,
            "this machine has another default route, by {interface} (metric {metric}), and does not take it to {address}"
        )
    }
}
