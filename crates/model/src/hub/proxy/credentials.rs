//! User and password for a proxy: nothing prints them.

use std::fmt;

/// User and password, decoded. They are bytes: a percent-encoded password need not be UTF-8.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyCredentials {
    user: Vec<u8>,
    password: Vec<u8>,
}

impl ProxyCredentials {
    pub(super) const fn new(user: Vec<u8>, password: Vec<u8>) -> Self {
        Self { user, password }
    }

    /// The user, possibly empty.
    pub fn user(&self) -> &[u8] {
        &self.user
    }

    /// The password, possibly empty.
    pub fn password(&self) -> &[u8] {
        &self.password
    }
}

impl fmt::Debug for ProxyCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProxyCredentials(not shown)")
    }
}
