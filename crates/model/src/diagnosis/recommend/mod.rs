//! The recommended protocol and route, by the vendors' guidance: MQTT for a device with its own connection, AMQP for a
//! gateway that multiplexes devices over one connection, WebSocket if the network lets out only web traffic, HTTPS as a
//! last resort; without the proxy if possible, and through it by what most SDKs can do there.

mod caveats;
mod order;
mod proxy;
mod reason;
mod sdk;

use self::order::Preference;
use super::{Code, Recommendation, SdkSettings, Verdict, judged_check::JudgedCheck};
use crate::{
    hub::{Protocol, Route},
    observation::{CheckObservations, Observations},
};

/// An allowed check, and its drawbacks.
struct Allowed<'a> {
    check: &'a CheckObservations,
    /// The hub says that it does not serve.
    is_unavailable: bool,
    /// A box opens its TLS, so no device's certificate gets through.
    is_inspected: bool,
}

/// The checks of a run, and which of them are allowed.
struct Choice<'a> {
    observations: &'a Observations,
    judged: &'a [JudgedCheck],
    order: Vec<Preference>,
}

/// The best of the allowed checks.
pub(super) fn recommend(observations: &Observations, judged: &[JudgedCheck]) -> Option<Recommendation> {
    let choice = Choice { observations, judged, order: order::of(observations) };
    let best = choice.best()?;
    let (protocol, route) = (best.check.protocol, best.check.route);
    let proxy = observations.proxy.as_ref().filter(|_| route == Route::Proxy);
    let settings = match proxy {
        _ if !observations.hub.kind.facts().azure_sdk => SdkSettings::default(),
        Some(proxy) => proxy::only_able(sdk::settings(protocol), best.check, proxy.scheme),
        None => sdk::settings(protocol),
    };
    Some(Recommendation {
        protocol,
        route,
        reason: reason::of(&choice, &best),
        caveats: caveats::of(&choice, &best),
        settings,
        proxy: proxy.map(|proxy| proxy::settings(observations, proxy, best.check)),
    })
}

impl<'a> Choice<'a> {
    fn best(&self) -> Option<Allowed<'a>> {
        let rank = |one: &Allowed<'_>| {
            let preference = (one.check.protocol, one.check.route);
            let position = self.order.iter().position(|known| *known == preference);
            (one.is_unavailable, one.is_inspected, position.unwrap_or(usize::MAX))
        };
        self.allowed().min_by_key(rank)
    }

    fn with_verdicts(&self) -> impl Iterator<Item = (&'a CheckObservations, &'a JudgedCheck)> + use<'a> {
        self.observations.checks.iter().zip(self.judged)
    }

    fn allowed(&self) -> impl Iterator<Item = Allowed<'a>> + use<'a> {
        self.with_verdicts().filter(|(_, judged)| judged.verdict == Verdict::Allowed).map(|(check, judged)| {
            let has_cause = |code| judged.causes.iter().any(|cause| cause.code() == code);
            Allowed {
                check,
                is_unavailable: has_cause(Code::HubUnavailable),
                is_inspected: has_cause(Code::TlsIntercepted),
            }
        })
    }

    fn is_allowed(&self, protocol: Protocol, route: Option<Route>) -> bool {
        let is_it =
            |check: &CheckObservations| check.protocol == protocol && route.is_none_or(|route| route == check.route);
        self.allowed().any(|one| is_it(one.check))
    }

    /// Every check of the route has an answer.
    fn is_known_on(&self, route: Route) -> bool {
        let mut judged = self.with_verdicts().filter(|(check, _)| check.route == route);
        judged.all(|(_, judged)| judged.verdict != Verdict::Unknown)
    }

    /// Offered by the hub, and allowed on no route.
    fn is_stopped(&self, protocol: Protocol) -> bool {
        let is_offered = self.with_verdicts().any(|(check, judged)| check.protocol == protocol && judged.is_offered);
        is_offered && !self.is_allowed(protocol, None)
    }

    /// The protocols in the order of preference, whatever the route.
    fn protocols(&self) -> Vec<Protocol> {
        order::protocols(self.observations).to_vec()
    }
}
