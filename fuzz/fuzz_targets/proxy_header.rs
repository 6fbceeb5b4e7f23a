//! The header by which a load balancer says who connects to our responder: no panic, and not a byte behind it is taken.
#![no_main]

use hubreach::fuzzing;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzzing::proxy_header(bytes));
