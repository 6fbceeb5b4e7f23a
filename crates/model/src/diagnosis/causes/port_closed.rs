//! A RST answers the SYN: nothing listens, unless a device answers in the hub's place.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use crate::{
    diagnosis::{
        Code, Confidence, Entry, Forgery, Location, Owner, Severity, Verdict,
        attempt_context::AttemptContext,
        attempt_verdict::AttemptVerdict,
        cause_kind::CauseKind,
        dns::is_local_name,
        evidence::Statement,
        judged_check::JudgedCheck,
        location::{self, ResetOrigin},
        occurrence::Occurrence,
        peer::Peer,
        scope::Scope,
        text::duration_in_sentence,
    },
    observation::{Attempt, CheckObservations, ConnectFailure, Observations, Stage, kind},
};

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct PortClosed {
    #[serde(skip)]
    refused_by: RefusedBy,
}

/// Who refuses.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum RefusedBy {
    /// The hub, or a firewall in its place.
    #[default]
    Unknown,
    /// The reset comes from the hub's distance.
    Hub,
    /// A loopback address.
    Loopback,
    /// An address of this machine on a link.
    OwnAddress,
    /// The hub, which is not known to offer this port.
    NotOffered,
}

impl CauseKind for PortClosed {
    const ENTRY: Entry = Entry {
        stage: Stage::Connect,
        severity: Severity::Error,
        owner: Owner::HubOwner,
        forgery: Forgery::OnlyAtTheHub,
        explanation: "The connection is refused by a TCP reset. Either nothing listens on that port of the hub, or a \
            firewall on the path answers in its place (`tcp-reset`).",
        proof: "The reset comes from as far away as the answers of a port that works: it takes as many hops there, and \
            arrives with as many hops taken off its TTL, and nothing shows that somebody else answers there. Where no port \
            works, UDP and ICMP packets that the address answers are the measure, and it is `likely`. On a loopback address, or \
            another of this machine's own, there is no path, so the refusal alone proves it. Without the measurement, as on \
            other systems than Linux, it is `possible`. Where the kind of hub was merely assumed and the hub answers otherwise, \
            a port that it refuses is no error: it need not offer it.",
    };

    fn title(&self, scope: &Scope) -> String {
        match self.refused_by {
            RefusedBy::NotOffered => format!("{} not offered by this hub, as far as its answer tells", scope.tcp_is()),
            _ => format!("{} refused", scope.tcp_is()),
        }
    }

    fn fix(&self, scope: &Scope) -> String {
        let (host, tcp) = (scope.host(), scope.tcp());
        match self.refused_by {
            RefusedBy::Unknown => {
                format!("Let {host} offer {tcp}: nothing there listens, or it is refused in its place.")
            }
            RefusedBy::Hub => {
                format!("Let {host} offer {tcp}: nothing there listens, or its own firewall resets it.")
            }
            RefusedBy::OwnAddress => format!(
                "Correct the address of {host}, which is this machine itself (name server, hosts file, `--address`); or, if \
                 the hub is to run here, start the program that is to listen on {tcp}."
            ),
            RefusedBy::Loopback => format!("Start the program that is to listen on {tcp} of this machine."),
            RefusedBy::NotOffered => format!(
                "Nothing to do, unless {host} is meant to offer {tcp}: what kind of hub it is was merely assumed. Name the \
                 kind with `--kind`, or what is to be tested with `--protocol`."
            ),
        }
    }

    fn first_step(&self, _: &Scope) -> Option<String> {
        let step = "Compare from another network: refused there too, the hub does not offer it; not refused there, this network's \
                    firewall owner is to be asked instead.";
        (self.refused_by == RefusedBy::Unknown).then(|| step.to_owned())
    }

