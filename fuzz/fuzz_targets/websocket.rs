//! Frames of a WebSocket: no panic, no more than came, and an end.
#![no_main]

use hubreach::fuzzing;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzzing::websocket(bytes));
