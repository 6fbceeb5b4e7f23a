//! What a name server sends: no panic, and no more is kept than a real answer holds.
#![no_main]

use hubreach::fuzzing;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzzing::dns(bytes));
