//! Whatever a broker sends: no panic, and more bytes never take back what fewer had settled.
#![no_main]

use hubreach::wire::{Parsed, mqtt};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let whole = mqtt::connack(bytes);
    for length in 0..bytes.len().min(8) {
        match mqtt::connack(&bytes[..length]) {
            Parsed::Incomplete => {}
            settled => assert_eq!(settled, whole),
        }
    }
});
