//! How a proxy is given to each of Azure's SDKs, and which of them can use it for which protocol.
//!
//! - C (`OPTION_HTTP_PROXY`): WebSocket, through HTTP proxies.
//! - .NET (`Proxy` of the transport settings) and Java (`ProxySettings`): WebSocket and HTTPS, through HTTP proxies.
//! - Node (an agent of `https-proxy-agent`): WebSocket and HTTPS, through HTTP proxies, also over TLS.
//! - Python (`proxy_options`, by PySocks): MQTT with and without WebSocket, through HTTP and SOCKS. It logs in to HTTP
//!   proxies too (Basic), though its documentation says that it does not.
//! - IoT Edge (`https_proxy`): WebSocket, through HTTP proxies.

use crate::{
    diagnosis::{ProxySdkSettings, SdkSettings, text::clipped},
    hub::{Protocol, ProxyScheme},
    observation::{CheckObservations, Observations, ProxyObservations},
};

/// The settings for the proxy through which `check` is allowed.
pub(super) fn settings(
    observations: &Observations,
    proxy: &ProxyObservations,
    check: &CheckObservations,
) -> ProxySdkSettings {
    let login = needs_login(check);
    let url = url(proxy, login);
    if !observations.hub.kind.facts().azure_sdk {
        return ProxySdkSettings { url, ..ProxySdkSettings::default() };
    }
    let at = At { host: clipped(&proxy.host), port: proxy.port, address: clipped(&proxy.address()), login };
    let (protocol, scheme) = (check.protocol, proxy.scheme);
    let able = Able::of(protocol, scheme);
    ProxySdkSettings {
        c: able.c.then(|| c(&at)),
        dotnet: able.dotnet.then(|| dotnet(protocol, &at)),
        java: able.java.then(|| java(&at)),
        python: able.python.then(|| python(scheme, &at)),
        node: able.node.then(|| node(protocol, &url)),
        iot_edge: able.iot_edge.then(|| format!("https_proxy = \"{url}\"")),
        iot_edge_service: able.iot_edge.then(|| format!("Environment=\"https_proxy={url}\"")),
        url,
    }
}

/// The settings of the SDKs that can use such a proxy for the protocol of `check`.
pub(super) fn only_able(settings: SdkSettings, check: &CheckObservations, scheme: ProxyScheme) -> SdkSettings {
    let able = Able::of(check.protocol, scheme);
    SdkSettings {
        dotnet: settings.dotnet.filter(|_| able.dotnet),
        java: settings.java.filter(|_| able.java),
        python: settings.python.filter(|_| able.python),
        node: settings.node.filter(|_| able.node),
        iot_edge: settings.iot_edge.filter(|_| able.iot_edge),
    }
}

/// Whether the proxy took credentials to let this check through.
pub(super) fn needs_login(check: &CheckObservations) -> bool {
    let answers = check.attempts.iter().filter_map(|attempt| attempt.proxy.as_ref()?.success());
    answers.into_iter().any(|evidence| evidence.logged_in)
}

/// Which SDKs can use a proxy for a protocol.
struct Able {
    c: bool,
    dotnet: bool,
    java: bool,
    python: bool,
    node: bool,
    iot_edge: bool,
}

impl Able {
    fn of(protocol: Protocol, scheme: ProxyScheme) -> Self {
        let is_websocket = matches!(protocol, Protocol::MqttWs | Protocol::AmqpWs);
        let is_web = is_websocket || protocol == Protocol::Https;
        let is_mqtt = matches!(protocol, Protocol::Mqtt | Protocol::MqttWs);
        let by_http = scheme == ProxyScheme::Http;
        Self {
            c: by_http && is_websocket,
            dotnet: by_http && is_web,
            java: by_http && is_web,
            python: is_mqtt && (by_http || scheme.is_socks()),
            node: is_web && !scheme.is_socks(),
            iot_edge: by_http && is_websocket,
        }
    }
}

struct At {
    host: String,
    port: u16,
    /// With an IPv6 address in brackets.
    address: String,
    login: bool,
}

/// As an environment variable has it, without credentials.
fn url(proxy: &ProxyObservations, login: bool) -> String {
    let login = if login { "USER:PASSWORD@" } else { "" };
    format!("{}://{login}{}", proxy.scheme, clipped(&proxy.address()))
}

fn c(at: &At) -> String {
    let At { host, port, .. } = at;
    let login = if at.login { "\"USER\", \"PASSWORD\"" } else { "NULL, NULL" };
    format!(
        "HTTP_PROXY_OPTIONS proxy = {{ \"{host}\", {port}, {login} }}; IoTHubDeviceClient_LL_SetOption(client, \
         OPTION_HTTP_PROXY, &proxy);"
    )
}

fn dotnet(protocol: Protocol, at: &At) -> String {
    let transport = match protocol {
        Protocol::Https => "Http1TransportSettings()".to_owned(),
        Protocol::AmqpWs | Protocol::Amqp => "AmqpTransportSettings(TransportType.Amqp_WebSocket_Only)".to_owned(),
        Protocol::MqttWs | Protocol::Mqtt => "MqttTransportSettings(TransportType.Mqtt_WebSocket_Only)".to_owned(),
    };
    let login = match at.login {
        true => " { Credentials = new NetworkCredential(\"USER\", \"PASSWORD\") }",
        false => "",
    };
    format!("new {transport} {{ Proxy = new WebProxy(\"http://{}\"){login} }}", at.address)
}

fn java(at: &At) -> String {
    let At { host, port, .. } = at;
    let login = if at.login { ", \"USER\", \"PASSWORD\".toCharArray()" } else { "" };
    format!("new ProxySettings(new Proxy(Proxy.Type.HTTP, new InetSocketAddress(\"{host}\", {port})){login})")
}

fn python(scheme: ProxyScheme, at: &At) -> String {
    let At { host, port, .. } = at;
    let proxy_type = if scheme.is_socks() { "SOCKS5" } else { "HTTP" };
    let login = if at.login { ", proxy_username=\"USER\", proxy_password=\"PASSWORD\"" } else { "" };
    format!("proxy_options=ProxyOptions(proxy_type=\"{proxy_type}\", proxy_addr=\"{host}\", proxy_port={port}{login})")
}

fn node(protocol: Protocol, url: &str) -> String {
    let agent = format!("new HttpsProxyAgent(\"{url}\")");
    match protocol {
        Protocol::Https => format!("client.setOptions({{ http: {{ agent: {agent} }} }})"),
        Protocol::AmqpWs | Protocol::Amqp => format!("client.setOptions({{ amqp: {{ webSocketAgent: {agent} }} }})"),
        Protocol::MqttWs | Protocol::Mqtt => format!("client.setOptions({{ mqtt: {{ webSocketAgent: {agent} }} }})"),
    }
}
