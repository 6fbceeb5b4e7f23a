//! A request to the exporter, its header behind the first line: no panic, and no deadline later than the exporter's own.
#![no_main]

use hubreach::fuzzing;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (query, header) = text.split_once('\n').unwrap_or((text, ""));
    fuzzing::request(query, header.as_bytes());
});
