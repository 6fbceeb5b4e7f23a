//! Second measurements, which distinguish causes that look the same at first.

mod list;
mod measured;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use measured::{Facts, Measured, Subject};

/// One experiment: when it ran, and what it showed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Experiment {
    /// From the start of the run to its start, in milliseconds.
    pub started_after_ms: f64,
    /// How long it took, in milliseconds.
    pub duration_ms: f64,
    /// What it showed.
    #[serde(flatten)]
    pub record: ExperimentRecord,
}

/// What an experiment showed, by its kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Map<String, Value>", into = "Map<String, Value>")]
pub enum ExperimentRecord {
    /// One that this version knows.
    Known(ExperimentResult),
    /// One of a newer version, kept as it is.
    Other(Map<String, Value>),
}

/// A kind of experiment, which names what it records. Its types are in [`kind`].
pub trait ExperimentKind {
    /// What it records.
    type Facts: Facts;
    /// The word used in JSON.
    const WORD: &'static str;

    /// The facts, if `result` is of this kind.
    fn facts(result: &ExperimentResult) -> Option<&Self::Facts>;
}

macro_rules! declare {
    ($($file:ident {
        $($(#[$doc:meta])+ $kind:ident($facts:ident) = $word:literal $(, made by $experiment:ident)?;)+
    })+) => {
        $(
            mod $file;
            pub use $file::*;
        )+

        /// What an experiment of this version showed.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "kind")]
        pub enum ExperimentResult {
            $($(
                $(#[$doc])+
                #[serde(rename = $word)]
                $kind($facts),
            )+)+
        }

        impl ExperimentResult {
            /// The words used in JSON, one for each kind.
            pub const KINDS: &[&str] = &[$($($word),+),+];

            /// The word used in JSON.
            pub fn kind(&self) -> &'static str {
                match self {
                    $($(Self::$kind(_) => $word,)+)+
                }
            }

            /// What it measured.
            pub fn measured(&self) -> Vec<Measured<'_>> {
                match self {
                    $($(Self::$kind(facts) => facts.measured(),)+)+
                }
            }
        }

        /// The kinds, each as a type.
        pub mod kind {
            use super::{ExperimentKind, ExperimentResult};

            $($(
                $(#[$doc])+
                #[derive(Debug)]
                pub enum $kind {}

                impl ExperimentKind for $kind {
                    type Facts = super::$facts;
                    const WORD: &'static str = $word;

                    fn facts(result: &ExperimentResult) -> Option<&Self::Facts> {
                        match result {
                            ExperimentResult::$kind(facts) => Some(facts),
                            _ => None,
                        }
                    }
                }
            )+)+
        }
    };
}

crate::experiments!(declare);

impl TryFrom<Map<String, Value>> for ExperimentRecord {
    type Error = serde_json::Error;

    /// A known kind must be well-formed; an unknown kind is kept unchecked.
    fn try_from(mut map: Map<String, Value>) -> Result<Self, Self::Error> {
        // `flatten` passes on only the keys that the outer struct has not taken.
        let known = map.get("kind").and_then(Value::as_str).is_some_and(|kind| ExperimentResult::KINDS.contains(&kind));
        if known {
            return serde_json::from_value(Value::Object(std::mem::take(&mut map))).map(Self::Known);
        }
        Ok(Self::Other(map))
    }
}

impl From<ExperimentRecord> for Map<String, Value> {
    fn from(record: ExperimentRecord) -> Self {
        match record {
            ExperimentRecord::Known(result) => match serde_json::to_value(result) {
                Ok(Value::Object(map)) => map,
                // Every kind is a struct, and a struct becomes an object.
                _ => Map::new(),
            },
            ExperimentRecord::Other(map) => map,
        }
    }
}

impl Experiment {
    /// What it showed, if this version knows its kind.
    pub fn known(&self) -> Option<&ExperimentResult> {
        match &self.record {
            ExperimentRecord::Known(result) => Some(result),
            ExperimentRecord::Other(_) => None,
        }
    }

    /// What it showed, if it is of this kind.
    pub fn facts<K: ExperimentKind>(&self) -> Option<&K::Facts> {
        self.known().and_then(K::facts)
    }
}
