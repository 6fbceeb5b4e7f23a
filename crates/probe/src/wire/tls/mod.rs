//! The two messages of TLS that are sent in clear before anything is agreed on: ClientHellos that offer more than our library
//! does, or say less, and what any ServerHello chooses (RFC 5246, section 7.4.1; RFC 8446, section 4.1).

mod client_hello;
mod edit;
mod record;
mod server_hello;
mod suites;

pub use self::{
    client_hello::{Newest, client_hello},
    edit::{offering_tls_13, without_supported_versions},
    server_hello::{ServerHello, group_name, server_hello, version_name},
    suites::suite_name,
};
