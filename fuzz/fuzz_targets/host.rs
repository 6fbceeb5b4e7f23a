//! Whatever is typed for a hub: refused without being repeated, or read again as the same from how it is written.
#![no_main]

use hubreach::hub::HubHost;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(host) = HubHost::parse(text) {
        let written = host.to_string();
        assert!(written.is_ascii() && written.len() <= 255 && !written.contains(char::is_whitespace));
        assert_eq!(HubHost::parse(&written).ok().as_ref(), Some(&host));
    }
});
