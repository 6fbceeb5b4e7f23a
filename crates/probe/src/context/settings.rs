//! How a run is made.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use super::{
    error::{SettingsError, SetupError},
    shared::Shared,
};
use crate::{
    hub::{Depth, HubHost, Needed, Proxy, Requirement, Role, Route, Target, limits::MOST_ADDRESSES},
    net::{families::Families, pem::Pem},
    observation::ProxySetting,
};

/// The deadline while bytes keep arriving, unless the user sets a timeout: five handshakes at 9.6 kbit/s take half a
/// minute.
pub const SLOW_TIMEOUT: Duration = Duration::from_secs(60);

/// Everything about a run that is not the target. Begins with [`Settings::default`], from which each field is set that is to be
/// another.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Settings {
    /// Deadline of the whole run.
    pub timeout: Duration,
    /// The deadline while bytes still come: a slow link takes its time. `None` where `timeout` holds whatever comes.
    pub slow_timeout: Option<Duration>,
    /// How far to go.
    pub depth: Depth,
    /// Which addresses to try.
    pub families: Families,
    /// The proxy that checks on the [proxy route](crate::hub::Route::Proxy) lead through.
    pub proxy: Option<NamedProxy>,
    /// Recorded for the judgement: the settings of this machine that name a proxy, used or not.
    pub proxy_settings: Vec<ProxySetting>,
    /// Try every resolved address, up to [`MOST_ADDRESSES`] of each family, not the first two.
    pub all_addresses: bool,
    /// Skip DNS and connect to these; the name is still used for SNI and verification.
    pub addresses: Vec<IpAddr>,
    /// Ask these name servers, instead of the system's resolver.
    pub resolvers: Vec<SocketAddr>,
    /// PEM roots that the device trusts, instead of this machine's store.
    pub ca: Option<Pem>,
    /// PEM roots that genuinely sign this hub, instead of those built in.
    pub hub_ca: Option<Pem>,
    /// Tell causes apart by second measurements where something fails.
    pub experiments: bool,
    /// Send a hello as large as post-quantum key exchange makes it, too, where all is well.
    pub large_hello: bool,
    /// Ask those, too, whom devices ask that check whether the hub's certificates are revoked.
    pub companions: bool,
    /// Read this machine's own counters of what it failed to send, to find out whether it is what drops packets. They count
    /// for all its programs: only where no other run is under way.
    pub counters: bool,
    /// Connect to nothing where the name stands for this machine, a neighbour on its link or a cloud's metadata: for names
    /// that others choose.
    pub guarded: bool,
    /// Ask for the names of a traced path's routers in reverse DNS.
    pub router_names: bool,
    /// What other runs have read already.
    pub shared: Shared,
    /// Recorded for the judgement: what must be allowed.
    pub requirement: Requirement,
    /// Recorded for the judgement: who will connect.
    pub role: Role,
}

/// A proxy, and who names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedProxy {
    /// The proxy.
    pub proxy: Proxy,
    /// The setting that names it, such as `https_proxy`; `None` if the program that embeds this library chose it.
    pub source: Option<String>,
}

impl Settings {
    /// Reads the files of roots, if there are any, so that a fault in them is known before anything is tested.
    ///
    /// # Errors
    /// The first that cannot be used, or that cannot be read by the deadline.
    pub async fn check_roots(&self) -> Result<(), SetupError> {
        match tokio::time::timeout(self.timeout, self.shared.roots(self.ca.as_ref(), self.hub_ca.as_ref(), &[])).await {
            Ok(roots) => roots.map(drop),
            Err(_) => Err(SetupError::RootsLate),
        }
    }

    /// Whether they go together with each other and with `target`, each sound by itself.
    ///
    /// # Errors
    /// What does not.
    pub fn validate(&self, target: &Target) -> Result<(), SettingsError> {
        let tested = |protocol| target.checks.iter().any(|check| check.endpoint.protocol == protocol);
        if let Some(missing) = self.requirement.named().find(|protocol| !tested(*protocol)) {
            let tested = target.checks.iter().map(|check| check.endpoint.protocol).collect();
            return Err(SettingsError::RequiredNotTested { missing, tested });
        }
        let is_tested = |needed: &&Needed| {
            let on_it = |route| {
                target.checks.iter().any(|check| (check.endpoint.protocol, check.route) == (needed.protocol, route))
            };
            needed.route.is_none_or(on_it)
        };
        if let Requirement::Each(needed) = &self.requirement
            && let Some(missing) = needed.iter().find(|needed| !is_tested(needed))
            && let Some(route) = missing.route
        {
            return Err(SettingsError::RequiredRouteNotTested { missing: missing.protocol, route });
        }
        if self.proxy.is_none() && target.checks.iter().any(|check| check.route == Route::Proxy) {
            return Err(SettingsError::NoProxy);
        }
        if !self.addresses.is_empty() && !self.resolvers.is_empty() {
            return Err(SettingsError::AddressesAndResolvers);
        }
        let literal = match target.host {
            HubHost::Ip(ip) if self.addresses.is_empty() => vec![ip],
            _ => self.addresses.clone(),
        };
        let of_family = |v6| literal.iter().filter(|address| address.is_ipv6() == v6).count();
        if of_family(false).max(of_family(true)) > MOST_ADDRESSES {
            return Err(SettingsError::TooManyAddresses);
        }
        if !literal.is_empty() && !self.families.include_any(&literal) {
            return Err(SettingsError::NoAddressOfFamily);
        }
        Ok(())
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(15),
            slow_timeout: None,
            depth: Depth::default(),
            families: Families::default(),
            proxy: None,
            proxy_settings: Vec::new(),
            all_addresses: false,
            addresses: Vec::new(),
            resolvers: Vec::new(),
            ca: None,
            hub_ca: None,
            experiments: true,
            large_hello: false,
            companions: false,
            counters: true,
            guarded: false,
            router_names: false,
            shared: Shared::default(),
            requirement: Requirement::default(),
            role: Role::default(),
        }
    }
}
