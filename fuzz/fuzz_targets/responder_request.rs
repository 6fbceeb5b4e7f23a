//! A client's request to our responder, and the upgrade that it may ask for: no panic, a whole request stays the same whatever follows it, and it writes no line of the answer.
#![no_main]

use hubreach::fuzzing;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzzing::responder_request(bytes));
