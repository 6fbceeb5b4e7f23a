//! Whatever a broker, or a device at our responder, sends: no panic, and more bytes never take back what fewer had settled.
#![no_main]

use hubreach::wire::{Parsed, amqp, amqp_frame};
use libfuzzer_sys::fuzz_target;

const MAX_LEN: usize = 64 * 1024;

fuzz_target!(|bytes: &[u8]| {
    let whole = amqp::mechanisms(bytes);
    for length in 0..bytes.len() {
        match amqp::mechanisms(&bytes[..length]) {
            Parsed::Incomplete => {}
            settled => assert_eq!(settled, whole),
        }
    }
    if let Parsed::Done((_, length)) = amqp_frame::frame(bytes, MAX_LEN) {
        assert!(length <= bytes.len());
    }
});
