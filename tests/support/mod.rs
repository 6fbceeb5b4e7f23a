//! Shared by the tests: the schema that every report must satisfy, and reports made by hand.
//!
//! Include it with `mod support;`, or from another folder with `#[path = "../support/mod.rs"] mod support;`.

#![allow(dead_code, reason = "no test uses all of it")]
#![allow(clippy::expect_used, reason = "a test fails by panicking, in its helpers too")]

pub mod dns;
pub mod proxied;
#[path = "../../crates/model/tests/diagnosis/recorded.rs"]
pub mod recorded;
pub mod samples;
pub mod schema;
pub mod site;
