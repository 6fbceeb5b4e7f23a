//! What peers, libraries and the system may say.

use std::cell::Cell;

use hubreach::observation::FirstBytes;
use proptest::{collection::vec, prelude::*, sample::select};

use crate::words::LIBRARY;

thread_local! {
    /// Whether peers say ordinary words in the observations that are being put together.
    static ORDINARY: Cell<bool> = const { Cell::new(false) };
}

/// What `make` puts together, but that no peer has spaces or braces of its own to add to our sentences.
pub fn ordinary<T>(make: impl FnOnce() -> T) -> T {
    ORDINARY.set(true);
    let made = make();
    ORDINARY.set(false);
    made
}

pub fn first_bytes() -> BoxedStrategy<FirstBytes> {
    if ORDINARY.get() {
        let ordinary = select(vec!["HTTP/1.1 511 N", "HTTP/1.1 302 F", "HTTP/1.1 407 P", "<html>", "SSH-2.0-x"]);
        return ordinary.prop_map(|text| FirstBytes::of(text.as_bytes())).boxed();
    }
    prop_oneof![
        select(vec!["", "H", "HTTP/", "HTTP/1.1", "HTTP/1.1 511 N", "HTTP/1.1 302 F", "HTTP/1.1 \u{fffd}", "<html>"])
            .prop_map(|text| FirstBytes::of(text.as_bytes())),
        vec(any::<u8>(), 0..80).prop_map(|bytes| FirstBytes::of(&bytes)),
    ]
    .boxed()
}

/// What a peer may say: nothing, much, placeholders of our own texts, other scripts, terminal escapes.
pub fn text() -> BoxedStrategy<String> {
    if ORDINARY.get() {
        return select(vec!["peer", "a.test", "CN=Some CA,O=Some", "1970"]).prop_map(str::to_owned).boxed();
    }
    prop_oneof![
        select(vec!["", "{host}", "{", "\u{1b}[31m", "ErrorCode:IotHub", "{\"Message\":\"ErrorCode:X\"}", "1970"])
            .prop_map(str::to_owned),
        Just("é".repeat(4000)),
        ".{0,40}",
    ]
    .boxed()
}

/// What a library or the system says in words of its own.
pub fn library() -> impl Strategy<Value = String> {
    text().prop_map(|text| format!("{LIBRARY} {text}"))
}
