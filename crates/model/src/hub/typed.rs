//! The user's input for a hub, parsed as the intended check: people paste `host:port`, URLs and connection strings.

use super::{
    DefaultEndpoint, HostError, HubHost, HubKind, Protocol, Target, TargetOptions, TargetOptionsError, host,
    looks_secret, suffix,
};

/// The schemes that name a protocol, or only a connection. The first protocol is the default; the others need an
/// option.
const SCHEMES: &[(&str, &[Protocol])] = &[
    ("mqtt", &[Protocol::Mqtt]),
    ("mqtts", &[Protocol::Mqtt]),
    ("mqtt+tls", &[Protocol::Mqtt]),
    ("mqtt+ssl", &[Protocol::Mqtt]),
    ("amqp", &[Protocol::Amqp]),
    ("amqps", &[Protocol::Amqp]),
    ("amqp+tls", &[Protocol::Amqp]),
    ("amqp+ssl", &[Protocol::Amqp]),
    ("ws", &[Protocol::MqttWs, Protocol::AmqpWs]),
    ("wss", &[Protocol::MqttWs, Protocol::AmqpWs]),
    ("mqtt+ws", &[Protocol::MqttWs]),
    ("mqtt+wss", &[Protocol::MqttWs]),
    ("amqp+ws", &[Protocol::AmqpWs]),
    ("amqp+wss", &[Protocol::AmqpWs]),
    ("http", &[Protocol::Https]),
    ("https", &[Protocol::Https]),
    ("tcp", &[]),
    ("tls", &[]),
    ("ssl", &[]),
];

/// Why an input is not a target. No variant holds a part of the input that could be a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TypedError {
    /// It names no host.
    #[error(transparent)]
    Host(#[from] HostError),
    /// Its options do not fit the kind of hub.
    #[error(transparent)]
    Choice(#[from] TargetOptionsError),
    /// A scheme that cannot be tested.
    #[error("this scheme is not tested; type one of mqtts://, amqps://, wss://, https://, or the hostname alone")]
    Scheme,
    /// The scheme and the option name different protocols.
    #[error("{0}:// does not go with the protocols that are chosen; leave one of the two out")]
    Protocol(&'static str),
    /// A port that does not identify a protocol.
    #[error(
        "what is spoken on port {port}? type mqtts://{at}, amqps://{at}, wss://{at}/mqtt or https://{at}/",
        at = authority(.host, Some(*.port))
    )]
    Port {
        /// The hub.
        host: HubHost,
        /// The port.
        port: u16,
    },
    /// A path that does not identify a protocol.
    #[error(
        "what is spoken at that path? type wss://{}/PATH for WebSocket or https://{}/PATH, with the path for PATH",
        authority(.host, *.port), authority(.host, *.port)
    )]
    Path {
        /// The hub.
        host: HubHost,
        /// The port, if one was typed.
        port: Option<u16>,
    },
    /// A path that must not reach any output.
    #[error("the path may hold a secret")]
    SecretPath,
    /// Nearly a known name.
    #[error("did you mean {meant}?")]
    NearMiss {
        /// The known name.
        meant: String,
    },
}

/// A word, and its protocols.
type Scheme = (&'static str, &'static [Protocol]);

/// The user's input for a hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedHub {
    /// The host that the device connects to.
    pub host: HubHost,
    /// The hub itself, if the device connects to a gateway instead (`GatewayHostName=` of a connection string).
    hub_name: Option<HubHost>,
    scheme: Option<Scheme>,
    port: Option<u16>,
    path: Option<String>,
}

impl TypedHub {
    /// Extracts host, scheme, port and path. User information before the host, and everything after the path, is
    /// dropped unread.
    ///
    /// # Errors
    /// The input names no host, or a scheme that cannot be tested.
    pub fn parse(input: &str) -> Result<Self, TypedError> {
        let named = host::from_connection_string(host::trimmed(input))?;
        let (word, rest) = match named.host.split_once("://") {
            Some((word, rest)) => (Some(word), rest),
            None => (None, named.host),
        };
        let scheme = word.map(|word| scheme(word).ok_or(TypedError::Scheme)).transpose()?;
        let host = HubHost::parse(rest)?;
        let hub_name = named.hub.map(HubHost::parse).transpose()?;
        let port = host::port(host::authority(rest))?;
        let path = rest.find('/').map(|at| &rest[at..]);
        let path = path.map(|path| path.split(['?', '#']).next().unwrap_or_default());
        if path.is_some_and(looks_secret) {
            return Err(TypedError::SecretPath);
        }
        Ok(Self { host, hub_name, scheme, port, path: path.map(str::to_owned) })
    }

