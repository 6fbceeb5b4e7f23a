//! Limits that more rooms than one know. `docs/limits.md` lists all that there are.

/// Addresses of a family that are tried, where all are wanted: more than any hub's name has, and no more connections at once than
/// a process has descriptors.
pub const MOST_ADDRESSES: usize = 16;
