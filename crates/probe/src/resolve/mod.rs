//! How a name becomes addresses: by the system, and by questions of our own beside it.

pub(crate) mod lookup;
pub(crate) mod own_queries;