    /// Whether the input is more than a host.
    pub fn has_endpoint(&self) -> bool {
        self.port.is_some() || self.path.as_ref().is_some_and(|path| path != "/")
    }

    /// The intended target. `options` take precedence over the input.
    ///
    /// # Errors
    /// The input is ambiguous or contradictory.
    pub fn target(self, options: &TargetOptions) -> Result<Target, TypedError> {
        let mut options = options.clone();
        let by_suffix = |host: &HubHost| host.name().and_then(HubKind::by_suffix).map(|(kind, _)| kind);
        options.kind = options.kind.or_else(|| self.hub_name.as_ref().and_then(by_suffix));
        let known = options.kind.or_else(|| by_suffix(&self.host));
        if let Some(meant) = self.host.name().filter(|_| known.is_none()).and_then(suffix::near_miss) {
            return Err(TypedError::NearMiss { meant });
        }
        self.narrow(&mut options, known)?;
        Ok(Target::new(self.host, &options)?)
    }

    /// Narrows `options` to the endpoint in the input, if any.
    fn narrow(&self, options: &mut TargetOptions, known: Option<HubKind>) -> Result<(), TypedError> {
        let scheme = self.meant_scheme(options, known)?;
        let web = scheme.is_some_and(|(_, protocols)| protocols == [Protocol::Https]);
        // Browsers and mail programs prepend https:// to names: then only the name is intended.
        if web && !self.has_endpoint() {
            return Ok(());
        }
        let protocols = match scheme {
            Some((word, of_scheme @ [usual, ..])) => {
                let chosen = options.protocols.iter().filter(|protocol| of_scheme.contains(protocol)).copied();
                let chosen: Vec<Protocol> = if options.protocols.is_empty() { vec![*usual] } else { chosen.collect() };
                if chosen.is_empty() {
                    return Err(TypedError::Protocol(word));
                }
                // A broker's protocol identifies it better than the default kind of hub.
                options.kind = options.kind.or(known).or_else(|| kind_of(&chosen));
                chosen
            }
            _ => self.spoken_on_port(options, known.unwrap_or(HubKind::AzureIotHub))?,
        };
        for protocol in &protocols {
            if let Some(port) = self.port {
                options.ports.entry(*protocol).or_insert(port);
            }
        }
        if !protocols.is_empty() {
            options.protocols = protocols;
        }
        self.set_path(options, known, scheme);
        Ok(())
    }

    /// The scheme in the input, or the one that a path without a scheme implies.
    fn meant_scheme(&self, options: &TargetOptions, known: Option<HubKind>) -> Result<Option<Scheme>, TypedError> {
        let Some(path) = self.path.as_deref().filter(|path| self.scheme.is_none() && *path != "/") else {
            return Ok(self.scheme);
        };
        let all_are = |such: fn(&Protocol) -> bool| !options.protocols.is_empty() && options.protocols.iter().all(such);
        if is_own_path(path, known) || all_are(|protocol| protocol.subprotocol().is_some()) {
            Ok(scheme("wss"))
        } else if all_are(|protocol| *protocol == Protocol::Https) {
            Ok(scheme("https"))
        } else {
            Err(TypedError::Path { host: self.host.clone(), port: self.port })
        }
    }

    /// What the kind of hub speaks on the port; empty without a port.
    fn spoken_on_port(&self, options: &TargetOptions, kind: HubKind) -> Result<Vec<Protocol>, TypedError> {
        let Some(port) = self.port else { return Ok(Vec::new()) };
        let wanted =
            |offer: &&DefaultEndpoint| options.protocols.is_empty() || options.protocols.contains(&offer.protocol);
        let offers: Vec<&DefaultEndpoint> = kind.facts().endpoints.iter().filter(wanted).collect();
        let is_there =
            |offer: &&&DefaultEndpoint| options.ports.get(&offer.protocol).copied().unwrap_or(offer.port) == port;
        let mut spoken: Vec<Protocol> = offers.iter().filter(is_there).map(|offer| offer.protocol).collect();
        if spoken.is_empty() {
            spoken = offers.iter().map(|offer| offer.protocol).collect();
            spoken.dedup();
            if spoken.len() != 1 {
                return Err(TypedError::Port { host: self.host.clone(), port });
            }
        }
        Ok(spoken)
    }