    fn of_attempt(context: AttemptContext<'_>) -> Option<AttemptVerdict> {
        let refused = Refused::of(context)?;
        let cause = |refused_by| PortClosed { refused_by };
        let (summary, occurrence) = if context.address().is_loopback() {
            let occurrence = Occurrence::confirmed(cause(RefusedBy::Loopback))
                .forgeable_by(Forgery::Nobody)
                .owner(Owner::Operator)
                .evidence("a loopback address: there is no path on which a firewall could stand");
            let may_be_false = context.has_unknown_origin() && !is_local_name(&context.observations.hub.host);
            ("refused: nothing listens there", occurrence.or_possibly_if(may_be_false, Code::DnsFiltered))
        } else if context.is_this_machine() {
            let occurrence = Occurrence::confirmed(cause(RefusedBy::OwnAddress))
                .forgeable_by(Forgery::Nobody)
                .owner(Owner::Operator)
                .located(Some(Location::THIS_MACHINE))
                .evidence(OwnAddress { address: context.address() });
            ("refused by this machine itself, whose address it is", occurrence)
        } else if !refused.is_reset() {
            let alternatives = [Code::TcpReset, Code::IcmpReject];
            let occurrence = Occurrence::possible(cause(RefusedBy::Unknown), &alternatives)
                .evidence("this system does not tell a reset from an ICMP error");
            ("refused", occurrence)
        } else if let (ResetOrigin::AsFarAsHub { hub }, by) = refused.origin(context) {
            let reference = context.first_result::<kind::Path>().and_then(|path| context.reference_peer(path));
            let cause = cause(RefusedBy::Hub);
            let occurrence = match (by, reference) {
                (DistanceSource::OpenPort, Some(Peer::Doubtful)) => Occurrence::likelier_than(cause, Code::TcpReset),
                (DistanceSource::OpenPort, _) => Occurrence::confirmed(cause),
                (DistanceSource::OtherPackets | DistanceSource::Routers, _) => Occurrence::likely(cause),
            };
            let may_be_anothers = by != DistanceSource::OpenPort && context.has_unknown_origin();
            let occurrence = occurrence.or_possibly_if(may_be_anothers, Code::DnsHijack);
            ("refused by the hub: nothing listens there", occurrence.evidence(FromHubDistance { hub, by }))
        } else {
            let occurrence = Occurrence::possible(cause(RefusedBy::Unknown), &[Code::TcpReset]);
            ("refused: a TCP reset answers", occurrence)
        };
        Some(AttemptVerdict::blocked(summary, occurrence.evidence(refused)))
    }
}

/// If the kind was only assumed and the hub answers on some port, a port that it refuses is not offered: no fault. A
/// refusal of unknown origin stays a warning.
pub(in crate::diagnosis) fn excuse_unoffered_ports(
    observations: &Observations,
    judged: Vec<JudgedCheck>,
) -> Vec<JudgedCheck> {
    // Whether or not this device accepts its certificate. If it is for other names, another machine may be there.
    let shows_hub = |attempt: &Attempt| match Peer::of(attempt, &observations.hub.host) {
        Some(Peer::Hub) => true,
        Some(Peer::Doubtful) => {
            attempt.tls.evidence().and_then(|tls| tls.trust.as_ref()).is_some_and(|trust| trust.name_matches)
        }
        Some(Peer::Stranger) | None => false,
    };
    let answers = observations.checks.iter().flat_map(|check| &check.attempts).any(shows_hub);
    if !observations.hub.kind_assumed || !answers {
        return judged;
    }
    let is_allowed = judged.iter().any(|one| one.verdict == Verdict::Allowed);
    let is_assumed = |check: &CheckObservations| {
        let offers = observations.hub.kind.facts().endpoints;
        let by_default = offers.iter().any(|offer| (offer.protocol, offer.port) == (check.protocol, check.port));
        by_default && !observations.requirement.named().any(|named| named == check.protocol)
    };
    let excused = |(check, one): (&CheckObservations, JudgedCheck)| {
        let is_refused = one.verdict == Verdict::Blocked && one.causes.iter().any(is_port_closed);
        if is_refused && is_assumed(check) { not_offered(one, is_allowed) } else { one }
    };
    observations.checks.iter().zip(judged).map(excused).collect()
}

fn is_port_closed(occurrence: &Occurrence) -> bool {
    occurrence.code() == Code::PortClosed
}

