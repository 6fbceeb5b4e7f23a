//! What name servers give when asked not to validate.

use std::{fmt, net::IpAddr};

use super::server::NameServer;
use crate::{
    diagnosis::{evidence::Statement, text::listed},
    observation::{Observations, kind},
};

/// The most answers, and addresses of each, that are told.
const MOST: usize = 4;

/// An answer that a server gives only unvalidated.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::diagnosis) struct Unchecked {
    pub(in crate::diagnosis) server: NameServer,
    addresses: Vec<IpAddr>,
}

/// The servers that have addresses when asked not to validate, which they are only where they fail otherwise.
pub(in crate::diagnosis) fn answered_unchecked(run: &Observations) -> Vec<Unchecked> {
    let asked = run.facts::<kind::Dns>().flat_map(|dns| &dns.queries).filter(|query| query.checking_disabled);
    let given = asked.filter(|query| !query.addresses().is_empty()).map(|query| Unchecked {
        server: NameServer::of(run, query.server),
        addresses: query.addresses().iter().take(MOST).copied().collect(),
    });
    given.take(MOST).collect()
}

impl Statement for Unchecked {}

impl fmt::Display for Unchecked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} gives {} when asked not to validate", self.server, listed(&self.addresses))
    }
}
