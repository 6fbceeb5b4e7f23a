//! Whatever a server sends: no panic, the body begins within what came, and what is kept of it is short and whole.
#![no_main]

use hubreach::wire::{Parsed, http};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Parsed::Done((head, body_at)) = http::response_head(bytes) {
        assert!(body_at <= bytes.len());
        let wanted = http::body_wanted(&head);
        let body = &bytes[body_at..];
        let kept = http::body_start(&body[..body.len().min(wanted)]);
        assert!(kept.len() <= 3 * wanted);
    }
});
