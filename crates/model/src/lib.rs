//! What `hubreach` tests, records, concludes and says: data, and pure functions of it. No I/O, no clock, no runtime and no
//! TLS library, so that what a technician saved can be judged again anywhere, by a newer version, years later.
//!
//! [`hub`] says what to test, [`observation`] what was seen, [`diagnosis`] what that means, [`report`] tells it.

pub mod diagnosis;
pub mod hub;
pub mod observation;
#[cfg_attr(
    not(feature = "html"),
    allow(dead_code, unused_imports, reason = "HTML alone reads some of what reports are made of")
)]
pub mod report;

pub use diagnosis::diagnose;
pub use report::Report;
