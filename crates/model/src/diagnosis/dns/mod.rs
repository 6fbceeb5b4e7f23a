//! What is known about the hub's name: the answers of each name server, their answers for control names, and the origin
//! of each address.

mod address_origin;
mod answers;
mod control_queries;
mod extended_error;
mod name_server;
mod nat64;
mod query_rejection;
mod unvalidated;

/// No run sends as many queries of one kind, or gets as many addresses; bounds the cost of a file.
const MAX_READ: usize = 128;

pub(super) use address_origin::{AddressOrigin, NameFacts, is_local_name, is_not_a_host, is_private};
pub(super) use answers::{Answers, ServerAnswer, ServerResult};
pub(super) use control_queries::{ControlQueries, FalseAnswer};
pub(super) use extended_error::{is_filtering, is_validation_failure};
pub(super) use name_server::NameServer;
pub(super) use nat64::is_well_known_nat64;
pub(super) use query_rejection::QueryRejection;
pub(super) use unvalidated::unvalidated_answers;
