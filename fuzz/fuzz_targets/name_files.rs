//! `resolv.conf`, its options, and the hosts file: no panic, and a bounded number of lines.
#![no_main]

use hubreach::fuzzing;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| fuzzing::name_files(text));
