//! Limits that several modules share. `docs/limits.md` lists all limits.

/// Addresses tried per family if all are requested: more than any hub's name has, and few enough for a process's file
/// descriptors.
pub const MOST_ADDRESSES: usize = 16;
