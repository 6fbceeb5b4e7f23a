//! Reports as files and as screens.

#[path = "../support/mod.rs"]
mod support;

mod human;
mod json;
