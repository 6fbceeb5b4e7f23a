//! One attempt and the run that it is compared with: the input of every rule.

use std::net::IpAddr;

use super::{
    comparisons::{Comparisons, Reference},
    dns::NameFacts,
    location::{self, ResetOrigin},
    peer::Peer,
    text::clipped,
};
use crate::{
    hub::{Protocol, Route},
    observation::{
        Attempt, CheckObservations, Ending, ExperimentKind, Identity, KernelRoute, LocalNetwork, Observations, Path,
        ProbeAnswer, ProxyObservations, Subject, TlsEvidence, Trace, Trust, kind,
    },
};

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

    /// The proxy that the route leads through, if it leads through one.
    pub(super) fn proxy(&self) -> Option<&'a ProxyObservations> {
        self.observations.proxy.as_ref().filter(|_| self.check.route == Route::Proxy)
    }

    /// This machine's own network, if it was recorded.
    pub(super) fn network(&self) -> Option<&'a LocalNetwork> {
        self.observations.vantage.network.as_ref()
    }

    /// Whether packets to the address never leave this machine. Then no path leads there.
    pub(super) fn is_this_machine(&self) -> bool {
        let address = self.address();
        address.is_loopback() || self.network().is_some_and(|own| own.is_own(address))
    }

    /// Whether the address is that of a name, and nothing shows who gave it: name servers of the hub's owner, a file of this
    /// machine, or somebody who answers in their place.
    pub(super) fn has_unknown_origin(&self) -> bool {
        let is_unknown =
            |names: &NameFacts<'_>| !names.is_proven_at(self.address()) && names.cannot_tell(self.address());
        self.comparisons.name_facts.as_ref().is_some_and(is_unknown)
    }

    /// Whether this system does not tell the interface by which packets to the address leave.
    pub(super) fn has_unknown_interface(&self) -> bool {
        let is_unknown = |own: &LocalNetwork| match own.way_to(self.address()) {
            None | Some(KernelRoute::Found { interface: None, .. }) => true,
            Some(_) => own.interfaces.is_none(),
        };
        self.network().is_some_and(is_unknown)
    }

    /// Whether a path to the port was looked for, or a path to the address.
    pub(super) fn was_traced(&self) -> bool {
        self.first_result::<kind::Path>().is_some() || self.first_result::<kind::AddressPath>().is_some()
    }

    /// Whether other ports of the same address connect in the same run.
    pub(super) fn reference(&self) -> Reference {
        self.comparisons.reference(self.attempt.address, self.check.port)
    }

    /// The results of this kind of experiment for this attempt.
    pub(super) fn all_results<K: ExperimentKind>(&self) -> impl Iterator<Item = &'a K::Facts> + use<'a, K> {
        let subject = Subject { check: &self.check.id, address: self.attempt.address, port: self.check.port };
        self.comparisons.results_of::<K>(subject).into_iter()
    }

    /// The first of them, if the experiment ran.
    pub(super) fn first_result<K: ExperimentKind>(&self) -> Option<&'a K::Facts> {
        self.all_results::<K>().next()
    }

    /// Where the RST of the port comes from, as far as its path was traced.
    pub(super) fn reset_origin(&self) -> ResetOrigin {
        self.first_result::<kind::Path>()
            .map_or(ResetOrigin::Unclear, |path| location::reset(path, self.reference_peer(path)))
    }

    /// Who answers at the port that a path is compared with. A port whose handshakes complete before the hub is not the
    /// hub.
    pub(super) fn reference_peer(&self, path: &Path) -> Option<Peer> {
        let Trace { address, port, .. } = path.reference.as_ref()?;
        let paths = self.comparisons.paths_to(*address);
        match location::completed_early(paths, *address, *port) {
            Some(_) => Some(Peer::Stranger),
            None => self.comparisons.peer(*address, *port),
        }
    }

    /// Every answer to packets of any kind towards the address: the TTL, and the router that sent it.
    pub(super) fn met_on_the_way(&self) -> impl Iterator<Item = (u8, Option<IpAddr>)> + use<'a> {
        let address = self.address();
        let to_port = self.all_results::<kind::Path>().map(|path| &path.failing);
        let of_any_kind = self.all_results::<kind::AddressPath>();
        let to_address =
            of_any_kind.flat_map(|observed| observed.ports.iter().map(|path| &path.failing).chain(&observed.others));
        let traces = to_port.chain(to_address).filter(move |trace: &&Trace| trace.address == address);
        traces.flat_map(|trace| &trace.probes).filter_map(|probe| match &probe.answer {
            ProbeAnswer::TimeExceeded { from } | ProbeAnswer::Icmp { from, .. } => Some((probe.ttl, *from)),
            ProbeAnswer::SynAck | ProbeAnswer::Reset | ProbeAnswer::Reply => Some((probe.ttl, None)),
            ProbeAnswer::Silent | ProbeAnswer::NotSent { .. } => None,
        })
    }

    /// What TLS showed.
    pub(super) fn tls(&self) -> Option<&'a TlsEvidence> {
        self.attempt.tls.evidence()
    }

    /// What the trust stores say about the peer's chain.
    pub(super) fn trust(&self) -> Option<&'a Trust> {
        self.tls()?.trust.as_ref()
    }

    /// Who the peer is. Without the peer's signature, anyone on the path could have sent the chain.
    pub(super) fn identity(&self) -> Option<Identity> {
        let trust = self.trust()?;
        // A successful handshake includes the signature; older versions did not record it separately.
        let signed = trust.signature_verified.unwrap_or(self.attempt.tls.is_ok());
        Some(if trust.identity.goes_on() && !signed { Identity::Unverified } else { trust.identity })
    }

    /// Whether TLS is established with a peer that the probe continues with.
    pub(super) fn passed_tls(&self) -> bool {
        self.attempt.connect.is_ok() && self.attempt.tls.is_ok() && self.identity().is_some_and(Identity::goes_on)
    }

    /// Whether the peer chose a version and a suite before the handshake ended.
    pub(super) fn has_server_hello(&self) -> bool {
        self.tls().is_some_and(|tls| tls.server_hello || !tls.chain.is_empty())
    }

    /// Whether a box on the path opened the TLS of this attempt.
    pub(super) fn is_intercepted(&self) -> bool {
        self.identity() == Some(Identity::Intercepted)
    }

    /// Whether this device accepts the peer, and nothing shows that it is not the hub.
    pub(super) fn is_verified(&self) -> bool {
        matches!(self.identity(), Some(Identity::Proven | Identity::Trusted))
    }

    /// Whether the peer asked for a client certificate, which the probe does not have.
    pub(super) fn wants_client_certificate(&self) -> bool {
        self.tls().is_some_and(|tls| tls.client_certificate_requested)
    }

    /// Whether the hub answered in `protocol` anywhere in this run.
    pub(super) fn hub_answered(&self, protocol: Protocol) -> bool {
        self.comparisons.hub_answered(protocol)
    }

    /// Whether any attempt of this run took `protocol` to the end.
    pub(super) fn exchange_finished(&self, protocol: Protocol) -> bool {
        self.comparisons.exchange_finished(protocol)
    }
}

/// Whether the close came inside TLS, and so from the peer itself.
pub(super) fn is_sent_by_peer(ending: &Ending) -> bool {
    matches!(ending, Ending::CloseNotify | Ending::Alert { .. } | Ending::WebSocketClose { .. })
}

/// The negotiated TLS version, for a check's line.
pub(super) fn tls_version(context: AttemptContext<'_>) -> String {
    let version = context.tls().and_then(|tls| tls.version.as_deref()).filter(|version| !version.is_empty());
    let version = version.map_or_else(|| "TLS".to_owned(), clipped);
    match context.tls() {
        Some(tls) if tls.downgraded => format!("{version} alone"),
        _ => version,
    }
}
