//! Whatever is set for a proxy, and the list of its exceptions with a hub in the last line: a proxy is read again as the same
//! from how it is shown, and what exempts a hub is short and stands in the list.
#![no_main]

use hubreach::hub::{HubHost, NoProxy, Proxy};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(proxy) = Proxy::parse(text) {
        let shown = proxy.to_string();
        assert!(shown.is_ascii() && shown.len() <= 300 && !shown.contains(char::is_whitespace) && !shown.contains('@'));
        let again = Proxy::parse(&shown).unwrap_or_else(|error| panic!("{shown}: {error}"));
        assert_eq!((again.scheme(), again.address(), again.credentials()), (proxy.scheme(), proxy.address(), None));
    }
    let Some((list, host)) = text.rsplit_once('\n') else { return };
    let Ok(host) = HubHost::parse(host) else { return };
    if let Some(entry) = NoProxy::parse(list).exempts(&host, 443) {
        assert!(list.contains(entry) && entry.is_ascii() && entry.len() <= 300);
    }
    let _ = NoProxy::of_system(list).exempts(&host, 443);
});
