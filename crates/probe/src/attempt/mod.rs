//! One attempt: a check at one address, stage by stage.

pub(crate) mod exchange;
pub(crate) mod first_message;
pub(crate) mod proxied;
pub(crate) mod stage_runner;
pub(crate) mod upgrade;
