//! A chain that a peer shows, judged by roots: no panic, and a peer that signed nothing is not proven.
#![no_main]

use hubreach::fuzzing;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzzing::chain(bytes));