    fn set_path(&self, options: &mut TargetOptions, known: Option<HubKind>, scheme: Option<Scheme>) {
        let (Some(path), Some((_, protocols))) = (&self.path, scheme) else { return };
        if protocols == [Protocol::Https] {
            // A / alone says nothing about a hub whose own paths are known.
            if path != "/" && options.https_path.is_none() {
                options.https_path = Some(path.clone());
            }
        } else if protocols.iter().any(|protocol| protocol.subprotocol().is_some()) && options.ws_path.is_none() {
            // The kind's own path has a query that the hub needs.
            options.ws_path = (!is_own_path(path, known)).then(|| path.clone());
        }
    }
}

/// Whether hubs of this kind offer WebSocket at that path.
fn is_own_path(path: &str, kind: Option<HubKind>) -> bool {
    kind.is_some_and(|kind| kind.facts().ws_path.split('?').next() == Some(path))
}

/// The host in URL form.
fn authority(host: &HubHost, port: Option<u16>) -> String {
    let host = host.in_url();
    port.map_or(host.clone(), |port| format!("{host}:{port}"))
}

fn scheme(word: &str) -> Option<Scheme> {
    SCHEMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).copied()
}

/// The kind for a name without a known suffix, from one of its protocols.
fn kind_of(protocols: &[Protocol]) -> Option<HubKind> {
    let speaks_all = |kind: &HubKind| {
        let endpoints = kind.facts().endpoints;
        protocols.iter().all(|protocol| endpoints.iter().any(|offer| offer.protocol == *protocol))
    };
    [HubKind::MqttBroker, HubKind::AmqpBroker, HubKind::HttpsEndpoint].into_iter().find(speaks_all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checks(typed: &str, options: &TargetOptions) -> String {
        let target = TypedHub::parse(typed).and_then(|typed| typed.target(options)).expect(typed);
        let check = |check: &crate::hub::Check| {
            let endpoint = &check.endpoint;
            let has_path = endpoint.protocol.subprotocol().is_some() || endpoint.protocol == Protocol::Https;
            let path = if has_path { endpoint.path.as_str() } else { "" };
            format!("{}:{}{path}", endpoint.protocol, endpoint.port)
        };
        let checks: Vec<String> = target.checks.iter().map(check).collect();
        format!("{} {} {}", target.host, target.kind, checks.join(" "))
    }

    #[test]
    fn scheme_port_and_path_are_the_check_that_was_meant() {
        for (typed, meant) in [
            ("mqtts://h.example:8884", "h.example mqtt-broker mqtt:8884"),
            ("MQTT+TLS://user:secret@h.example", "h.example mqtt-broker mqtt:8883"),
            ("amqps://h.example:5672", "h.example amqp-broker amqp:5672"),
            ("wss://h.example:8084/mqtt", "h.example mqtt-broker mqtt-ws:8084/mqtt"),
            ("wss://h.example:8084/", "h.example mqtt-broker mqtt-ws:8084/"),
            ("https://h.example:9443/", "h.example https-endpoint https:9443/"),
            ("https://h.example/v2/?x=1", "h.example https-endpoint https:443/v2/"),
            ("https://[2001:db8::1]:9443/", "2001:db8::1 https-endpoint https:9443/"),
            ("h.azure-devices.net:8883", "h.azure-devices.net azure-iot-hub mqtt:8883"),
            ("ssl://h.example:5671", "h.example azure-iot-hub amqp:5671"),
            ("mqtts://h.azure-devices.net", "h.azure-devices.net azure-iot-hub mqtt:8883"),
            (
                "wss://h.azure-devices.net/$iothub/websocket?x=1",
                "h.azure-devices.net azure-iot-hub mqtt-ws:443/$iothub/websocket?iothub-no-client-cert=true",
            ),
            (
                "h.azure-devices.net/$iothub/websocket",
                "h.azure-devices.net azure-iot-hub mqtt-ws:443/$iothub/websocket?iothub-no-client-cert=true",
            ),
            ("h.azure-devices.net:8883/", "h.azure-devices.net azure-iot-hub mqtt:8883"),
            (
                "HostName=h.azure-devices.net;GatewayHostName=edge.example;DeviceId=d;SharedAccessKey=x:8883",
                "edge.example azure-iot-hub mqtt:8883 amqp:5671 https:443/devices/{client}/messages/deviceBound?api-version=2021-04-12 \
                 mqtt-ws:443/$iothub/websocket?iothub-no-client-cert=true amqp-ws:443/$iothub/websocket?iothub-no-client-cert=true",
            ),
        ] {
            assert_eq!(checks(typed, &TargetOptions::default()), meant, "{typed}");
        }
    }

    #[test]
    fn a_path_alone_is_understood_or_said_to_be_not() {
        let protocols =
            |protocols: &[Protocol]| TargetOptions { protocols: protocols.to_vec(), ..TargetOptions::default() };
        for (typed, options, meant) in [
            ("h.example/mqtt", protocols(&[Protocol::MqttWs]), "h.example mqtt-broker mqtt-ws:443/mqtt"),
            ("10.1.2.3:8443/x", protocols(&[Protocol::Https]), "10.1.2.3 https-endpoint https:8443/x"),
            (
                "h.example:8443/ws",
                protocols(&[Protocol::MqttWs, Protocol::AmqpWs]),
                "h.example azure-iot-hub mqtt-ws:8443/ws amqp-ws:8443/ws",
            ),
        ] {
            assert_eq!(checks(typed, &options), meant, "{typed}");
        }
        for (typed, options, hint) in [
            ("h.example/mqtt", protocols(&[]), "wss://h.example/PATH"),
            ("10.1.2.3:8443/mqtt", protocols(&[]), "https://10.1.2.3:8443/PATH"),
            ("[2001:db8::1]:8443/mqtt", protocols(&[]), "https://[2001:db8::1]:8443/PATH"),
            ("h.example/mqtt", protocols(&[Protocol::Mqtt]), "wss://h.example/PATH"),
        ] {
            let error = TypedHub::parse(typed).and_then(|typed| typed.target(&options)).expect_err(typed);
            assert!(error.to_string().contains(hint), "{typed}: {error}");
        }
    }

    #[test]
    fn a_name_in_a_url_of_the_web_is_the_name_alone() {
        for typed in ["https://h.azure-devices.net", "https://h.azure-devices.net/", "h.azure-devices.net"] {
            let target = TypedHub::parse(typed).and_then(|typed| typed.target(&TargetOptions::default())).expect(typed);
            assert_eq!(target.checks.len(), 5, "{typed}");
        }
    }

    #[test]
    fn options_win_over_what_was_typed() {
        let amqp = TargetOptions { protocols: vec![Protocol::AmqpWs], ..TargetOptions::default() };
        assert_eq!(checks("wss://h.example:8084/x", &amqp), "h.example amqp-broker amqp-ws:8084/x");
        let path = TargetOptions { ws_path: Some("/y".to_owned()), ..TargetOptions::default() };
        assert_eq!(checks("wss://h.example:8084/x", &path), "h.example mqtt-broker mqtt-ws:8084/y");
        let https = TargetOptions { protocols: vec![Protocol::Https], ..TargetOptions::default() };
        assert_eq!(
            TypedHub::parse("wss://h.example").and_then(|typed| typed.target(&https)),
            Err(TypedError::Protocol("wss"))
        );
        let mqtt = TargetOptions { protocols: vec![Protocol::Mqtt], ..TargetOptions::default() };
        assert_eq!(checks("h.example:8884", &mqtt), "h.example azure-iot-hub mqtt:8884");
    }

    #[test]
    fn what_is_not_understood_is_said_to_be_not() {
        for (typed, hint) in [
            ("coap://h.example", "mqtts://"),
            ("h.example:8884", "mqtts://h.example:8884"),
            ("https://h.example/x?sig=c2VjcmV0&password=1", ""),
            ("https://h.example/token=c2VjcmV0", "secret"),
            ("https://h.example:0/", "1 to 65535"),
            ("contoso.azure-device.net", "contoso.azure-devices.net"),
        ] {
            let done = TypedHub::parse(typed).and_then(|typed| typed.target(&TargetOptions::default()));
            let said = done.map_or_else(|error| error.to_string(), |target| format!("{:?}", target.checks));
            assert!(said.contains(hint) && !said.contains("c2VjcmV0"), "{typed}: {said}");
        }
    }
}
