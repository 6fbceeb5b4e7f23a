//! An HTTP error as Azure IoT Hub words it.

use super::http;
use crate::observation::hex;

/// A refusal in the words of the real hub.
pub(super) fn refusal(status: u16, code: &str, message: &str) -> Vec<u8> {
    let mut id = [0; 16];
    // Not a secret: without randomness, zeroes will do.
    let _ = aws_lc_rs::rand::fill(&mut id);
    let id = hex(&id);
    let body = serde_json::json!({
        "Message": format!("ErrorCode:{code};{message}"),
        "ExceptionMessage": format!("Tracking ID:{id}"),
    });
    let headers = [
        ("Content-Type", "application/json; charset=utf-8"),
        ("Server", "hubreach"),
        ("iothub-errorcode", code),
        ("x-ms-request-id", &id),
    ];
    http::response(status, &headers.map(|(name, value)| (name.to_owned(), value.to_owned())), &body.to_string())
}
