//! `POST /v1/ingest`: records in any shape, durable before the answer.

use super::signature::Signature;
use super::{Served, Token, WebhookSecret};
use crate::ingest::{Accepted, GZIP};
use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use std::io::Read;
use std::time::Duration;

/// How long a client may take to send a body.
const BODY: Duration = Duration::from_mins(1);

/// Why a body was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    NoToken,
    BadSignature,
    TooLong(usize),
    TooSlow,
    BadEncoding,
    UnknownEncoding,
    Empty,
    Busy,
    Stopping,
}

impl Refusal {
    fn answer(self) -> (StatusCode, String) {
        match self {
            Self::NoToken => (StatusCode::UNAUTHORIZED, "a bearer token or a signature is needed".to_owned()),
            Self::BadSignature => (StatusCode::UNAUTHORIZED, "the signature does not fit the body".to_owned()),
            Self::TooLong(limit) => {
                (StatusCode::PAYLOAD_TOO_LARGE, format!("the body is longer than {limit} bytes: send it in parts"))
            }
            Self::TooSlow => {
                (StatusCode::REQUEST_TIMEOUT, "the body took too long: send it faster, or in parts".to_owned())
            }
            Self::BadEncoding => (StatusCode::BAD_REQUEST, "the body is not valid gzip, or was cut off".to_owned()),
            Self::UnknownEncoding => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "content-encoding may be gzip or identity".to_owned())
            }
            Self::Empty => (StatusCode::BAD_REQUEST, "the body is empty".to_owned()),
            Self::Busy => (StatusCode::TOO_MANY_REQUESTS, "too much waits to be judged: try again later".to_owned()),
            Self::Stopping => (StatusCode::SERVICE_UNAVAILABLE, "stopping: try again later".to_owned()),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, error) = self.answer();
        let mut response = (status, Json(serde_json::json!({ "error": error }))).into_response();
        match self {
            Self::Busy | Self::Stopping => {
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            Self::NoToken => {
                response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            // What is left of the body is not waited for.
            Self::TooSlow => {
                response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            Self::BadSignature | Self::TooLong(_) | Self::BadEncoding | Self::UnknownEncoding | Self::Empty => {}
        }
        response
    }
}

pub(super) async fn ingest(State(served): State<Served>, headers: HeaderMap, body: Body) -> Response {
    let response = match accept(&served, &headers, body).await {
        Ok(()) => StatusCode::ACCEPTED.into_response(),
        Err(refusal) => refusal.into_response(),
    };
    served.metrics.request(response.status().as_u16());
    response
}

async fn accept(served: &Served, headers: &HeaderMap, body: Body) -> Result<(), Refusal> {
    let claim = admit(served, headers)?;
    let inbox = served.inbox.as_ref().ok_or(Refusal::Stopping)?;
    let limit = served.body_bytes;
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > limit) {
        return Err(Refusal::TooLong(limit));
    }
    let bytes = read_whole(body, limit, BODY).await?;
    if let (Signature::Present, Some(secret)) = (claim, &served.webhook)
        && !secret.signs(headers, &bytes)
    {
        return Err(Refusal::BadSignature);
    }
    let bytes = decompress(bytes, headers, limit)?;
    if bytes.trim_ascii().is_empty() {
        return Err(Refusal::Empty);
    }
    // Nothing durable may see a secret, and the inbox is durable.
    let bytes = match served.scrubber.scrub(&bytes) {
        std::borrow::Cow::Borrowed(_) => bytes,
        std::borrow::Cow::Owned(scrubbed) => scrubbed.into(),
    };
    match inbox.accept(bytes).await {
        Accepted::Durable => Ok(()),
        Accepted::Full => Err(Refusal::Busy),
        Accepted::Closed => Err(Refusal::Stopping),
    }
}

/// The body, if it is not too long and does not take too long.
pub(super) async fn read_whole(body: Body, limit: usize, patience: Duration) -> Result<Bytes, Refusal> {
    match tokio::time::timeout(patience, to_bytes(body, limit)).await {
        Ok(bytes) => bytes.map_err(|_| Refusal::TooLong(limit)),
        Err(_) => Err(Refusal::TooSlow),
    }
}

/// Whether the headers let a request in, as far as they can tell: by the token, or by a signature that the body will
/// have to prove. Where neither token nor webhook secret is set, everybody may come in.
fn admit(served: &Served, headers: &HeaderMap) -> Result<Signature, Refusal> {
    let bears = |token: &Token| token.is_borne_by(headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes));
    let claim = if served.webhook.is_some() { WebhookSecret::claim(headers) } else { Signature::Absent };
    let is_open = served.token.is_none() && served.webhook.is_none();
    if is_open || claim == Signature::Present || served.token.as_ref().is_some_and(bears) {
        Ok(claim)
    } else {
        Err(Refusal::NoToken)
    }
}

fn decompress(bytes: Bytes, headers: &HeaderMap, limit: usize) -> Result<Bytes, Refusal> {
    let encoding = headers.get(header::CONTENT_ENCODING).map_or(&b"identity"[..], HeaderValue::as_bytes);
    let is_identity = encoding.eq_ignore_ascii_case(b"identity");
    if !is_identity && !encoding.eq_ignore_ascii_case(b"gzip") {
        return Err(Refusal::UnknownEncoding);
    }
    // A compressed file is often posted as it is, and no log begins so.
    if is_identity && !bytes.starts_with(GZIP) {
        return Ok(bytes);
    }
    let mut plain = Vec::new();
    let mut capped = flate2::read::MultiGzDecoder::new(&*bytes).take(limit as u64 + 1);
    capped.read_to_end(&mut plain).map_err(|_| Refusal::BadEncoding)?;
    if plain.len() > limit { Err(Refusal::TooLong(limit)) } else { Ok(plain.into()) }
}
