//! Which ways to a hub are tested: straight, and through a proxy where one is set for it.

use crate::{
    hub::{Check, HubHost, Named, Proxy, ProxyEnvironment, Route, Target},
    observation::{ProxySetting, WhyUnused},
    probe::{NamedProxy, Settings},
};

/// Which routes are tested, and through which proxy. The default is the direct route alone, whatever this machine's settings
/// say.
#[derive(Debug, Clone, Default)]
pub struct Routing {
    /// Only these routes; empty means the direct one, and the proxy's where one is set for the hub.
    pub routes: Vec<Route>,
    /// The proxy that the user names, for every hub: no exception of the environment counts for it.
    pub proxy: Option<NamedProxy>,
    /// The proxy that the environment names, with its exceptions.
    pub environment: ProxyEnvironment,
}

/// Why a hub cannot be tested on the routes that are wanted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RoutingError {
    /// The proxy's route is wanted, and there is no proxy.
    #[error("the route through a proxy is wanted, and no proxy is set")]
    NoProxy,
    /// The proxy's route is wanted, and what names a proxy is none.
    #[error("the route through a proxy is wanted, and {variable} is none that can be used: {message}")]
    Unusable {
        /// The variable.
        variable: &'static str,
        /// Why.
        message: String,
    },
    /// The proxy's route is wanted, and the environment excepts the hub.
    #[error("the route through a proxy is wanted, and {variable} excepts {host} by its entry {entry}")]
    Excepted {
        /// The hub.
        host: HubHost,
        /// The variable with the exceptions.
        variable: &'static str,
        /// The entry, as it is written.
        entry: String,
    },
}

impl Routing {
    /// With the proxy that this process's environment names.
    pub fn of_environment() -> Self {
        Self { environment: ProxyEnvironment::read(|name| std::env::var(name).ok()), ..Self::default() }
    }

    /// `target` on its routes, and how they are tested.
    ///
    /// # Errors
    /// The routes that are wanted do not exist here.
    pub fn apply(&self, target: Target, mut settings: Settings) -> Result<(Target, Settings), RoutingError> {
        let (host, is_wanted) = (target.host.clone(), |route| self.routes.is_empty() || self.routes.contains(&route));
        let is_excepted = |check: &Check| self.proxy.is_none() && self.exception(&host, check.endpoint.port).is_some();
        let proxy = self.named().filter(|_| is_wanted(Route::Proxy) && !target.checks.iter().all(is_excepted));
        if proxy.is_none() && self.routes.contains(&Route::Proxy) {
            return Err(self.missing(&target));
        }
        settings.proxy_settings = self.settings(&target, proxy.is_some());
        let mut routes = Vec::new();
        routes.extend(is_wanted(Route::Direct).then_some(Route::Direct));
        routes.extend(proxy.is_some().then_some(Route::Proxy));
        settings.proxy = proxy;
        let mut target = target.on_routes(&routes);
        target.checks.retain(|check| check.route == Route::Direct || !is_excepted(check));
        Ok((target, settings))
    }

    /// The proxy that counts, whatever the hub.
    fn named(&self) -> Option<NamedProxy> {
        let of_environment = || match &self.environment.proxy {
            Some(Named { variable, value: Ok(proxy) }) => Some(by_setting(proxy, variable)),
            Some(Named { value: Err(_), .. }) | None => None,
        };
        self.proxy.clone().or_else(of_environment)
    }

    /// What excepts the hub at a port from the environment's proxy: the variable, and its entry.
    fn exception(&self, host: &HubHost, port: u16) -> Option<(&'static str, String)> {
        let exception = self.environment.exemption(host, port)?;
        Some((exception.variable, exception.entry.to_owned()))
    }

    fn missing(&self, target: &Target) -> RoutingError {
        let first = target.checks.first().and_then(|check| self.exception(&target.host, check.endpoint.port));
        match (&self.environment.proxy, first) {
            (Some(Named { variable, value: Err(error) }), _) => {
                RoutingError::Unusable { variable, message: error.to_string() }
            }
            (Some(_), Some((variable, entry))) => RoutingError::Excepted { host: target.host.clone(), variable, entry },
            _ => RoutingError::NoProxy,
        }
    }

    /// What the report says of the settings.
    fn settings(&self, target: &Target, is_used: bool) -> Vec<ProxySetting> {
        let Some(Named { variable, value }) = &self.environment.proxy else { return Vec::new() };
        let exception = || target.checks.iter().find_map(|check| self.exception(&target.host, check.endpoint.port));
        let unused = match value {
            Err(error) => Some(WhyUnused::Unusable { message: error.to_string() }),
            Ok(_) if self.proxy.is_some() => Some(WhyUnused::Overridden),
            Ok(_) if is_used => None,
            Ok(_) => match exception() {
                Some((variable, entry)) => Some(WhyUnused::Excepted { by: variable.to_owned(), entry }),
                None => Some(WhyUnused::NotWanted),
            },
        };
        let url = value.as_ref().ok().map(ToString::to_string);
        vec![ProxySetting { source: (*variable).to_owned(), url, pac: None, unused }]
    }
}

fn by_setting(proxy: &Proxy, setting: &str) -> NamedProxy {
    NamedProxy { proxy: proxy.clone(), source: Some(setting.to_owned()) }
}
