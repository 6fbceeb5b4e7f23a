//! HTTP answers, alerts, and how connections end.

use hubreach::observation::{Ending, HttpResponse};
use proptest::{collection::vec, option, prelude::*, sample::select};

use super::words::{library, text};

pub fn ending() -> impl Strategy<Value = Ending> {
    prop_oneof![
        Just(Ending::CloseNotify),
        (alert(), text()).prop_map(|(code, name)| Ending::Alert { code, name }),
        (option::of(any::<u16>()), text()).prop_map(|(code, reason)| Ending::WebSocketClose { code, reason }),
        Just(Ending::Fin),
        Just(Ending::Reset),
        Just(Ending::BadFrames),
        (any::<u64>(), any::<u32>()).prop_map(|(bytes_received, messages)| Ending::Flood { bytes_received, messages }),
        library().prop_map(|message| Ending::Other { message }),
    ]
}

pub fn response() -> impl Strategy<Value = HttpResponse> {
    let headers = vec((select(vec!["server", "via", "location", "iothub-errorcode"]), text()), 0..3);
    (status(), headers, text()).prop_map(|(status, headers, body_start)| HttpResponse {
        minor_version: 1,
        status,
        reason: String::new(),
        headers: headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        body_start,
    })
}

/// Often one of the few values that a rule looks for.
pub fn status() -> impl Strategy<Value = u16> {
    prop_oneof![select(vec![200, 302, 400, 401, 403, 404, 426, 451, 503, 511]), any::<u16>()]
}

pub fn alert() -> impl Strategy<Value = u8> {
    prop_oneof![select(vec![40, 42, 70, 71, 112, 116]), any::<u8>()]
}
