//! Dead letters on their way to the topic.

use rdkafka::message::{Header, OwnedHeaders};
use serde::Serialize;

/// What a dead letter says in its headers, so that it can be sorted without reading it.
pub(crate) fn headers(stage: &str, source: &str) -> OwnedHeaders {
    OwnedHeaders::new()
        .insert(Header { key: "picket.stage", value: Some(stage) })
        .insert(Header { key: "picket.source", value: Some(source) })
        .insert(Header { key: "picket.version", value: Some(env!("CARGO_PKG_VERSION")) })
}

#[derive(Serialize)]
struct Corrupt<'a> {
    source: &'a str,
    position: i64,
    stage: &'static str,
    code: &'static str,
    detail: &'static str,
}

/// A record of the observations topic that no Picket wrote. Its bytes stay where they are: whoever wrote them did not
/// look for secrets in them.
pub(crate) fn corrupt_observation(topic: &str, partition: i32, offset: i64) -> Vec<u8> {
    let letter = Corrupt {
        source: &format!("{topic}-{partition}"),
        position: offset,
        stage: "score",
        code: "not_an_observation",
        detail: "only picket may write to this topic",
    };
    // Text and numbers: this can't fail, and a letter must not be lost if it ever did.
    serde_json::to_vec(&letter).unwrap_or_else(|_| b"{\"code\":\"not_an_observation\"}".to_vec())
}
