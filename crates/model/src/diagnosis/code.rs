//! The words of the causes: public API.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Code, causes::Cause, scope::Scope};

impl Code {
    /// The word used in JSON and `explain`.
    pub fn id(self) -> &'static str {
        self.entry().word
    }

    /// The cause in a line, told in general: words in capitals stand for what a report fills in.
    pub fn title(self) -> String {
        Cause::general(self).title(&Scope::general())
    }

    /// What to do, told in general: first by whoever stands before the device, then by its owner.
    pub fn fix(self) -> String {
        let (cause, scope) = (Cause::general(self), Scope::general());
        match cause.first_step(&scope) {
            Some(first) => format!("{first} Then: {}", cause.fix(&scope)),
            None => cause.fix(&scope),
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

/// A word that is no code of this version.
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
    fn every_code_is_told_in_general() {
        for code in Code::ALL.iter().copied() {
            let entry = code.entry();
            for text in [entry.explanation, entry.proof, &code.title(), &code.fix()] {
                assert!(text.len() > 10 && !text.contains(['{', '}']) && !text.contains("  "), "{code}: {text}");
            }
            assert_eq!(entry.explanation.trim_end().chars().last(), Some('.'), "{code}");
        }
    }

    #[test]
    fn a_word_is_one_codes_own() {
        let words: BTreeSet<&str> = Code::ALL.iter().map(|code| code.id()).collect();
        assert_eq!(words.len(), Code::ALL.len());
        assert!(words.iter().all(|word| word.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-')));
        assert_eq!("Silent-Drop ".parse(), Ok(Code::SilentDrop));
    }
}
