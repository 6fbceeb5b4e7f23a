//! HTTP responses inside TLS: whether they look like the hub's, and their text.

use std::fmt;

use super::{
    attempt_context::AttemptContext, evidence::Statement, hubs_own::looks_like_hub_response, phrases, text::clipped,
};
use crate::observation::{HttpResponse, Identity};

/// Headers that identify gateways, and the hub's own.
const IDENTIFYING_HEADERS: [&str; 5] = ["server", "via", "x-cache", "location", "iothub-errorcode"];

/// An HTTP response, and how far its sender is known to be the hub.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answered {
    to: AnswerTo,
    status: u16,
    headers: Vec<(&'static str, String)>,
    identity: Option<Identity>,
}

#[derive(Debug, Clone, PartialEq)]
enum AnswerTo {
    /// To the WebSocket upgrade.
    Upgrade { port: u16 },
    /// To a request.
    Fetch { port: u16 },
    /// To a request; the response lacks the hub's own error code.
    Request,
}

impl Answered {
    pub(super) fn to_upgrade(context: AttemptContext<'_>, status: u16, response: Option<&HttpResponse>) -> Self {
        Self::of(context, AnswerTo::Upgrade { port: context.port() }, status, response)
    }

    pub(super) fn to_request(context: AttemptContext<'_>, response: &HttpResponse) -> Self {
        Self::of(context, AnswerTo::Fetch { port: context.port() }, response.status, Some(response))
    }

    pub(super) fn not_the_hubs(context: AttemptContext<'_>, response: &HttpResponse) -> Self {
        Self::of(context, AnswerTo::Request, response.status, Some(response))
    }

    fn of(context: AttemptContext<'_>, to: AnswerTo, status: u16, response: Option<&HttpResponse>) -> Self {
        let value = |name| Some((name, clipped(response?.header(name)?)));
        Self {
            to,
            status,
            headers: IDENTIFYING_HEADERS.into_iter().filter_map(value).collect(),
            identity: context.identity(),
        }
    }

    pub(super) fn summary(&self) -> String {
        format!("HTTP {}, which is not the hub's answer", self.status)
    }
}

impl Statement for Answered {}

impl fmt::Display for Answered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.to {
            AnswerTo::Upgrade { port } => write!(f, "the upgrade on port {port} was answered HTTP {}", self.status)?,
            AnswerTo::Fetch { port } => write!(f, "the request on port {port} was answered HTTP {}", self.status)?,
            AnswerTo::Request => write!(f, "the answer is HTTP {}", self.status)?,
        }
        if !self.headers.is_empty() {
            let headers: Vec<String> = self.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
            write!(f, " ({})", headers.join("; "))?;
        }
        if self.to == AnswerTo::Request {
            write!(f, ", without the hub's error code")?;
        }
        write!(f, ", {}", phrases::identity(self.identity))
    }
}

impl AttemptContext<'_> {
    /// Unless the peer is proven to be the hub, only a response that looks like the hub's counts as its own.
    pub(super) fn is_hub_response(&self, response: &HttpResponse) -> bool {
        let kind = self.observations.hub.kind;
        let looks_own = looks_like_hub_response(kind, response)
            || kind.facts().response_signatures.is_empty() && !looks_like_gateway(response);
        self.identity() == Some(Identity::Proven) || looks_own
    }
}

/// Statuses that gateways answer in the hub's place; for a product whose responses have no signature, any other status
/// counts as its own. A hub does not serve browsers, so it does not redirect to another host either.
pub(super) fn looks_like_gateway(response: &HttpResponse) -> bool {
    matches!(response.status, 300..=399 | 403 | 407 | 451 | 502 | 503 | 504 | 511)
}

/// Whether proxies left their names in a response, in front of the hub or on the path.
pub(super) fn came_through_a_proxy(response: &HttpResponse) -> bool {
    ["via", "x-cache", "x-squid-error"].into_iter().any(|name| response.header(name).is_some())
}
