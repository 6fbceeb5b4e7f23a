//! Whether an HTTP answer is the hub's own.

use crate::{
    hub::{HubKind, ResponseSignature},
    observation::HttpResponse,
};

/// Whether an HTTP response looks like the hub's: an error with content that only the product sends.
pub(super) fn looks_like_hub_response(kind: HubKind, response: &HttpResponse) -> bool {
    let body = response.body_start.trim_start();
    let has_signature = |signature: &ResponseSignature| match signature {
        ResponseSignature::Header(name) => response.header(name).is_some(),
        ResponseSignature::Body(words) => body.contains(words),
        ResponseSignature::Object(words) => body.starts_with('{') && words.iter().all(|word| body.contains(word)),
    };
    (400..600).contains(&response.status) && kind.facts().response_signatures.iter().any(has_signature)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, body: &str) -> HttpResponse {
        let (reason, headers) = (String::new(), Vec::new());
        HttpResponse {
            minor_version: 1,
            status,
            reason,
            headers: headers.into_iter().collect(),
            body_start: body.to_owned(),
        }
    }

    #[test]
    fn a_product_is_known_by_its_own_errors() {
        let dps = r#"{"errorCode":401000,"trackingId":"8ad0463c","message":"Unauthorized"}"#;
        let hub = r#"{"Message":"ErrorCode:IotHubUnauthorizedAccess;Unauthorized"}"#;
        for (kind, body, is_own) in [
            (HubKind::AzureDps, dps, true),
            (HubKind::AzureDps, hub, false),
            (HubKind::AzureDps, r#"<p>"errorCode" "trackingId"</p>"#, false),
            (HubKind::AzureIotHub, hub, true),
            (HubKind::AzureIotEdge, hub, true),
            (HubKind::AzureIotHub, dps, false),
            (HubKind::HttpsEndpoint, dps, false),
        ] {
            assert_eq!(looks_like_hub_response(kind, &answered(401, body)), is_own, "{kind}: {body}");
            assert!(!looks_like_hub_response(kind, &answered(200, body)), "an error alone is a mark");
        }
    }
}
