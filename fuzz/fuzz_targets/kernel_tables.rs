//! The kernel's tables in `/proc`: no panic.
#![no_main]

use hubreach::fuzzing;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| fuzzing::kernel_tables(text));
