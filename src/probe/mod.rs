//! HOW to test: one file a stage; the ladder that climbs them.

mod event;
mod settings;

pub use event::Event;
pub use settings::{Families, Settings};
