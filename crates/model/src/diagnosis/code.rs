//! Codes as text: public API.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::list::for_each_cause;

macro_rules! code {
    ($($module:ident::$Cause:ident = $word:literal,)*) => {
        /// A cause's name. [`Code::title`], [`Code::entry`] or `hubreach explain` say what each means.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        #[allow(missing_docs, reason = "its own entry tells what each stands for")]
        pub enum Code {
            $($Cause,)*
        }

        impl Code {
            /// Every code of this version, in the order in which the causes are evaluated.
            pub const ALL: &[Self] = &[$(Self::$Cause,)*];

            /// The word used in JSON and `explain`.
            pub fn id(self) -> &'static str {
                match self {
                    $(Self::$Cause => $word,)*
                }
            }
        }
    };
}

for_each_cause!(code);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

/// A word that is not a code of this version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown code; `hubreach explain --list` lists those there are")]
pub struct UnknownCode;

impl FromStr for Code {
    type Err = UnknownCode;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|code| code.id().eq_ignore_ascii_case(word.trim())).ok_or(UnknownCode)
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        let known = Self::ALL.iter().copied().find(|code| code.id() == word);
        known.ok_or_else(|| de::Error::custom(UnknownCode))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Code;

    #[test]
    fn a_word_is_one_codes_own() {
        let words: BTreeSet<&str> = Code::ALL.iter().map(|code| code.id()).collect();
        assert_eq!(words.len(), Code::ALL.len());
        assert!(words.iter().all(|word| word.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-')));
        assert_eq!("Silent-Drop ".parse(), Ok(Code::SilentDrop));
    }
}
