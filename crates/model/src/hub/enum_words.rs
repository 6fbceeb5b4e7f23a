//! Enums whose variants are one word each, the same in JSON, options, labels and logs.

/// Declares such an enum: its words in JSON, [`Display`](std::fmt::Display) and `id`. `read as "what" or Error` adds
/// parsing, case-insensitive, and `ALL` in declaration order or in the given one. A variant `with "html"` exists only
/// with that feature.
#[doc(hidden)]
#[macro_export]
macro_rules! enum_words {
    (
        $(#[$meta:meta])*
        $vis:vis enum $Name:ident { $($(#[$doc:meta])* $Variant:ident = $word:literal $(with $feature:literal)?,)+ }
        read as $what:literal or $Unknown:ident
    ) => {
        $crate::enum_words! {
            $(#[$meta])*
            $vis enum $Name { $($(#[$doc])* $Variant = $word $(with $feature)?,)+ }
            read as $what or $Unknown in [$($Variant $(with $feature)?),+]
        }
    };
    (
        $(#[$meta:meta])*
        $vis:vis enum $Name:ident { $($(#[$doc:meta])* $Variant:ident = $word:literal $(with $feature:literal)?,)+ }
        read as $what:literal or $Unknown:ident in [$($Listed:ident $(with $listed_feature:literal)?),+]
    ) => {
        $crate::enum_words! {
            $(#[$meta])*
            $vis enum $Name { $($(#[$doc])* $Variant = $word $(with $feature)?,)+ }
        }

        impl $Name {
            /// All variants, in the order of lists.
            $vis const ALL: &[Self] = &[$($(#[cfg(feature = $listed_feature)])? Self::$Listed),+];
        }

        #[doc = concat!("A word that is no ", $what, ".")]
        #[derive(Debug, Clone, PartialEq, Eq)]
        $vis struct $Unknown;

        impl std::fmt::Display for $Unknown {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let words: Vec<&str> = $Name::ALL.iter().map(|one| one.id()).collect();
                $crate::hub::enum_words::unknown(f, $what, &words)
            }
        }

        impl std::error::Error for $Unknown {}

        impl std::str::FromStr for $Name {
            type Err = $Unknown;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                let word = word.trim();
                Self::ALL.iter().copied().find(|one| one.id().eq_ignore_ascii_case(word)).ok_or($Unknown)
            }
        }
    };
    (
        $(#[$meta:meta])*
        $vis:vis enum $Name:ident { $($(#[$doc:meta])* $Variant:ident = $word:literal $(with $feature:literal)?,)+ }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        $vis enum $Name {
            $($(#[$doc])* $(#[cfg(feature = $feature)])? #[serde(rename = $word)] $Variant,)+
        }

        impl $Name {
            /// The word used in JSON and options.
            $vis const fn id(self) -> &'static str {
                match self {
                    $($(#[cfg(feature = $feature)])? Self::$Variant => $word,)+
                }
            }
        }

        impl std::fmt::Display for $Name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.id())
            }
        }
    };
}

use std::fmt;

/// Says that a word is not one of `words`.
pub fn unknown(f: &mut fmt::Formatter<'_>, what: &str, words: &[&str]) -> fmt::Result {
    let choice = if words.len() == 1 { "" } else { " one of" };
    write!(f, "unknown {what}; use{choice}: {}", words.join(", "))
}

#[cfg(test)]
mod tests {
    use crate::hub::{Protocol, Route, UnknownProtocol};

    #[test]
    fn a_word_is_read_as_it_is_written_in_json_too() {
        for protocol in Protocol::ALL.iter().copied() {
            assert_eq!(protocol.to_string().parse(), Ok(protocol));
            assert_eq!(serde_json::to_value(protocol).expect("a word"), protocol.id());
        }
        assert_eq!(" Mqtt-WS".parse(), Ok(Protocol::MqttWs));
        let told = |unknown: Result<Protocol, UnknownProtocol>| unknown.expect_err("no word").to_string();
        assert_eq!(told("mqttws".parse()), "unknown protocol; use one of: mqtt, amqp, https, mqtt-ws, amqp-ws");
        assert_eq!(
            "vpn".parse::<Route>().expect_err("no word").to_string(),
            "unknown route; use one of: direct, proxy"
        );
    }
}
