//! The first message in each protocol, without credentials; and how it is made as long as a packet may be.
//!
//! What a device sends in full packets may be lost where all that it sends in small ones passes: a client certificate,
//! telemetry. One message to each address is therefore as long as fits into one TCP segment, by text that means nothing. It
//! costs neither a packet nor a round trip.

use crate::{
    hub::{Endpoint, HubHost, Protocol},
    net::{
        random,
        response::{USER_AGENT, host_header},
    },
    wire::mqtt,
};

/// What stands for a random name in a path or user name.
const CLIENT: &str = "{client}";
/// The header that fills a request. Servers pass over what they do not know (RFC 9110, section 5.1), and take headers of
/// this length: cookies and tokens are longer.
const FILLER: &str = "X-Padding";
/// What it says, for readers of a server's log.
const FILLER_TEXT: &str = "one message as long as a packet may be, to see whether such packets pass; ";
/// The topic filters that fill an MQTT message: none of them was ever subscribed to. Some brokers take no longer ones.
const MAX_FILTER_LEN: usize = 200;
const FILTER_TEXT: &str = "padding-to-the-length-of-a-packet-";

/// Whether the first message in `protocol` can be made longer. Before the login AMQP allows frames of 512 bytes (AMQP 1.0,
/// section 5.3.1), and none of them means nothing.
pub(crate) fn can_fill(protocol: Protocol) -> bool {
    protocol != Protocol::Amqp
}

/// A request for what needs a login; of exactly `fill` bytes, if that is more.
pub(crate) fn get(host: &HubHost, endpoint: &Endpoint, fill: Option<usize>) -> Vec<u8> {
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\n\
         User-Agent: {USER_AGENT}\r\nAccept: */*\r\nConnection: close\r\n",
        path = endpoint.path.replace(CLIENT, &random::name()),
        host = host_header(host, endpoint.port),
    );
    filled_request(request, fill)
}

/// A request for WebSocket (RFC 6455, section 4.1); of exactly `fill` bytes, if that is more.
pub(crate) fn upgrade(
    host: &HubHost,
    endpoint: &Endpoint,
    subprotocol: &str,
    key: &str,
    fill: Option<usize>,
) -> Vec<u8> {
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Protocol: {subprotocol}\r\n\
         User-Agent: {USER_AGENT}\r\n",
        path = endpoint.path,
        host = host_header(host, endpoint.port),
    );
    filled_request(request, fill)
}

/// A CONNECT. To be of exactly `fill` bytes, if that is more, it is followed by an UNSUBSCRIBE: a client may go on without
/// waiting for the CONNACK, and a server that refuses must pass over what follows (MQTT 3.1.1, section 3.1.4). Whatever the
/// client has not subscribed to it may cancel (section 3.10.4).
pub(crate) fn connect(host: &HubHost, mqtt_user: Option<&str>, fill: Option<usize>) -> Vec<u8> {
    let client_id = random::name();
    let user_name = mqtt_user.map(|form| form.replace("{host}", &host.to_string()).replace(CLIENT, &client_id));
    let mut message = mqtt::connect(&client_id, user_name.as_deref());
    if let Some(left) = fill.and_then(|fill| fill.checked_sub(message.len())) {
        message.extend(unsubscribe(left));
    }
    message
}

/// `request` and its end, with a header that fills it.
fn filled_request(mut request: String, fill: Option<usize>) -> Vec<u8> {
    const END: &str = "\r\n";
    let around = FILLER.len() + ": ".len() + END.len();
    let left = fill.and_then(|fill| fill.checked_sub(request.len() + END.len() + around));
    if let Some(left) = left.filter(|left| *left > 0) {
        // A value does not end in a space.
        let text = repeated(FILLER_TEXT, left - 1);
        request.push_str(&format!("{FILLER}: {text}.{END}"));
    }
    request.push_str(END);
    request.into_bytes()
}

/// One that is `length` bytes long, or nothing where there is none of that length.
fn unsubscribe(length: usize) -> Vec<u8> {
    // Of each filter the length stands before it; the packet's identifier, and its header of two or three bytes, before all.
    const EACH: usize = 2;
    let fits = [4, 5].into_iter().find_map(|header| {
        let filters = length.checked_sub(header).filter(|bytes| *bytes > EACH)?;
        let count = filters.div_ceil(MAX_FILTER_LEN + EACH);
        let of = |at: usize| repeated(FILTER_TEXT, filters / count + usize::from(at < filters % count) - EACH);
        Some(mqtt::unsubscribe(1, &(0..count).map(of).collect::<Vec<_>>())).filter(|packet| packet.len() == length)
    });
    fits.unwrap_or_default()
}

fn repeated(text: &str, length: usize) -> String {
    text.chars().cycle().take(length).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        hub::{Target, TargetOptions},
        wire::{Parsed, http},
    };

    fn endpoint(protocol: Protocol) -> (HubHost, Endpoint) {
        let host = HubHost::parse("contoso.azure-devices.net").expect("a host");
        let target = Target::new(host, &TargetOptions::default()).expect("a target");
        let check = target.checks.into_iter().find(|check| check.endpoint.protocol == protocol).expect("a check");
        (target.host, check.endpoint)
    }

    #[test]
    fn a_request_has_the_length_that_is_asked_for() {
        let (host, of_get) = endpoint(Protocol::Https);
        let (_, of_upgrade) = endpoint(Protocol::MqttWs);
        let both = |fill| [get(&host, &of_get, fill), upgrade(&host, &of_upgrade, "mqtt", "key", fill)];
        for length in [500, 1200, 1438] {
            for request in both(Some(length)) {
                assert_eq!(request.len(), length);
                let text = String::from_utf8(request).expect("ASCII");
                assert!(text.ends_with(".\r\n\r\n") && text.matches("\r\n\r\n").count() == 1, "{text}");
            }
        }
        for request in both(None).into_iter().chain(both(Some(100))) {
            assert!(request.len() > 100 && !String::from_utf8_lossy(&request).contains(FILLER));
        }
        const { assert!(http::MAX_HEAD_LEN > 1438) };
    }

    #[test]
    fn a_connect_is_followed_by_as_much_as_fills_it() {
        let (host, _) = endpoint(Protocol::Mqtt);
        let bare = connect(&host, None, None).len();
        for length in (bare..bare + 300).chain(1000..1480) {
            let message = connect(&host, None, Some(length));
            let mut rest = message.as_slice();
            let mut kinds = Vec::new();
            while let Parsed::Done((packet, length)) = mqtt::packet(rest, 2000) {
                kinds.push(packet.kind);
                rest = &rest[length..];
            }
            assert!(rest.is_empty());
            match message.len() {
                whole if whole == length && length > bare => assert_eq!(kinds, [mqtt::CONNECT, 10]),
                whole => {
                    // No packet is so short, or its length takes a byte more or a byte less.
                    assert_eq!((whole, kinds), (bare, vec![mqtt::CONNECT]));
                    assert!((0..=6).contains(&(length - bare)) || length - bare == 130, "{length}");
                }
            }
        }
    }
}
