//! How a name becomes addresses: by the system's resolver, and by queries of our own in parallel.

pub(crate) mod lookup;
pub(crate) mod own_queries;
