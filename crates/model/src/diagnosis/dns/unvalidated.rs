//! What name servers answer with validation disabled.

use std::{fmt, net::IpAddr};

use super::name_server::NameServer;
use crate::{
    diagnosis::{evidence::Statement, text::listed},
    observation::{Observations, kind},
};

/// A finding stays readable with this many answers, and addresses of each.
const MAX_SHOWN: usize = 4;

/// An answer that a server gives only with validation disabled.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::diagnosis) struct UnvalidatedAnswer {
    pub(in crate::diagnosis) server: NameServer,
    addresses: Vec<IpAddr>,
}

/// The servers that give addresses with validation disabled. Such queries are sent only if others fail.
pub(in crate::diagnosis) fn unvalidated_answers(run: &Observations) -> Vec<UnvalidatedAnswer> {
    let queries = run.facts::<kind::Dns>().flat_map(|dns| &dns.queries).filter(|query| query.checking_disabled);
    let given = queries.filter(|query| !query.addresses().is_empty()).map(|query| UnvalidatedAnswer {
        server: NameServer::of(run, query.server),
        addresses: query.addresses().iter().take(MAX_SHOWN).copied().collect(),
    });
    given.take(MAX_SHOWN).collect()
}

impl Statement for UnvalidatedAnswer {}

impl fmt::Display for UnvalidatedAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} gives {} when asked not to validate", self.server, listed(&self.addresses))
    }
}
