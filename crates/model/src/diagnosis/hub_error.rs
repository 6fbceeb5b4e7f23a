//! Error names in an Azure hub's HTTP responses whose meaning is documented publicly.

use serde::Serialize;

use crate::observation::HttpResponse;

/// Why the hub serves no one, or not now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum HubError {
    /// Its subscription is suspended, as when a spending limit is reached.
    Suspended,
    /// No hub has this name.
    NotFound,
    /// The messages of the day are used up.
    QuotaExceeded,
    /// Too many operations in too short a time.
    Throttled,
}

/// By name or number, as in the header `iothub-errorcode`, or in the body as `ErrorCode:NAME` or `"errorCode":NUMBER`.
const CODES: [(&str, HubError); 7] = [
    ("IotHubSuspended", HubError::Suspended),
    ("IotHubNotFound", HubError::NotFound),
    ("IotHubQuotaExceeded", HubError::QuotaExceeded),
    ("403002", HubError::QuotaExceeded),
    ("ThrottlingException", HubError::Throttled),
    ("429001", HubError::Throttled),
    ("429002", HubError::Throttled),
];

impl HubError {
    pub(super) fn of(response: &HttpResponse) -> Option<Self> {
        let body = &response.body_start;
        let behind = |mark: &str| body.find(mark).and_then(|at| body.get(at + mark.len()..));
        let named = [response.header("iothub-errorcode"), behind("ErrorCode:"), behind("\"errorCode\":")];
        named.into_iter().flatten().find_map(|text| {
            let text = text.trim_start();
            let end = text.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(text.len());
            CODES.iter().find(|(code, _)| code.eq_ignore_ascii_case(&text[..end])).map(|(_, error)| *error)
        })
    }

    /// In a few words.
    pub(super) fn description(self) -> &'static str {
        match self {
            Self::Suspended => "it is suspended",
            Self::NotFound => "it knows no hub of this name",
            Self::QuotaExceeded => "its messages of the day are used up",
            Self::Throttled => "it is asked too often",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_read_from_header_and_body() {
        let answer = |header: Option<&str>, body: &str| HttpResponse {
            minor_version: 1,
            status: 403,
            reason: String::new(),
            headers: header.map(|value| ("iothub-errorcode".to_owned(), value.to_owned())).into_iter().collect(),
            body_start: body.to_owned(),
        };
        for (header, body, error) in [
            (Some("IotHubQuotaExceeded"), "", Some(HubError::QuotaExceeded)),
            (None, r#"{"Message":"ErrorCode:IotHubSuspended;suspended"}"#, Some(HubError::Suspended)),
            (None, r#"{"errorCode": 429001,"trackingId":"x"}"#, Some(HubError::Throttled)),
            (Some("IotHubUnauthorizedAccess"), r#"{"Message":"ErrorCode:IotHubUnauthorizedAccess;no"}"#, None),
            (None, "IotHubSuspended", None),
        ] {
            assert_eq!(HubError::of(&answer(header, body)), error, "{header:?} {body}");
        }
    }
}
