//! Which ways to a hub are tested: straight, and through a proxy where one is set for it.

use crate::{
    hub::{HubHost, Named, NoProxy, Proxy, ProxyEnvironment, ProxyError, Route, Target},
    observation::{ProxySetting, WhyUnused},
    probe::{HintedProxy, NamedProxy, ProxyHint, Settings, ask_proxy_script, proxy_hints},
};

/// Which routes are tested, and through which proxy. The default is the direct route alone, whatever this machine's settings
/// say.
#[derive(Debug, Clone, Default)]
pub struct Routing {
    /// Only these routes; empty means the direct one, and the proxy's where one is set for the hub.
    pub routes: Vec<Route>,
    /// The proxy that the user names, for every hub: no exception of a setting counts for it.
    pub proxy: Option<NamedProxy>,
    /// The proxy that the environment names, with its exceptions.
    pub environment: ProxyEnvironment,
    /// What other places of this machine name. Those that apply count where the environment names none.
    pub hints: Vec<ProxyHint>,
}

/// Why a hub cannot be tested on the routes that are wanted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RoutingError {
    /// The proxy's route is wanted, and there is no proxy.
    #[error("the route through a proxy is wanted, and no proxy is set")]
    NoProxy,
    /// The proxy's route is wanted, and what names a proxy is none.
    #[error("the route through a proxy is wanted, and {setting} is none that can be used: {message}")]
    Unusable {
        /// The setting.
        setting: String,
        /// Why.
        message: String,
    },
    /// The proxy's route is wanted, and the setting excepts the hub.
    #[error("the route through a proxy is wanted, and {by} excepts {host} by its entry {entry}")]
    Excepted {
        /// The hub.
        host: HubHost,
        /// The setting with the exceptions.
        by: String,
        /// The entry, as it is written.
        entry: String,
    },
}

/// The setting that counts if the user names no proxy.
struct Setting<'a> {
    source: &'a str,
    proxy: &'a Result<Proxy, ProxyError>,
    /// The hosts that it is not for, and the setting that lists them.
    exceptions: Option<(&'a str, &'a NoProxy)>,
}

impl Setting<'_> {
    /// What excepts the hub at a port: the setting, and its entry.
    fn exception(&self, host: &HubHost, port: u16) -> Option<(String, String)> {
        let (by, list) = self.exceptions?;
        Some((by.to_owned(), list.exempts(host, port)?.to_owned()))
    }
}

impl Routing {
    /// With the proxy that this process's environment names.
    pub fn of_environment() -> Self {
        Self { environment: ProxyEnvironment::read(|name| std::env::var(name).ok()), ..Self::default() }
    }

    /// With every setting of this machine that names a proxy. Must run inside a tokio runtime with time enabled.
    pub async fn of_this_machine() -> Self {
        Self { hints: proxy_hints().await, ..Self::of_environment() }
    }

    /// The same with what a script of this machine's settings says of `host`, where the system evaluates it and nothing that
    /// comes before it names a proxy. Must run inside a tokio runtime with time enabled.
    pub async fn asked_for(mut self, host: &HubHost) -> Self {
        let is_wanted = self.routes.is_empty() || self.routes.contains(&Route::Proxy);
        if is_wanted && self.proxy.is_none() && self.environment.proxy.is_none() {
            self.hints = ask_proxy_script(self.hints, host).await;
        }
        self
    }

    /// `target` on its routes, and how they are tested.
    ///
    /// # Errors
    /// The routes that are wanted do not exist here.
    pub fn apply(&self, target: Target, mut settings: Settings) -> Result<(Target, Settings), RoutingError> {
        let (host, is_wanted) = (target.host.clone(), |route| self.routes.is_empty() || self.routes.contains(&route));
        let setting = self.setting();
        let is_excepted = |port: u16| {
            let of_setting = setting.as_ref().filter(|_| self.proxy.is_none());
            of_setting.is_some_and(|setting| setting.exception(&host, port).is_some())
        };
        let everywhere = target.checks.iter().all(|check| is_excepted(check.endpoint.port));
        let proxy = self.named().filter(|_| is_wanted(Route::Proxy) && !everywhere);
        if proxy.is_none() && self.routes.contains(&Route::Proxy) {
            return Err(self.missing(&target));
        }
        settings.proxy_settings = self.recorded(&target, proxy.is_some());
        let mut routes = Vec::new();
        routes.extend(is_wanted(Route::Direct).then_some(Route::Direct));
        routes.extend(proxy.is_some().then_some(Route::Proxy));
        settings.proxy = proxy;
        let mut target = target.on_routes(&routes);
        target.checks.retain(|check| check.route == Route::Direct || !is_excepted(check.endpoint.port));
        Ok((target, settings))
    }

