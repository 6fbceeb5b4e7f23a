//! What users must know for whom a recommendation does not work.

use super::{Allowed, Choice, proxy::needs_login};
use crate::{
    hub::{HubKind, Protocol, ProxyScheme, Route, ats_name},
    observation::ProxyObservations,
};

pub(super) fn of(choice: &Choice<'_>, best: &Allowed<'_>) -> Vec<String> {
    let hub = &choice.observations.hub;
    let kind = hub.kind;
    let websocket_too = choice.is_allowed(Protocol::MqttWs, None);
    let mut sentences = Vec::new();
    if best.is_unavailable {
        sentences.push("But the hub itself says that it does not serve.".to_owned());
    }
    if best.is_inspected {
        sentences.push("TLS is inspected here: devices with X.509 certificates cannot log in this way.".to_owned());
    }
    match (kind, best.check.protocol) {
        (HubKind::AwsIotCore, Protocol::MqttWs) => {
            sentences.push("WebSocket takes SigV4 or custom logins, not X.509 certificates.".to_owned());
        }
        (HubKind::AwsIotCore, Protocol::Https) if websocket_too => sentences.push(
            "MQTT over WebSocket is allowed too; it, and HTTPS on 443 without its ALPN, take SigV4 or custom logins, not X.509 \
             certificates."
                .to_owned(),
        ),
        (HubKind::AzureIotHub | HubKind::AzureIotEdge | HubKind::AzureDps, Protocol::MqttWs | Protocol::AmqpWs)
            if !best.is_inspected =>
        {
            sentences.push("X.509 certificates need MQTT or AMQP: few SDKs take them over WebSocket.".to_owned());
        }
        _ => {}
    }
    if let Some(proxy) = choice.observations.proxy.as_ref().filter(|_| best.check.route == Route::Proxy) {
        sentences.extend(of_proxy(proxy, kind, best).into_iter().map(str::to_owned));
    }
    if let Some(ats) = ats_name(&hub.host).filter(|_| kind == HubKind::AwsIotCore) {
        sentences.push(format!("This name is AWS's legacy endpoint: give devices {ats}, whose authority they hold."));
    }
    sentences
}

fn of_proxy(proxy: &ProxyObservations, kind: HubKind, best: &Allowed<'_>) -> Vec<&'static str> {
    let (protocol, scheme) = (best.check.protocol, proxy.scheme);
    let (azure, login) = (kind.facts().azure_sdk, needs_login(best.check));
    let mut sentences = Vec::new();
    match scheme {
        ProxyScheme::Socks5 | ProxyScheme::Socks5h if azure => {
            sentences.push("Of Azure's SDKs, only Python's has a setting for a SOCKS proxy.");
        }
        ProxyScheme::Https if azure => {
            sentences.push("Hardly any SDK speaks TLS with the proxy itself: most need a port of it in clear.");
        }
        ProxyScheme::Http if kind == HubKind::AwsIotCore => {
            sentences.push("Version 2 of AWS's SDKs takes the proxy as HttpProxyOptions, for MQTT too.");
        }
        _ => {}
    }
    if login {
        sentences.push("In an address, characters such as @ : / of a user name or password are written %40 %3A %2F.");
        if azure && scheme == ProxyScheme::Http && matches!(protocol, Protocol::Mqtt | Protocol::MqttWs) {
            sentences
                .push("The Python SDK logs in to an HTTP proxy too, though its documentation says that it does not.");
        }
    }
    if kind == HubKind::AzureIotEdge && scheme == ProxyScheme::Http {
        sentences.push(
            "IoT Edge takes the proxy in [agent.env] of /etc/aziot/config.toml and in the deployment's settings of edgeAgent and \
             edgeHub; its services aziot-edged, aziot-identityd and docker take it by `systemctl edit`, under [Service], where each % is \
             written %%.",
        );
    }
    if protocol != Protocol::Https {
        sentences.push("Proxies end idle tunnels (squid 15 min, tinyproxy 10): shorten keep-alive.");
    }
    sentences
}
