//! What is known of the hub's name: what each name server says of it, what they say of names that nobody has, and where the
//! addresses came from that were tried.

mod answers;
mod extended_error;
mod made_up;
mod nat64;
mod origin;
mod rejected;
mod server;
mod unchecked;

/// The most queries of one kind, and addresses of one answer, that are looked at: no run asks as often.
const MOST: usize = 128;

pub(super) use answers::{Answers, Said, ServerAnswer};
pub(super) use extended_error::{is_of_a_filter, is_of_validation};
pub(super) use made_up::{Controls, MadeUp};
pub(super) use nat64::is_well_known_nat64;
pub(super) use origin::{Names, Origin, is_no_hosts, is_private};
pub(super) use rejected::Rejected;
pub(super) use server::NameServer;
pub(super) use unchecked::answered_unchecked;
