//! What to do, as data: one person applies the same remedy to many hubs and ports at once.

use super::scope::Scope;

/// How a cause is fixed. [`Open`](Self::Open) and [`Exempt`](Self::Exempt) have the same text for every cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// Let outbound connections to the hub through.
    Open,
    /// Exempt the hub from TLS inspection.
    Exempt,
    /// Find out or do something else first, then let connections through.
    OpenAfter,
    /// A fix of the cause's own, which no firewall rule expresses.
    Own,
}

impl Remedy {
    /// Let outbound connections through, at this location (` at ...`) if it is known.
    pub(super) fn open(scope: &Scope, at: &str) -> String {
        format!("Allow outbound {} to {}{}{at}.", scope.tcp(), scope.host(), scope.by_name())
    }
}
