//! Who rejects a hello by an ICMP error: a rule that inspects packets, by its own account.

use std::{fmt, net::IpAddr};

use super::{
    Location,
    attempt_context::AttemptContext,
    evidence::Statement,
    icmp::{Blame, IcmpError},
    location,
};
use crate::observation::{Path, Rejection, kind};

/// A router that rejects hellos by ICMP, but none of the SYNs to the same port.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct HelloRejection {
    pub(super) offender: IpAddr,
    pub(super) error: IcmpError,
    pub(super) location: Option<Location>,
    /// The sender is the hub's own address, or someone who uses it.
    pub(super) by_the_hub: bool,
}

impl HelloRejection {
    /// Who rejects this attempt's hello, for the hub's name or any other. A firewall may reject any SYN with data, as
    /// such SYNs are rare; so the established connection's hello must have been rejected, too. An error of this machine
    /// itself is not a rule on the path.
    pub(super) fn of(context: AttemptContext<'_>) -> Option<Self> {
        let by_name =
            context.first_result::<kind::HelloPath>().map(|observed| (&observed.path, observed.rejection.as_ref()));
        let by_any_hello =
            context.first_result::<kind::DroppedHello>().map(|observed| (&observed.path, observed.rejection.as_ref()));
        let (syns, rejection) =
            [by_name, by_any_hello].into_iter().flatten().find_map(|(syns, rejection)| Some((syns, rejection?)))?;
        let Rejection { icmp_type, code, offender, from_this_machine } = *rejection;
        let error = IcmpError { icmp_type, code, v6: context.address().is_ipv6() };
        let offender = offender.filter(|_| !from_this_machine)?;
        let is_a_rule = error.blame() != Blame::Routing;
        (is_a_rule && got_icmp_error(context)).then(|| {
            let own = Path { on_link: None, failing: syns.clone(), reference: None };
            let known =
                context.all_results::<kind::Path>().chain([&own]).find_map(|path| location::sender(path, offender));
            Self { offender, error, location: known, by_the_hub: offender == context.address() }
        })
    }

    /// As evidence.
    pub(super) fn as_evidence(&self, port: u16) -> HelloRejectionEvidence {
        HelloRejectionEvidence { port, offender: self.offender, error: self.error }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct HelloRejectionEvidence {
    port: u16,
    offender: IpAddr,
    error: IcmpError,
}

impl Statement for HelloRejectionEvidence {}

impl fmt::Display for HelloRejectionEvidence {
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

/// Whether an ICMP error answered the attempt's hello. Senders rate-limit ICMP errors: silence does not mean that
/// another device drops it.
pub(super) fn got_icmp_error(context: AttemptContext<'_>) -> bool {
    context.attempt.was_called_unreachable()
}

/// An ICMP error from an unknown sender.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct UnattributedIcmpError {
    pub(super) port: u16,
}

impl Statement for UnattributedIcmpError {}

impl fmt::Display for UnattributedIcmpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "an ICMP error answered the hello to port {}: something on the path rejects it, and does not say so of a SYN",
            self.port
        )
    }
}