    /// The proxy that counts, whatever the hub.
    fn named(&self) -> Option<NamedProxy> {
        let of_setting = || {
            let setting = self.setting()?;
            let proxy = setting.proxy.as_ref().ok()?.clone();
            Some(NamedProxy { proxy, source: Some(setting.source.to_owned()) })
        };
        self.proxy.clone().or_else(of_setting)
    }

    /// The environment's, else the first of this machine's that applies.
    fn setting(&self) -> Option<Setting<'_>> {
        let of_environment = self.environment.proxy.as_ref().map(|Named { variable, value }| Setting {
            source: variable,
            proxy: value,
            exceptions: self.environment.no_proxy.as_ref().map(|list| (list.variable, &list.value)),
        });
        // A script that says that the hub needs none ends it.
        let is_open = |hint: &&ProxyHint| !matches!(hint.setting, HintedProxy::NoneByScript(_));
        let applying = self.hints.iter().filter(|hint| hint.applies).take_while(is_open);
        of_environment.or_else(|| { applying }.find_map(of_hint))
    }

    fn missing(&self, target: &Target) -> RoutingError {
        let Some(setting) = self.setting() else { return RoutingError::NoProxy };
        let first = target.checks.first().and_then(|check| setting.exception(&target.host, check.endpoint.port));
        match (setting.proxy, first) {
            (Err(error), _) => {
                RoutingError::Unusable { setting: setting.source.to_owned(), message: error.to_string() }
            }
            (Ok(_), Some((by, entry))) => RoutingError::Excepted { host: target.host.clone(), by, entry },
            (Ok(_), None) => RoutingError::NoProxy,
        }
    }

    /// What the report says of the settings: those of the environment first.
    fn recorded(&self, target: &Target, is_used: bool) -> Vec<ProxySetting> {
        let counts = self.setting();
        let source = counts.as_ref().map(|setting| setting.source);
        let of_counting = counts.as_ref().map(|setting| self.of_setting(setting, target, is_used));
        let others = self.hints.iter().filter(|hint| Some(hint.place.as_str()) != source).map(of_others);
        of_counting.into_iter().chain(others).collect()
    }

    fn of_setting(&self, setting: &Setting<'_>, target: &Target, is_used: bool) -> ProxySetting {
        let exception = || target.checks.iter().find_map(|check| setting.exception(&target.host, check.endpoint.port));
        let unused = match setting.proxy {
            Err(error) => Some(WhyUnused::Unusable { message: error.to_string() }),
            Ok(_) if self.proxy.is_some() => Some(WhyUnused::Overridden),
            Ok(_) if is_used => None,
            Ok(_) => Some(match exception() {
                Some((by, entry)) => WhyUnused::Excepted { by, entry },
                None => WhyUnused::NotWanted,
            }),
        };
        let url = setting.proxy.as_ref().ok().map(ToString::to_string);
        ProxySetting { source: setting.source.to_owned(), url, pac: None, unused }
    }
}

fn of_hint(hint: &ProxyHint) -> Option<Setting<'_>> {
    let HintedProxy::Proxy { proxy, no_proxy } = &hint.setting else { return None };
    Some(Setting { source: &hint.place, proxy, exceptions: no_proxy.as_ref().map(|list| (hint.place.as_str(), list)) })
}

/// A place that does not count: for other programs, or after another that does.
fn of_others(hint: &ProxyHint) -> ProxySetting {
    let unused = if hint.applies { WhyUnused::Overridden } else { WhyUnused::ForOthers };
    let (url, pac, unused) = match &hint.setting {
        HintedProxy::Proxy { proxy: Ok(proxy), .. } => (Some(proxy.to_string()), None, unused),
        HintedProxy::Proxy { proxy: Err(error), .. } => {
            (None, None, WhyUnused::Unusable { message: error.to_string() })
        }
        HintedProxy::Script(address) => (None, Some(address.clone()), WhyUnused::ForOthers),
        HintedProxy::NoneByScript(address) => {
            let by = "its own answer".to_owned();
            (None, Some(address.clone()), WhyUnused::Excepted { by, entry: "DIRECT".to_owned() })
        }
        HintedProxy::Discovery => (None, Some("as the network tells (WPAD)".to_owned()), WhyUnused::ForOthers),
    };
    ProxySetting { source: hint.place.clone(), url, pac, unused: Some(unused) }
}
