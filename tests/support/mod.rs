//! Shared by the tests: the schema that every report must satisfy, and reports made by hand.
//!
//! Include it with `mod support;`, or from another folder with `#[path = "../support/mod.rs"] mod support;`.

// No test uses all of it.
#![allow(dead_code)]

pub mod samples;
pub mod schema;
