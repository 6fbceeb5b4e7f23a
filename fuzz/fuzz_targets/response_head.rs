//! Whatever a server sends: no panic, and the body begins within what came.
#![no_main]

use hubreach::wire::{Parsed, http};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Parsed::Done((head, body_at)) = http::response_head(bytes) {
        assert!(body_at <= bytes.len());
        let _ = http::body_wanted(&head);
    }
});
