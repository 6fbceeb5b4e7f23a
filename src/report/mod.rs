//! How to SAY it: the report as data, and one file a format.

mod document;
mod escape;
mod format;
mod human;
mod json;

pub use document::{CheckReport, ReadError, Report, RequirementReport, SchemaVersion, Tool};
pub use escape::{escaped, is_unsafe};
pub use format::{Format, UnknownFormat, UnknownSuffix};
