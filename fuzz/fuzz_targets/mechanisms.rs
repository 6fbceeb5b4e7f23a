//! Whatever a broker sends: no panic, and more bytes never take back what fewer had settled.
#![no_main]

use hubreach::wire::{Parsed, amqp};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let whole = amqp::mechanisms(bytes);
    for length in 0..bytes.len() {
        match amqp::mechanisms(&bytes[..length]) {
            Parsed::Incomplete => {}
            settled => assert_eq!(settled, whole),
        }
    }
});
