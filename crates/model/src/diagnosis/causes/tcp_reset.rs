//! A RST answers the SYN from a distance shorter than the hub's: a firewall sends it in the hub's place.

use std::fmt;

use serde::Serialize;

use super::port_closed::{DistanceSource, Refused};
use crate::{
    diagnosis::{
        Code, Entry, Forgery, Owner, Severity, attempt_context::AttemptContext, attempt_verdict::AttemptVerdict,
        cause_kind::CauseKind, evidence::Statement, location::ResetOrigin, occurrence::Occurrence, phrases,
        remedy::Remedy, scope::Scope, text::count,
    },
    observation::Stage,
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct TcpReset {
    /// The origin is so close to the hub that the hub's own edge may have sent it.
    #[serde(skip)]
    near_the_hub: bool,
}

impl CauseKind for TcpReset {
    const ENTRY: Entry = Entry {
        stage: Stage::Connect,
        severity: Severity::Error,
        owner: Owner::FirewallOwner,
        forgery: Forgery::OnlyTheAccused,
        explanation: "A firewall answers in the hub's place that the port is closed.",
        proof: "The reset comes from clearly nearer than the hub: packets that may take only a few hops are reset already, \
            while a port that works is reached, over the same routers, several hops later; the TTL with which the reset \
            arrives counts too. Where no port works, UDP and ICMP packets show how far away it is, by its own answers or by \
            those of routers further on, and it is `likely`. Within two hops of the hub it is `possible` only, for the hub's own \
            edge may have sent it, and at the first hop `likely`, for a rule of this machine looks the same. Beside a port that \
            somebody answers in the hub's place it is `possible`. Needs Linux; elsewhere it is an alternative \
            to `port-closed`.",
    };

    fn title(&self, scope: &Scope) -> String {
        let by = match (self.near_the_hub, is_at_first_hop(scope)) {
            // The hub's own edge may have sent it.
            (true, _) => " close to the hub",
            (false, true) => "",
            (false, false) => " by a device on the path",
        };
        format!("Outbound {} reset{by}", scope.tcp_is())
    }

    fn fix(&self, scope: &Scope) -> String {
        Remedy::open(scope, &scope.at_location())
    }

    fn first_step(&self, scope: &Scope) -> Option<String> {
        let step = match (self.near_the_hub, is_at_first_hop(scope)) {
            (true, _) => {
                "Compare from another network: refused there too, it is the hub or its own edge that does not offer it."
            }
            (false, true) => "Look at this machine's own firewall: a rule there that resets looks the same from here.",
            (false, false) => return None,
        };
        Some(step.to_owned())
    }

    fn remedy(&self) -> Remedy {
        if self.near_the_hub { Remedy::OpenAfter } else { Remedy::Open }
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let refused = Refused::of(context).filter(|refused| refused.is_reset() && !context.is_this_machine())?;
        let port = context.port();
        let (from, by) = refused.origin(context);
        match from {
            ResetOrigin::ShortOfHub { location, from, hub } => {
                let by = if location.of.is_none() { DistanceSource::Routers } else { by };
                let cause = TcpReset { near_the_hub: false };
                let occurrence = match (location.hop, by) {
                    // A rule on this machine that resets its own packets also shows at the first hop.
                    (0, _) => Occurrence::likelier_than(cause, Code::LocalBlock),
                    (_, DistanceSource::OpenPort) => Occurrence::confirmed(cause),
                    (_, DistanceSource::OtherPackets | DistanceSource::Routers) => Occurrence::likely(cause),
                };
                let may_be_the_engine = location.hop <= 1 && context.has_unknown_interface();
                let occurrence = occurrence.or_possibly_if(may_be_the_engine, Code::ContainerForwarding);
                let summary = format!("reset at {}", phrases::located(&location));
                let occurrence = occurrence.evidence(refused).evidence(Observed::ShortOfHub {
                    port,
                    from,
                    hub,
                    by,
                    near_the_hub: false,
                });
                Some(AttemptVerdict::blocked(summary, occurrence.located(Some(location))))
            }
            ResetOrigin::NearHub { location, from, hub } => {
                let occurrence = Occurrence::possible(TcpReset { near_the_hub: true }, &[Code::PortClosed])
                    .evidence(refused)
                    .evidence(Observed::ShortOfHub { port, from, hub, by, near_the_hub: true })
                    .located(Some(location));
                let summary = "refused: a TCP reset answers, from the hub or close to it";
                Some(AttemptVerdict::blocked(summary, occurrence))
            }
            ResetOrigin::AtStranger { location, from } => {
                let occurrence = Occurrence::possible(TcpReset { near_the_hub: false }, &[Code::PortClosed])
                    .evidence(refused)
                    .evidence(Observed::Stranger { port, from })
                    .located(Some(location));
                Some(AttemptVerdict::blocked("refused: a TCP reset answers, perhaps in the hub's place", occurrence))
            }
            ResetOrigin::AsFarAsHub { .. } | ResetOrigin::Unclear => None,
        }
    }
}

/// Whether the reset comes from this machine or the next device.
fn is_at_first_hop(scope: &Scope) -> bool {
    scope.locations().iter().any(|location| location.hop == 0)
}

#[derive(Debug, Clone, PartialEq)]
enum Observed {
    /// Compared with a port that works.
    ShortOfHub { port: u16, from: u8, hub: u8, by: DistanceSource, near_the_hub: bool },
    /// Compared with a port where someone else answers in the hub's place.
    Stranger { port: u16, from: u8 },
}

impl Statement for Observed {}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::ShortOfHub { port, from, .. } | Self::Stranger { port, from }) = self;
        write!(f, "the reset answers SYNs to port {port} that may take {}, ", count((*from).into(), "hop"))?;
        match self {
            Self::ShortOfHub { hub, by, near_the_hub, .. } => {
                let answers = match by {
                    DistanceSource::OpenPort => "a port that works answers",
                    DistanceSource::OtherPackets => "packets that need no port are answered by the address itself",
                    DistanceSource::Routers => "packets that need no port are answered by routers further on, the last",
                };
                let edge = if *near_the_hub { ": so near the hub, its own edge may have sent it" } else { "" };
                write!(f, "{answers} at hop {hub}{edge}")
            }
            Self::Stranger { .. } => {
                write!(f, "and the port that works is answered by somebody else in the hub's place, from no nearer")
            }
        }
    }
}
