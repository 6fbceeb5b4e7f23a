//! What is to be done, as data: one person does for many hubs and ports at once what is alike.

use super::scope::Scope;

/// How a cause is mended. What is mended by [`Open`](Self::Open) or [`Exempt`](Self::Exempt) is told in the same words,
/// whatever the cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// Outbound connections to the hub are to be let through.
    Open,
    /// The hub is to be left out of TLS inspection.
    Exempt,
    /// Something else is to be found out or done first, and then connections to be let through.
    OpenAfter,
    /// In a way of the cause's own, which no rule of a firewall expresses.
    Own,
}

impl Remedy {
    /// Outbound connections are to be let through, at this place (` at ...`) where it is known.
    pub(super) fn open(scope: &Scope, at: &str) -> String {
        format!("Allow outbound {} to {} (by name; its address can change){at}.", scope.tcp(), scope.host())
    }
}
