//! What a SOCKS5 proxy answers, byte by byte: no panic, more bytes never take back what fewer had settled, and the
//! tunnel begins within what came.
#![no_main]

use std::fmt::Debug;

use hubreach::wire::{Parsed, socks};
use libfuzzer_sys::fuzz_target;

/// The longest reply: one with a name of 255 bytes.
const LONGEST: usize = 262;

fuzz_target!(|bytes: &[u8]| {
    settles(bytes, socks::method);
    settles(bytes, socks::login_answer);
    settles(bytes, socks::reply);
    if let Parsed::Done(socks::Reply::Granted { length }) = socks::reply(bytes) {
        assert!(length <= bytes.len().min(LONGEST));
    }
});

fn settles<T: Debug + PartialEq>(bytes: &[u8], read: fn(&[u8]) -> Parsed<T>) {
    let whole = read(bytes);
    for length in 0..bytes.len().min(LONGEST + 1) {
        match read(&bytes[..length]) {
            Parsed::Incomplete => {}
            settled => assert_eq!(settled, whole),
        }
    }
}
