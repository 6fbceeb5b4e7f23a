//! CONNACK codes of a broker, in the standards' words.

use std::fmt;

/// A CONNACK's code: a return code of MQTT 3.1.1 (section 3.2.2.3), or from 0x80 on a reason code of MQTT 5 (section 2.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Connack(pub(super) u8);

/// What a code means for the diagnosis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The session is accepted.
    Accepted,
    /// The login is refused, as expected without credentials.
    Login,
    /// The broker is there but serves no one, or not this device, for its own reasons.
    Unavailable,
    /// It speaks another version of MQTT than our CONNECT (3.1.1).
    Version,
    /// It objects to something else in our CONNECT.
    Other,
}

/// Every code of both standards that is a refusal. Codes that MQTT 5 has for other packets are included: brokers
/// differ.
const CODES: &[(u8, Meaning, &str)] = &[
    (0x00, Meaning::Accepted, "accepted"),
    (0x01, Meaning::Version, "unacceptable protocol version"),
    (0x02, Meaning::Login, "identifier rejected"),
    (0x03, Meaning::Unavailable, "server unavailable"),
    (0x04, Meaning::Login, "bad user name or password"),
    (0x05, Meaning::Login, "not authorized"),
    (0x80, Meaning::Other, "unspecified error"),
    (0x81, Meaning::Other, "malformed packet"),
    (0x82, Meaning::Other, "protocol error"),
    (0x83, Meaning::Other, "implementation specific error"),
    (0x84, Meaning::Version, "unsupported protocol version"),
    (0x85, Meaning::Login, "client identifier not valid"),
    (0x86, Meaning::Login, "bad user name or password"),
    (0x87, Meaning::Login, "not authorized"),
    (0x88, Meaning::Unavailable, "server unavailable"),
    (0x89, Meaning::Unavailable, "server busy"),
    (0x8a, Meaning::Unavailable, "banned"),
    (0x8b, Meaning::Unavailable, "server shutting down"),
    (0x8c, Meaning::Login, "bad authentication method"),
    (0x8d, Meaning::Other, "keep alive timeout"),
    (0x8e, Meaning::Other, "session taken over"),
    (0x8f, Meaning::Other, "topic filter invalid"),
    (0x90, Meaning::Other, "topic name invalid"),
    (0x91, Meaning::Other, "packet identifier in use"),
    (0x92, Meaning::Other, "packet identifier not found"),
    (0x93, Meaning::Other, "receive maximum exceeded"),
    (0x94, Meaning::Other, "topic alias invalid"),
    (0x95, Meaning::Other, "packet too large"),
    (0x96, Meaning::Unavailable, "message rate too high"),
    (0x97, Meaning::Unavailable, "quota exceeded"),
    (0x98, Meaning::Unavailable, "administrative action"),
    (0x99, Meaning::Other, "payload format invalid"),
    (0x9a, Meaning::Other, "retain not supported"),
    (0x9b, Meaning::Other, "QoS not supported"),
    (0x9c, Meaning::Unavailable, "use another server"),
    (0x9d, Meaning::Unavailable, "server moved"),
    (0x9e, Meaning::Other, "shared subscriptions not supported"),
    (0x9f, Meaning::Unavailable, "connection rate exceeded"),
    (0xa0, Meaning::Unavailable, "maximum connect time"),
    (0xa1, Meaning::Other, "subscription identifiers not supported"),
    (0xa2, Meaning::Other, "wildcard subscriptions not supported"),
];

impl Connack {
    fn known(self) -> Option<&'static (u8, Meaning, &'static str)> {
        CODES.iter().find(|(code, ..)| *code == self.0)
    }

    /// In the standard's words.
    pub(super) fn name(self) -> &'static str {
        self.known().map_or("a code of no standard", |(.., name)| name)
    }

    /// What it means; an unknown code means nothing in particular.
    pub(super) fn meaning(self) -> Meaning {
        self.known().map_or(Meaning::Other, |(_, meaning, _)| *meaning)
    }
}

/// `CONNACK 3 (server unavailable)`, `CONNACK 0x97 (quota exceeded)`.
impl fmt::Display for Connack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            code @ ..0x80 => write!(f, "CONNACK {code}")?,
            code => write!(f, "CONNACK {code:#04x}")?,
        }
        write!(f, " ({})", self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_told_in_the_standards_words() {
        for (code, meaning, text) in [
            (0, Meaning::Accepted, "CONNACK 0 (accepted)"),
            (3, Meaning::Unavailable, "CONNACK 3 (server unavailable)"),
            (5, Meaning::Login, "CONNACK 5 (not authorized)"),
            (6, Meaning::Other, "CONNACK 6 (a code of no standard)"),
            (0x84, Meaning::Version, "CONNACK 0x84 (unsupported protocol version)"),
            (0x97, Meaning::Unavailable, "CONNACK 0x97 (quota exceeded)"),
            (0xff, Meaning::Other, "CONNACK 0xff (a code of no standard)"),
        ] {
            assert_eq!((Connack(code).meaning(), Connack(code).to_string().as_str()), (meaning, text));
        }
    }

    #[test]
    fn every_refusal_of_mqtt_5_has_its_name() {
        assert!((0x80..=0xa2).all(|code| Connack(code).known().is_some()));
    }
}
