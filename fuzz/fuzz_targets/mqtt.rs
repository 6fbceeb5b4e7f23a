//! Whatever a broker, or a device at our responder, sends: no panic, and more bytes never take back what fewer had settled.
#![no_main]

use hubreach::wire::{Parsed, mqtt};
use libfuzzer_sys::fuzz_target;

const MAX_LEN: usize = 64 * 1024;

fuzz_target!(|bytes: &[u8]| {
    let whole = mqtt::connack(bytes);
    for length in 0..bytes.len().min(8) {
        match mqtt::connack(&bytes[..length]) {
            Parsed::Incomplete => {}
            settled => assert_eq!(settled, whole),
        }
    }
    if let Parsed::Done((_, length)) = mqtt::packet(bytes, MAX_LEN) {
        assert!(length <= bytes.len());
    }
    let _ = mqtt::protocol_level(bytes);
});
