//! DNS questions of our own, to each name server apart. They explain what `getaddrinfo` merges, and stand in for it where
//! it is too slow to be waited for.

pub(crate) mod configured;
mod exchange;
mod message;
mod server;

pub(crate) use configured::addresses_of;
pub(crate) use message::{Form, Question};
pub(crate) use server::ask_all;

/// What `bytes` say, whichever question they answer.
#[cfg(fuzzing)]
pub(crate) fn read(bytes: &[u8], record: crate::observation::DnsRecord) -> Option<crate::observation::DnsAnswer> {
    let question = Question { name: "hub.test".to_owned(), record, form: Form::Edns };
    let id = bytes.first_chunk().copied().map_or(0, u16::from_be_bytes);
    question.answer(id, bytes)
}
