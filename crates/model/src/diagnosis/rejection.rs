//! Who rejects a hello by an ICMP error: a rule that looks into packets, as it says itself.

use std::{fmt, net::IpAddr};

use super::{
    Location,
    attempt_context::AttemptContext,
    evidence::Statement,
    icmp::{Blame, IcmpError},
    location,
};
use crate::observation::{Path, Rejection, kind};

/// A router that says of hellos, and of none of the SYNs beside them, that they may not pass.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct HelloRejected {
    pub(super) offender: IpAddr,
    pub(super) error: IcmpError,
    pub(super) location: Option<Location>,
    /// The hub's own address says so, or somebody in its name.
    pub(super) by_the_hub: bool,
}

impl HelloRejected {
    /// Who rejects the hello of this attempt, whether for the hub's name or whatever that is. Firewalls may reject any SYN with
    /// content in it, as few send one: the hello of the connection that stood must have been, too. What this machine says of
    /// itself is nobody's rule on the path.
    pub(super) fn of(context: AttemptContext<'_>) -> Option<Self> {
        let by_name = context.shown::<kind::HelloPath>().map(|observed| (&observed.path, observed.rejection.as_ref()));
        let of_any =
            context.shown::<kind::DroppedHello>().map(|observed| (&observed.path, observed.rejection.as_ref()));
        let (syns, rejection) =
            [by_name, of_any].into_iter().flatten().find_map(|(syns, rejection)| Some((syns, rejection?)))?;
        let Rejection { icmp_type, code, offender, from_this_machine } = *rejection;
        let error = IcmpError { icmp_type, code, v6: context.address().is_ipv6() };
        let offender = offender.filter(|_| !from_this_machine)?;
        let is_a_rule = error.blame() != Blame::Routing;
        (is_a_rule && is_called_unreachable(context)).then(|| {
            let own = Path { on_link: None, failing: syns.clone(), reference: None };
            let known =
                context.all_shown::<kind::Path>().chain([&own]).find_map(|path| location::sender(path, offender));
            Self { offender, error, location: known, by_the_hub: offender == context.address() }
        })
    }

    /// As evidence.
    pub(super) fn said(&self, port: u16) -> Said {
        Said { port, offender: self.offender, error: self.error }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Said {
    port: u16,
    offender: IpAddr,
    error: IcmpError,
}

impl Statement for Said {}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { port, offender, error } = self;
        write!(
            f,
            "{offender} answers ICMP {} to a packet to port {port} that holds the hello; the connection that stood was called \
             unreachable by such an error, too",
            error.name()
        )
    }
}

/// Whether an ICMP error answered the hello of an attempt. Whoever sends those answers so many a second: what it keeps silent of is
/// not dropped elsewhere.
pub(super) fn is_called_unreachable(context: AttemptContext<'_>) -> bool {
    context.attempt.was_called_unreachable()
}

/// An ICMP error of which nobody knows the sender.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Unattributed {
    pub(super) port: u16,
}

impl Statement for Unattributed {}

impl fmt::Display for Unattributed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "an ICMP error answered the hello to port {}: something on the path rejects it, and does not say so of a SYN",
            self.port
        )
    }
}
