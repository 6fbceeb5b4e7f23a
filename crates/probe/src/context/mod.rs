//! What everything in a run works with: its settings, what they share with other runs, what is known so far, events, errors.

pub(crate) mod cached;
pub(crate) mod error;
pub(crate) mod event;
pub mod parse;
pub(crate) mod revocation_answers;
pub(crate) mod run_context;
pub(crate) mod run_state;
pub(crate) mod settings;
pub(crate) mod shared;
