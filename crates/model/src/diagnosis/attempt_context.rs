//! One attempt among all the others: what a rule may look at.

use std::net::IpAddr;

use super::{
    comparisons::{Comparisons, Reference},
    location::{self, ResetFrom},
    peer::Peer,
    text::clipped,
};
use crate::{
    hub::Protocol,
    observation::{
        Attempt, CheckObservations, Ending, ExperimentKind, Identity, LocalNetwork, Observations, Path, ProbeAnswer,
        Subject, TlsEvidence, Trace, Trust, kind,
    },
};

/// One attempt, with the run around it for comparison.
#[derive(Clone, Copy)]
pub(super) struct AttemptContext<'a> {
    pub(super) observations: &'a Observations,
    pub(super) comparisons: &'a Comparisons<'a>,
    pub(super) check: &'a CheckObservations,
    pub(super) attempt: &'a Attempt,
}

impl<'a> AttemptContext<'a> {
    pub(super) fn address(&self) -> IpAddr {
        self.attempt.address
    }

    pub(super) fn port(&self) -> u16 {
        self.check.port
    }

    /// This machine's own network, where it was looked at.
    pub(super) fn network(&self) -> Option<&'a LocalNetwork> {
        self.observations.vantage.network.as_ref()
    }

    /// Whether packets to the address never leave this machine: no path leads there.
    pub(super) fn is_this_machine(&self) -> bool {
        let address = self.address();
        address.is_loopback() || self.network().is_some_and(|own| own.is_own(address))
    }

    /// How the same address fares on other ports in the same run.
    pub(super) fn reference(&self) -> Reference {
        self.comparisons.reference(self.attempt.address, self.check.port)
    }

    /// What the experiments of this kind showed of this attempt.
    pub(super) fn all_shown<K: ExperimentKind>(&self) -> impl Iterator<Item = &'a K::Facts> + use<'a, K> {
        let subject = Subject { check: &self.check.id, address: self.attempt.address, port: self.check.port };
        self.comparisons.shown::<K>(subject).into_iter()
    }

    /// What the first of them showed, if one was made.
    pub(super) fn shown<K: ExperimentKind>(&self) -> Option<&'a K::Facts> {
        self.all_shown::<K>().next()
    }

    /// Where the RST of its port comes from, as far as its path was traced.
    pub(super) fn reset_from(&self) -> ResetFrom {
        self.shown::<kind::Path>().map_or(ResetFrom::Unclear, |path| location::reset(path, self.reference_of(path)))
    }

    /// Who answers at the port that a path is compared with. Whose handshakes are completed on the way, is not the hub.
    pub(super) fn reference_of(&self, path: &Path) -> Option<Peer> {
        let Trace { address, port, .. } = path.reference.as_ref()?;
        let paths = self.comparisons.paths_to(*address);
        match location::completed_early(paths, *address, *port) {
            Some(_) => Some(Peer::Stranger),
            None => self.comparisons.peer(*address, *port),
        }
    }

    /// Whoever answered packets of any kind towards its address, with the hops that they were given.
    pub(super) fn met_on_the_way(&self) -> impl Iterator<Item = (u8, Option<IpAddr>)> + use<'a> {
        let address = self.address();
        let to_port = self.all_shown::<kind::Path>().map(|path| &path.failing);
        let of_any_kind = self.all_shown::<kind::AddressPath>();
        let to_address =
            of_any_kind.flat_map(|observed| observed.ports.iter().map(|path| &path.failing).chain(&observed.others));
        let traces = to_port.chain(to_address).filter(move |trace: &&Trace| trace.address == address);
        traces.flat_map(|trace| &trace.probes).filter_map(|probe| match &probe.answer {
            ProbeAnswer::TimeExceeded { from } | ProbeAnswer::Icmp { from, .. } => Some((probe.ttl, *from)),
            ProbeAnswer::SynAck | ProbeAnswer::Reset | ProbeAnswer::Reply => Some((probe.ttl, None)),
            ProbeAnswer::Silent | ProbeAnswer::NotSent { .. } => None,
        })
    }

    /// What TLS showed here.
    pub(super) fn tls(&self) -> Option<&'a TlsEvidence> {
        self.attempt.tls.evidence()
    }

    /// What the trust stores say of the peer's chain.
    pub(super) fn trust(&self) -> Option<&'a Trust> {
        self.tls()?.trust.as_ref()
    }

    /// Who is at the other end. Without the peer's signature, anybody on the path may have shown the chain.
    pub(super) fn identity(&self) -> Option<Identity> {
        let trust = self.trust()?;
        // A handshake that ended well had it; older versions wrote no more of it.
        let signed = trust.signature_verified.unwrap_or(self.attempt.tls.is_ok());
        Some(if trust.identity.goes_on() && !signed { Identity::Unverified } else { trust.identity })
    }

    /// Whether TLS stands, with a peer with whom we go on.
    pub(super) fn is_past_tls(&self) -> bool {
        self.attempt.connect.is_ok() && self.attempt.tls.is_ok() && self.identity().is_some_and(Identity::goes_on)
    }

    /// Whether the peer had chosen a version and a suite before the handshake ended.
    pub(super) fn has_server_hello(&self) -> bool {
        self.tls().is_some_and(|tls| tls.server_hello || !tls.chain.is_empty())
    }

    /// Whether a box on the path opened the TLS that this attempt spoke in.
    pub(super) fn is_intercepted(&self) -> bool {
        self.identity() == Some(Identity::Intercepted)
    }

    /// Whether the device accepts the peer, and nothing is known against its being the hub.
    pub(super) fn is_verified(&self) -> bool {
        matches!(self.identity(), Some(Identity::Proven | Identity::Trusted))
    }

    /// Whether the peer asked for a certificate that we do not have.
    pub(super) fn wants_certificate(&self) -> bool {
        self.tls().is_some_and(|tls| tls.client_certificate_requested)
    }

    /// Whether the hub's answer in `protocol` was seen somewhere in this run.
    pub(super) fn answered(&self, protocol: Protocol) -> bool {
        self.comparisons.answered(protocol)
    }

    /// Whether `protocol` was tried to the end somewhere in this run.
    pub(super) fn tried(&self, protocol: Protocol) -> bool {
        self.comparisons.tried(protocol)
    }
}

/// Whether a farewell came inside TLS, and so from the peer itself.
pub(super) fn is_the_peers_own(ending: &Ending) -> bool {
    matches!(ending, Ending::CloseNotify | Ending::Alert { .. } | Ending::WebSocketClose { .. })
}

/// The TLS version negotiated, for the line of a check.
pub(super) fn tls_version(context: AttemptContext<'_>) -> String {
    let version = context.tls().and_then(|tls| tls.version.as_deref()).filter(|version| !version.is_empty());
    let version = version.map_or_else(|| "TLS".to_owned(), clipped);
    match context.tls() {
        Some(tls) if tls.downgraded => format!("{version} alone"),
        _ => version,
    }
}
