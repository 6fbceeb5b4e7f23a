//! A run as a whole: every check at all its addresses, experiments beside them, and what comes of it.

pub(crate) mod environment;
pub(crate) mod goal;
pub(crate) mod machine;
pub(crate) mod observations;
pub(crate) mod observe;
pub(crate) mod partial_observations;
pub(crate) mod traces;
