//! Records: bytes as a source delivered them, and where they stood.

use bytes::Bytes;
use picket_detectors::event::EventTime;
use std::sync::Arc;

/// Where a value stood in its source: enough to find it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The source: a file's path, `stdin`, `inbox`, or `topic-partition`.
    pub source: Arc<str>,
    /// Byte offset (files, stdin), sequence (inbox) or offset (Kafka).
    pub position: u64,
}

/// One value as delivered: a line, a Kafka value, an HTTP body. It may hold many records of a log.
#[derive(Debug, Clone)]
pub struct Value {
    /// The bytes. Bodies that came over HTTP were scrubbed of secrets before anything durable saw them.
    pub bytes: Bytes,
    /// Where it stood.
    pub origin: Origin,
    /// When Picket first took it in.
    pub ingested: EventTime,
}
