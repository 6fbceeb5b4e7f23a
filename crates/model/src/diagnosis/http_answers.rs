//! HTTP answers inside TLS: whose they look, and how they are told.

use std::fmt;

use super::{attempt_context::AttemptContext, evidence::Statement, hubs_own::is_the_hubs, phrases, text::clipped};
use crate::observation::{HttpResponse, Identity};

/// Headers by which gateways give themselves away, and the hub's own.
const TELLING: [&str; 5] = ["server", "via", "x-cache", "location", "iothub-errorcode"];

/// An HTTP answer, and how far its sender is known to be the hub.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answered {
    to: To,
    status: u16,
    headers: Vec<(&'static str, String)>,
    identity: Option<Identity>,
}

#[derive(Debug, Clone, PartialEq)]
enum To {
    /// To the upgrade to WebSocket.
    Upgrade { port: u16 },
    /// To a request.
    Fetch { port: u16 },
    /// To a request, without the hub's own error code.
    Request,
}

impl Answered {
    pub(super) fn to_upgrade(context: AttemptContext<'_>, status: u16, response: Option<&HttpResponse>) -> Self {
        Self::of(context, To::Upgrade { port: context.port() }, status, response)
    }

    pub(super) fn to_request(context: AttemptContext<'_>, response: &HttpResponse) -> Self {
        Self::of(context, To::Fetch { port: context.port() }, response.status, Some(response))
    }

    pub(super) fn not_the_hubs(context: AttemptContext<'_>, response: &HttpResponse) -> Self {
        Self::of(context, To::Request, response.status, Some(response))
    }

    fn of(context: AttemptContext<'_>, to: To, status: u16, response: Option<&HttpResponse>) -> Self {
        let value = |name| Some((name, clipped(response?.header(name)?)));
        Self { to, status, headers: TELLING.into_iter().filter_map(value).collect(), identity: context.identity() }
    }

    pub(super) fn summary(&self) -> String {
        format!("HTTP {}, which is not the hub's answer", self.status)
    }
}

impl Statement for Answered {}

impl fmt::Display for Answered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.to {
            To::Upgrade { port } => write!(f, "the upgrade on port {port} was answered HTTP {}", self.status)?,
            To::Fetch { port } => write!(f, "the request on port {port} was answered HTTP {}", self.status)?,
            To::Request => write!(f, "the answer is HTTP {}", self.status)?,
        }
        if !self.headers.is_empty() {
            let headers: Vec<String> = self.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
            write!(f, " ({})", headers.join("; "))?;
        }
        if self.to == To::Request {
            write!(f, ", without the hub's error code")?;
        }
        write!(f, ", {}", phrases::identity(self.identity))
    }
}

impl AttemptContext<'_> {
    /// Where the peer is not proven to be the hub, only an answer that looks like the hub's counts as its own.
    pub(super) fn is_answer_of_the_hub(&self, response: &HttpResponse) -> bool {
        let kind = self.observations.hub.kind;
        let by_its_look =
            is_the_hubs(kind, response) || kind.facts().response_signatures.is_empty() && !is_like_a_gateways(response);
        self.identity() == Some(Identity::Proven) || by_its_look
    }
}

/// What gateways answer in another's place; of a product whose answers have no mark, anything else is taken as its own.
/// Not meant for browsers, it does not send a device on to another host either.
pub(super) fn is_like_a_gateways(response: &HttpResponse) -> bool {
    matches!(response.status, 300..=399 | 403 | 407 | 451 | 502 | 503 | 504 | 511)
}

/// Whether proxies have left their names in an answer: before the hub, or on the way to it.
pub(super) fn came_through_a_proxy(response: &HttpResponse) -> bool {
    ["via", "x-cache", "x-squid-error"].into_iter().any(|name| response.header(name).is_some())
}
