//! From a request to its answer.

use std::convert::Infallible;

use hyper::{
    HeaderMap, Method, Request, Response, StatusCode,
    body::Body,
    header::{self, HeaderValue},
};
use tokio::sync::Semaphore;

use super::{
    ExporterConfig, deadline,
    exposition::Exposition,
    landing,
    prober::{Prober, Refusal},
    self_metrics::{Connected, SelfMetrics},
};
use crate::{SetupError, probe};

/// A longer request target is not read; a hub's name has at most 253 characters.
const MAX_TARGET_LEN: usize = 2048;

/// When a scraper that came at a bad time may try again, in seconds.
const RETRY_AFTER: &str = "5";

/// Answers requests. Each is counted, by the page it is for.
#[derive(Debug)]
pub(super) struct Handler {
    metrics: SelfMetrics,
    /// One is taken by each probe.
    slots: Semaphore,
    most_probes: u32,
    prober: Prober,
}

impl Handler {
    pub(super) fn new(config: ExporterConfig) -> Self {
        let most_probes = u32::try_from(config.most_probes.get().min(Semaphore::MAX_PERMITS)).unwrap_or(u32::MAX);
        let most = most_probes as usize;
        Self { metrics: SelfMetrics::new(most), slots: Semaphore::new(most), most_probes, prober: Prober::new(config) }
    }

    pub(super) fn most_probes(&self) -> usize {
        self.most_probes as usize
    }

    /// Counts a connection for as long as what it gives is kept.
    pub(super) fn connected(&self) -> Connected {
        self.metrics.connected()
    }

    /// Waits until no probe is under way.
    pub(super) async fn idle(&self) {
        // It fails where it is closed, which it never is.
        let _ = self.slots.acquire_many(self.most_probes).await;
    }

    /// Counts a connection that was closed because others wait.
    pub(super) fn refused_connection(&self) {
        self.metrics.refused_connection();
    }

    /// Dropping the future ends the probe, too.
    pub(super) async fn answer<B: Body>(&self, request: Request<B>) -> Result<Response<String>, Infallible> {
        let (page, mut response) = match refusal(&request) {
            None => self.page(&request).await,
            Some(refused) => ("other", refused),
        };
        self.metrics.answered(page, response.status().as_u16());
        let headers = response.headers_mut();
        // Do not cache (no-store); no MIME sniffing (nosniff).
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if let Ok(date) = HeaderValue::try_from(httpdate::fmt_http_date(probe::now())) {
            headers.insert(header::DATE, date);
        }
        tracing::debug!(page, status = response.status().as_u16(), "answered");
        Ok(response)
    }

    async fn page<B>(&self, request: &Request<B>) -> (&'static str, Response<String>) {
        match request.uri().path() {
            "/" => ("/", html(landing::page(self.prober.allowed()))),
            "/-/healthy" => ("/-/healthy", line(StatusCode::OK, "healthy")),
            "/metrics" => {
                let exposition = accepted(request.headers());
                self.metrics.trust_store_is_stale(self.prober.has_stale_roots());
                let page = exposition.encode(self.metrics.registry());
                ("/metrics", respond(StatusCode::OK, exposition.content_type(), page))
            }
            "/probe" => ("/probe", self.probe(request).await),
            _ => (
                "other",
                line(StatusCode::NOT_FOUND, "no such page; there are /probe?hub=..., /metrics and /-/healthy"),
            ),
        }
    }

    async fn probe<B>(&self, request: &Request<B>) -> Response<String> {
        let timeout = request.headers().get(deadline::HEADER).map(HeaderValue::as_bytes);
        let probe = match self.prober.probe(request.uri().query().unwrap_or_default(), timeout) {
            Ok(probe) => probe,
            Err(refusal) => {
                let status = match refusal {
                    Refusal::NotAllowed => StatusCode::FORBIDDEN,
                    _ => StatusCode::BAD_REQUEST,
                };
                return line(status, &refusal.to_string());
            }
        };
        let Ok(_slot) = self.slots.try_acquire() else {
            self.metrics.rejected();
            let mut busy = line(
                StatusCode::SERVICE_UNAVAILABLE,
                "too many probes are under way; try again, or raise --max-probes",
            );
            busy.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER));
            return busy;
        };
        let probing = self.metrics.probing();
        let exposition = accepted(request.headers());
        let outcome = probe.run(exposition).await;
        probing.ended();
        match outcome {
            Ok(metrics) => respond(StatusCode::OK, exposition.content_type(), metrics),
            Err(error @ SetupError::Guarded { .. }) => line(StatusCode::FORBIDDEN, &error.to_string()),
            Err(error) => {
                tracing::warn!(%error, "a probe could not be made");
                line(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string())
            }
        }
    }
}

/// What no page takes: other methods than to look, bodies, and endless targets.
fn refusal<B: Body>(request: &Request<B>) -> Option<Response<String>> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut refused = line(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD");
        refused.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return Some(refused);
    }
    if request.uri().path_and_query().is_some_and(|target| target.as_str().len() > MAX_TARGET_LEN) {
        return Some(line(StatusCode::URI_TOO_LONG, "the address is too long; ask for /probe?hub=..."));
    }
    if !request.body().is_end_stream() {
        return Some(line(StatusCode::PAYLOAD_TOO_LARGE, "a request has no body here"));
    }
    None
}

/// The format of metrics that is asked for.
fn accepted(headers: &HeaderMap) -> Exposition {
    // A list may come in several headers (RFC 9110, section 5.3).
    let lists: Vec<&str> = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    Exposition::accepted(&lists.join(","))
}

fn line(status: StatusCode, text: &str) -> Response<String> {
    respond(status, "text/plain; charset=utf-8", format!("{text}\n"))
}

fn html(page: String) -> Response<String> {
    let mut response = respond(StatusCode::OK, "text/html; charset=utf-8", page);
    let policy = HeaderValue::from_static("default-src 'none'");
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

fn respond(status: StatusCode, content_type: &'static str, body: String) -> Response<String> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
