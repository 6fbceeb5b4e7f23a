//! Which protocol on which route is preferred.

use crate::{
    hub::{Protocol, Protocol::*, Role, Route},
    observation::Observations,
};

pub(super) type Preference = (Protocol, Route);

/// The order of preference for one device.
const DEVICE_ORDER: [Protocol; 5] = [Mqtt, MqttWs, Amqp, AmqpWs, Https];
/// The order of preference for a gateway.
const GATEWAY_ORDER: [Protocol; 5] = [Amqp, AmqpWs, Mqtt, MqttWs, Https];
/// The order of preference if devices log in by certificate, which WebSocket does not take.
const CERTIFICATE_ORDER: [Protocol; 5] = [Mqtt, Amqp, Https, MqttWs, AmqpWs];

/// Through an HTTP proxy, most SDKs speak WebSocket and HTTPS alone.
const DEVICE_ORDER_BY_HTTP: [Protocol; 5] = [MqttWs, AmqpWs, Https, Mqtt, Amqp];
const GATEWAY_ORDER_BY_HTTP: [Protocol; 5] = [AmqpWs, MqttWs, Https, Mqtt, Amqp];
/// Through SOCKS, only SDKs go that speak MQTT.
const ORDER_BY_SOCKS: [Protocol; 5] = [Mqtt, MqttWs, AmqpWs, Https, Amqp];

/// Without a proxy.
pub(super) fn protocols(observations: &Observations) -> [Protocol; 5] {
    match observations.role {
        _ if observations.hub.kind.facts().login_by_certificate => CERTIFICATE_ORDER,
        Role::Device => DEVICE_ORDER,
        Role::Gateway => GATEWAY_ORDER,
    }
}

fn protocols_by_proxy(observations: &Observations) -> [Protocol; 5] {
    match observations.role {
        // The SDKs of such hubs open a tunnel for MQTT, too.
        _ if observations.hub.kind.facts().login_by_certificate => CERTIFICATE_ORDER,
        _ if observations.proxy.as_ref().is_some_and(|proxy| proxy.scheme.is_socks()) => ORDER_BY_SOCKS,
        Role::Device => DEVICE_ORDER_BY_HTTP,
        Role::Gateway => GATEWAY_ORDER_BY_HTTP,
    }
}

/// The best first. A protocol is better without the proxy; but HTTPS, which cannot push, is worse than what most SDKs can
/// do through the proxy.
pub(super) fn of(observations: &Observations) -> Vec<Preference> {
    let (direct, proxied) = (protocols(observations), protocols_by_proxy(observations));
    let on = |route: Route, protocols: &[Protocol]| protocols.iter().map(|one| (*one, route)).collect::<Vec<_>>();
    let (direct, https) = split_at_https(&direct);
    let (proxied, last) = split_at_https(&proxied);
    [on(Route::Direct, direct), on(Route::Proxy, proxied), on(Route::Direct, https), on(Route::Proxy, last)].concat()
}

fn split_at_https(order: &[Protocol]) -> (&[Protocol], &[Protocol]) {
    order.split_at(order.iter().position(|one| *one == Https).unwrap_or(order.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_has_every_protocol() {
        for order in [
            DEVICE_ORDER,
            GATEWAY_ORDER,
            CERTIFICATE_ORDER,
            DEVICE_ORDER_BY_HTTP,
            GATEWAY_ORDER_BY_HTTP,
            ORDER_BY_SOCKS,
        ] {
            assert!(Protocol::ALL.iter().all(|protocol| order.contains(protocol)), "{order:?}");
        }
    }
}
