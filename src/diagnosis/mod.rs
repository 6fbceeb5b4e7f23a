//! WHY: pure rules from observations to causes. No I/O, no clock, no environment.

mod code;
mod finding;

pub use code::{Code, UnknownCode};
pub use finding::{
    CheckVerdict, Confidence, Diagnosis, Finding, Location, NextHop, Owner, Recommendation, SdkSettings, Severity,
    Verdict,
};
