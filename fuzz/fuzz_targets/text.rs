//! Whatever a file holds: it is text in one of the encodings that are read, or said to be none; marks of the encoding are gone.
#![no_main]

use hubreach::wire::text;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(read) = text::text(bytes.to_vec()) {
        assert!(read.len() <= 2 * bytes.len());
    }
    if let Ok(read) = text::utf8(bytes.to_vec()) {
        assert!(read.len() <= 2 * bytes.len());
    }
});
