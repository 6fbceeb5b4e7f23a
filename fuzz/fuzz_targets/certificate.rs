//! A certificate that a peer shows: no panic, and what is kept of it is bounded.
#![no_main]

use hubreach::fuzzing;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzzing::certificate(bytes));
