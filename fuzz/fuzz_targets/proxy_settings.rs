//! Files, settings and programs of the system that name a proxy: no panic, and a bounded address of a script.
#![no_main]

use hubreach::fuzzing;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| fuzzing::proxy_settings(text));
