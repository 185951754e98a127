//! Requests to the inbox: only who bears the token or signs the body comes in, whatever else is sent.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode};
use hmac::{Hmac, KeyInit, Mac};
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use picket::ingest::{Inbox, InboxLimits};
use picket::serve::{Readiness, Served, Token, WebhookSecret, router};
use picket::store::{Durability, Store, StoreOptions};
use picket::telemetry::Metrics;
use secrecy::SecretString;
use sha2::Sha256;
use std::fmt::Write;
use std::sync::{Arc, LazyLock};
use tokio::runtime::Runtime;

const WEBHOOK: &str = "made up for webhooks";
const BEARER: &str = "made-up-for-senders";
const LIMIT: usize = 8 << 10;

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime"));
static SERVED: LazyLock<Served> = LazyLock::new(served);

/// An inbox that nobody writes: what comes in is told that the program is stopping.
fn served() -> Served {
    let folder = tempfile::tempdir().expect("a folder");
    let options = StoreOptions { durability: Durability::Temporary, ..StoreOptions::default() };
    let store = Arc::new(Store::open(folder.path(), options).expect("a store"));
    let limits = InboxLimits { backlog_bytes: u64::MAX };
    let (inbox, _, _) = Inbox::new(&store, limits, Arc::default()).expect("an inbox");
    Served {
        metrics: Metrics::new(inbox.backlog()).expect("metrics"),
        readiness: Readiness::default(),
        inbox: Some(inbox),
        token: Some(Token::new(&SecretString::from(BEARER))),
        webhook: Some(WebhookSecret::new(&SecretString::from(WEBHOOK))),
        scrubber: Arc::default(),
        body_bytes: LIMIT,
    }
}

fn digest(body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(WEBHOOK.as_bytes()).expect("any key will do");
    mac.update(body);
    mac.finalize().into_bytes().iter().fold("sha256=".to_owned(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("text grows");
        text
    })
}

/// A header that is right, one of the fuzzer's, or none.
fn header(choice: u8, right: &str, made_up: &[u8]) -> Option<HeaderValue> {
    match choice % 4 {
        0 => HeaderValue::from_str(right).ok(),
        1 => HeaderValue::from_bytes(made_up).ok(),
        _ => None,
    }
}

/// Whether the request may come in: every signature right, or without any the token.
fn may_come_in(headers: &HeaderMap, body: &[u8]) -> bool {
    let bytes = |name: &str| headers.get(name).map(HeaderValue::as_bytes);
    let github = bytes("x-hub-signature-256")
        .map(|value| value.starts_with(b"sha256=") && value.eq_ignore_ascii_case(digest(body).as_bytes()));
    let gitlab = bytes("x-gitlab-token").map(|value| value == WEBHOOK.as_bytes());
    let bears = bytes("authorization").is_some_and(|value| {
        let token = value.split_at_checked(7).filter(|(scheme, _)| scheme.eq_ignore_ascii_case(b"bearer "));
        token.is_some_and(|(_, token)| token.trim_ascii() == BEARER.as_bytes())
    });
    match (github, gitlab) {
        (None, None) => bears,
        (github, gitlab) => github.unwrap_or(true) && gitlab.unwrap_or(true),
    }
}

/// Sends the rest of the bytes after the first line, which is a header; the first byte chooses the headers.
pub fn requests(bytes: &[u8]) {
    let Some((choice, rest)) = bytes.split_first() else { return };
    let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    let (made_up, body) = rest.split_at(end);
    let body = body.strip_prefix(b"\n").unwrap_or(body);
    let mut request = Request::post("/v1/ingest").body(Body::from(body.to_vec())).expect("a request");
    let right = digest(body);
    for (name, choice, right) in [
        ("x-hub-signature-256", *choice, right.as_str()),
        ("x-gitlab-token", choice >> 2, WEBHOOK),
        ("authorization", choice >> 4, "Bearer made-up-for-senders"),
        ("content-encoding", choice >> 6, "gzip"),
    ] {
        if let Some(value) = header(choice, right, made_up) {
            request.headers_mut().insert(name, value);
        }
    }
    let may_come_in = may_come_in(request.headers(), body);
    let service = TowerToHyperService::new(router(SERVED.clone()));
    let response = RUNTIME.block_on(service.call(request)).expect("a router always answers");
    let is_refused = response.status() == StatusCode::UNAUTHORIZED;
    let is_too_long = response.status() == StatusCode::PAYLOAD_TOO_LARGE;
    assert!(is_refused != may_come_in || (is_too_long && body.len() > LIMIT), "{}: {may_come_in}", response.status());
}
