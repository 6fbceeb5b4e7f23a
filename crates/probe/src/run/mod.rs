//! A whole run: every check at all its addresses, the experiments, and the observations.

pub(crate) mod by_proxy;
mod check;
pub(crate) mod goal;
pub(crate) mod machine;
pub(crate) mod observations;
pub(crate) mod observe;
pub(crate) mod partial_observations;
pub(crate) mod traces;
