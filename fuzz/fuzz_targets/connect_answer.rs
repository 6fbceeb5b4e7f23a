//! What a proxy answers to CONNECT, and a target as it is asked for: no panic, few and short schemes, the tunnel begins
//! within what came, and the request stays one head.
#![no_main]

use hubreach::wire::{Parsed, connect, http};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Parsed::Done((head, tunnel_at)) = http::response_head(bytes) {
        assert!(tunnel_at <= bytes.len());
        let offers = head.headers.iter().filter(|(name, _)| name == "proxy-authenticate");
        few_and_short(&connect::offered_schemes(offers.map(|(_, value)| value.as_str())));
    }
    let text = String::from_utf8_lossy(bytes);
    few_and_short(&connect::offered_schemes(text.lines()));
    let request = connect::request(&text, Some((bytes, bytes)));
    assert!(request.ends_with(b"\r\n\r\n"));
    assert_eq!(request.iter().filter(|byte| matches!(byte, b'\r' | b'\n')).count(), 12);
});

fn few_and_short(schemes: &[String]) {
    assert!(schemes.len() <= connect::MAX_SCHEMES);
    assert!(schemes.iter().all(|scheme| (1..=connect::MAX_SCHEME_LEN).contains(&scheme.len())));
}