/// Whether a proxy finds the port closed, too: it is certain that the hub itself refuses it, or nobody said that the hub
/// offers it.
pub(in crate::diagnosis) fn is_for_the_proxy_too(occurrence: &Occurrence) -> bool {
    let is_the_hubs = occurrence.owner == Owner::HubOwner && occurrence.confidence() == Confidence::Confirmed;
    is_port_closed(occurrence) && (is_the_hubs || occurrence.severity != Severity::Error)
}

fn not_offered(judged: JudgedCheck, is_allowed: bool) -> JudgedCheck {
    let excused = |mut occurrence: Occurrence| {
        // If another finding explains it, that one counts.
        if occurrence.symptom_of.is_some() {
            return occurrence;
        }
        let Some(PortClosed { refused_by }) = occurrence.cause.downcast_mut() else { return occurrence };
        if *refused_by == RefusedBy::Unknown {
            let severity = if is_allowed { Severity::Warning } else { occurrence.severity };
            return occurrence.severity(severity);
        }
        *refused_by = RefusedBy::NotOffered;
        occurrence.severity(Severity::Info).owner(Owner::Nobody)
    };
    let causes: Vec<Occurrence> = judged.causes.into_iter().map(excused).collect();
    let is_known = causes.iter().filter(|cause| is_port_closed(cause)).all(|cause| cause.severity == Severity::Info);
    let summary = if is_known { "refused: the hub does not offer this".to_owned() } else { judged.summary };
    JudgedCheck { is_offered: !is_known, summary, causes, ..judged }
}

/// How the distance of the hub is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum DistanceSource {
    /// From a port that works.
    OpenPort,
    /// From packets of another kind, which the hub's address answers without a port. They probably take the same path
    /// as SYNs, no more.
    OtherPackets,
    /// From routers that answer such packets, with the hub somewhere beyond them.
    Routers,
}

/// A refused connection. Protocol and duration do not matter for equality: the port is the same.
#[derive(Debug, Clone)]
pub(super) struct Refused {
    address: IpAddr,
    port: u16,
    took_ms: f64,
    icmp_ruled_out: bool,
}

impl Refused {
    pub(super) fn of(context: AttemptContext<'_>) -> Option<Self> {
        let ConnectFailure::Refused { icmp_ruled_out } = *context.attempt.connect.failure()? else { return None };
        let took_ms = context.took_ms();
        Some(Self { address: context.address(), port: context.port(), took_ms, icmp_ruled_out })
    }

    /// Whether it is known to be a RST that came over a path.
    pub(super) fn is_reset(&self) -> bool {
        self.icmp_ruled_out && !self.address.is_loopback()
    }

    /// Where it comes from, and how the distance of the hub is known.
    pub(super) fn origin(&self, context: AttemptContext<'_>) -> (ResetOrigin, DistanceSource) {
        match context.reset_origin() {
            ResetOrigin::Unclear => {
                let observed = context.first_result::<kind::AddressPath>();
                let from =
                    observed.map_or(ResetOrigin::Unclear, |observed| location::address_reset(observed, self.port));
                (from, DistanceSource::OtherPackets)
            }
            by_port => (by_port, DistanceSource::OpenPort),
        }
    }
}

impl PartialEq for Refused {
    fn eq(&self, other: &Self) -> bool {
        let key = |one: &Self| (one.address, one.port, one.icmp_ruled_out);
        key(self) == key(other)
    }
}

impl Statement for Refused {}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { address, port, took_ms, .. } = self;
        write!(f, "{address} port {port} refused the connection after {}", duration_in_sentence(*took_ms))
    }
}

#[derive(Debug, Clone, PartialEq)]
struct OwnAddress {
    address: IpAddr,
}

impl Statement for OwnAddress {}

impl fmt::Display for OwnAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} is an address of this machine itself: there is no path on which a firewall could stand",
            self.address
        )
    }
}

#[derive(Debug, Clone, PartialEq)]
struct FromHubDistance {
    hub: u8,
    by: DistanceSource,
}

impl Statement for FromHubDistance {}

impl fmt::Display for FromHubDistance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let answers = match self.by {
            DistanceSource::OpenPort => "the answers of a port that works",
            DistanceSource::OtherPackets | DistanceSource::Routers => "the address answers packets that need no port",
        };
        write!(f, "the reset comes from as far away as {answers}, there and back: hop {}", self.hub)
    }
}
