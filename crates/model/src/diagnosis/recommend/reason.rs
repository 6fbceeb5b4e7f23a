//! Why this protocol on this route.

use super::{Allowed, Choice};
use crate::{
    diagnosis::text::{clipped, listed},
    hub::{Protocol, Role, Route},
};

pub(super) fn of(choice: &Choice<'_>, best: &Allowed<'_>) -> String {
    let facts = choice.observations.hub.kind.facts();
    let here = whereabouts(choice, best);
    if facts.endpoints.len() == 1 {
        return format!("It is allowed {here}, and all that there is to choose.");
    }
    let protocol = best.check.protocol;
    let order = choice.protocols();
    let stopped: Vec<&str> = order
        .iter()
        .take_while(|better| **better != protocol)
        .filter(|better| choice.is_stopped(**better))
        .map(|better| better.label())
        .collect();
    let mut reason = match stopped.as_slice() {
        [] => format!("It is allowed {here}."),
        stopped => format!("It is allowed {here}, unlike {}.", listed(stopped)),
    };
    if best.check.route == Route::Proxy {
        reason += &format!(" {}", why_through_the_proxy(choice, protocol));
    }
    reason += &format!(" {}", merit(protocol, best.check.route, choice.observations.role));
    let silenced: Vec<&str> = order
        .into_iter()
        .filter(|other| *other != protocol)
        .filter(|other| choice.allowed().any(|one| one.is_unavailable && one.check.protocol == *other))
        .map(Protocol::label)
        .collect();
    if !best.is_unavailable && !silenced.is_empty() {
        let (silenced, is) = (listed(&silenced), if silenced.len() > 1 { "are" } else { "is" });
        reason += &format!(" {silenced} {is} let out too, but the hub says there that it does not serve.");
    }
    reason
}

/// `here`, `here on port 443`, `through the proxy http://proxy.corp:3128`.
fn whereabouts(choice: &Choice<'_>, best: &Allowed<'_>) -> String {
    let (protocol, route) = (best.check.protocol, best.check.route);
    let here = match (&choice.observations.proxy, route) {
        (Some(proxy), Route::Proxy) => format!("through the proxy {}", clipped(&proxy.url())),
        (None, Route::Proxy) => "through the proxy".to_owned(),
        (Some(_), Route::Direct) => "here without the proxy".to_owned(),
        (None, Route::Direct) => "here".to_owned(),
    };
    // If the hub offers the protocol on several ports, the recommendation names the port.
    let checks = &choice.observations.checks;
    match checks.iter().filter(|other| (other.protocol, other.route) == (protocol, route)).count() {
        0 | 1 => here,
        _ => format!("{here} on port {}", best.check.port),
    }
}

fn why_through_the_proxy(choice: &Choice<'_>, protocol: Protocol) -> String {
    let is_there_a_direct_one = choice.allowed().any(|one| one.check.route == Route::Direct);
    let was_tried = choice.observations.checks.iter().any(|check| check.route == Route::Direct);
    let directly = match (was_tried, is_there_a_direct_one) {
        (false, _) => "The direct route was not tried.",
        (true, false) if choice.is_known_on(Route::Direct) => "Directly nothing gets out.",
        (true, false) => "Directly nothing is known to get out.",
        (true, true) if choice.is_allowed(protocol, Some(Route::Direct)) => "Directly it has drawbacks.",
        (true, true) => "Directly it does not get out.",
    };
    let facts = choice.observations.hub.kind.facts();
    let sdks = match protocol {
        _ if facts.login_by_certificate => "",
        Protocol::MqttWs if !facts.azure_sdk => " Many MQTT clients use a proxy for WebSocket alone.",
        _ if !facts.azure_sdk => "",
        _ if choice.observations.proxy.as_ref().is_some_and(|proxy| proxy.scheme.is_socks()) => "",
        Protocol::MqttWs | Protocol::AmqpWs | Protocol::Https => {
            " Most SDKs use a proxy for WebSocket and HTTPS alone."
        }
        Protocol::Mqtt => " Of Azure's SDKs, only Python's speaks MQTT itself through a proxy.",
        Protocol::Amqp => " None of Azure's SDKs speaks AMQP itself through a proxy.",
    };
    format!("{directly}{sdks}")
}

fn merit(protocol: Protocol, route: Route, role: Role) -> &'static str {
    match (protocol, role) {
        (Protocol::Mqtt, Role::Device) => {
            "It pushes to the device, is compact, and its libraries have the smallest footprint."
        }
        (Protocol::MqttWs, Role::Device) if route == Route::Proxy => {
            "It pushes to the device like MQTT and is as compact."
        }
        (Protocol::MqttWs, Role::Device) => {
            "It pushes to the device like MQTT and is as compact, in web traffic that this network lets out."
        }
        (Protocol::Amqp, Role::Gateway) => "It carries many devices over one TLS connection, pushes, and is compact.",
        (Protocol::AmqpWs, Role::Gateway) if route == Route::Proxy => {
            "It carries many devices over one TLS connection like AMQP."
        }
        (Protocol::AmqpWs, Role::Gateway) => {
            "It carries many devices over one TLS connection like AMQP, in web traffic that this network lets out."
        }
        (Protocol::Amqp | Protocol::AmqpWs, Role::Device) => {
            "It pushes to the device and is compact; its libraries are larger than MQTT's."
        }
        (Protocol::Mqtt | Protocol::MqttWs, Role::Gateway) => {
            "It pushes and is compact, but needs a TLS connection for each device behind the gateway."
        }
        (Protocol::Https, _) => {
            "It is the last resort: the hub cannot push, so a device must poll for commands, no more often than every 25 \
             minutes in production, and messages are larger."
        }
    }
}
