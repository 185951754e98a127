//! The routes.

use super::{Token, WebhookSecret, ingest};
use crate::ingest::Inbox;
use crate::telemetry::{Metrics, Readiness};
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use picket_detectors::secrets::Scrubber;
use std::sync::Arc;

/// What the routes need.
#[derive(Debug, Clone)]
pub struct Served {
    /// The metrics.
    pub metrics: Metrics,
    /// Whether the program takes work.
    pub readiness: Readiness,
    /// The inbox, if records are accepted.
    pub inbox: Option<Inbox>,
    /// The token that requests to the inbox must bear.
    pub token: Option<Token>,
    /// The secret of webhooks: what is signed with it needs no token.
    pub webhook: Option<WebhookSecret>,
    /// Takes secrets out of bodies.
    pub scrubber: Arc<Scrubber>,
    /// The longest body, before and after decompression.
    pub body_bytes: usize,
}

/// The routes over what they need.
pub fn router(served: Served) -> Router {
    let mut router = Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready));
    if served.inbox.is_some() {
        router = router.route("/v1/ingest", post(ingest::ingest));
    }
    router.with_state(served)
}

async fn metrics(State(served): State<Served>) -> Response {
    match served.metrics.page() {
        Ok(page) => ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], page).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn ready(State(served): State<Served>) -> Response {
    if served.readiness.is_ready() {
        "ready\n".into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n").into_response()
    }
}
