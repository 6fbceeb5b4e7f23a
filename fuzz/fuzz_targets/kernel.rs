//! Netlink messages, and an entry of a socket's error queue with an ICMP error: no panic.
#![no_main]

use hubreach::fuzzing;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzzing::kernel(bytes));
