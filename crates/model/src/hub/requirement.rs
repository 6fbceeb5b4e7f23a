//! What must be allowed for a run to succeed.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{Protocol, Route};

/// One protocol that must be allowed, on any route or on a given one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needed {
    /// The protocol.
    pub protocol: Protocol,
    /// The route, or any.
    pub route: Option<Route>,
}

impl Needed {
    fn is_among(&self, allowed: &[(Protocol, Route, bool)]) -> bool {
        allowed.iter().any(|(protocol, route, ok)| {
            *ok && *protocol == self.protocol && self.route.is_none_or(|wanted| wanted == *route)
        })
    }
}

/// What must be allowed for exit status 0. Written `any`, `all`, `none` or `mqtt,https@direct`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Requirement {
    /// At least one check.
    #[default]
    Any,
    /// Every protocol, on any of its routes.
    All,
    /// Nothing: every check is optional.
    None,
    /// Each of these; never empty.
    Each(Vec<Needed>),
}

impl Requirement {
    /// Whether `allowed`, the (protocol, route, is allowed) of every check, meets the requirement.
    pub fn is_met(&self, allowed: &[(Protocol, Route, bool)]) -> bool {
        let has = |needed: &Needed| needed.is_among(allowed);
        match self {
            Self::Any => allowed.iter().any(|(_, _, ok)| *ok),
            Self::All => {
                !allowed.is_empty()
                    && allowed.iter().all(|(protocol, ..)| has(&Needed { protocol: *protocol, route: None }))
            }
            Self::None => true,
            Self::Each(needed) => needed.iter().all(has),
        }
    }

    /// Whether the requirement fails because of this check. If any check is enough and none is allowed, each counts.
    pub fn lacks(&self, protocol: Protocol, route: Route, allowed: &[(Protocol, Route, bool)]) -> bool {
        let of_it = |needed: &&Needed| needed.protocol == protocol && needed.route.is_none_or(|wanted| wanted == route);
        match self {
            Self::Any => !self.is_met(allowed),
            Self::All => !Needed { protocol, route: None }.is_among(allowed),
            Self::None => false,
            Self::Each(needed) => needed.iter().filter(of_it).any(|needed| !needed.is_among(allowed)),
        }
    }

    /// The protocols required by name.
    pub fn named(&self) -> impl Iterator<Item = Protocol> {
        let needed = match self {
            Self::Each(needed) => needed.as_slice(),
            Self::Any | Self::All | Self::None => &[],
        };
        needed.iter().map(|needed| needed.protocol)
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any"),
            Self::All => f.write_str("all"),
            Self::None => f.write_str("none"),
            Self::Each(needed) => {
                for (at, Needed { protocol, route }) in needed.iter().enumerate() {
                    let comma = if at == 0 { "" } else { "," };
                    write!(f, "{comma}{protocol}")?;
                    if let Some(route) = route {
                        write!(f, "@{route}")?;
                    }
                }
                Ok(())
            }
        }
    }
}

impl From<Requirement> for String {
    fn from(requirement: Requirement) -> Self {
        requirement.to_string()
    }
}

/// A text that is not a requirement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a requirement is `any`, `all`, `none` or a list such as mqtt,https@direct, of: mqtt, amqp, https, mqtt-ws, amqp-ws"
)]
pub struct BadRequirement;

impl FromStr for Requirement {
    type Err = BadRequirement;

    fn from_str(spec: &str) -> Result<Self, Self::Err> {
        match spec.trim() {
            "any" => Ok(Self::Any),
            "all" => Ok(Self::All),
            "none" => Ok(Self::None),
            list => list.split(',').map(needed).collect::<Result<_, _>>().map(Self::Each),
        }
    }
}

impl TryFrom<String> for Requirement {
    type Error = BadRequirement;

    fn try_from(spec: String) -> Result<Self, Self::Error> {
        spec.parse()
    }
}

fn needed(word: &str) -> Result<Needed, BadRequirement> {
    let (protocol, route) = match word.trim().split_once('@') {
        Some((protocol, route)) => (protocol, Some(route.parse().map_err(|_| BadRequirement)?)),
        None => (word, None),
    };
    Ok(Needed { protocol: protocol.parse().map_err(|_| BadRequirement)?, route })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_and_written_alike() {
        for spec in ["any", "all", "none", "mqtt", "mqtt,amqp-ws@direct"] {
            assert_eq!(spec.parse::<Requirement>().expect(spec).to_string(), spec);
        }
        for spec in ["", "nothing", "mqtt,none", "mqtt,", "mqtt@moon", "any,mqtt"] {
            assert_eq!(spec.parse::<Requirement>(), Err(BadRequirement), "{spec}");
        }
    }

    #[test]
    fn it_is_met_as_it_says() {
        let seen = [(Protocol::Mqtt, Route::Direct, false), (Protocol::Https, Route::Direct, true)];
        let met = |spec: &str| spec.parse::<Requirement>().expect(spec).is_met(&seen);
        assert!(met("any") && met("https") && met("https@direct"));
        assert!(!met("all") && !met("mqtt") && !met("https,mqtt") && !met("amqp"));
        assert!(!Requirement::All.is_met(&[]) && Requirement::None.is_met(&[]));
    }

    #[test]
    fn what_is_lacking_is_what_keeps_it_from_being_met() {
        let seen = [(Protocol::Mqtt, Route::Direct, false), (Protocol::Https, Route::Direct, true)];
        let lacking =
            |spec: &str, protocol| spec.parse::<Requirement>().expect(spec).lacks(protocol, Route::Direct, &seen);
        assert!(lacking("all", Protocol::Mqtt) && lacking("mqtt@direct,https", Protocol::Mqtt));
        assert!(
            !lacking("any", Protocol::Mqtt) && !lacking("https", Protocol::Mqtt) && !lacking("all", Protocol::Https)
        );
        assert!(Requirement::Any.lacks(Protocol::Mqtt, Route::Direct, &seen[..1]));
    }
}
