//! hubreach
pub mod diagnosis;
pub mod observation;
pub mod probe;
pub mod responder;
pub mod target;
pub mod wire;

pub use probe::{SetupError, observe};
