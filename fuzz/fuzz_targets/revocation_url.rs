//! A URL in a certificate that says where to look up its revocation: no panic, and its path writes no line of a request.
#![no_main]

use hubreach::fuzzing;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| fuzzing::revocation_url(text));
