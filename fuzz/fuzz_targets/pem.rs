//! A file of roots (`--ca`), and one of a server's certificates and key (`serve --cert`, `--key`): no panic, and never a server without a certificate.
#![no_main]

use hubreach::fuzzing;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| fuzzing::pem(text));
