//! Decoding, and what must hold of everything that is decoded.

use picket::decode::{self, Context, Limits, Outcome};
use picket_detectors::event::{Event, TenantId};
use picket_detectors::secrets::Scrubber;
use serde_json::{Deserializer, Value};
use std::sync::{Arc, LazyLock};

static CONTEXT: LazyLock<Context> = LazyLock::new(|| Context {
    default_tenant: TenantId::parse("11111111-2222-4333-8444-555555555555").expect("an id"),
    limits: Limits::default(),
    scrubber: Arc::new(Scrubber::default()),
});

/// Decodes bytes as the program does: what is sensitive is scrubbed first. What comes out survives storing.
pub(super) fn decode(bytes: &[u8]) {
    let mut records = 0_usize;
    decode::decode(bytes, &CONTEXT, &mut |decoded| {
        records += 1;
        if let Outcome::Events(events) = decoded.outcome {
            for event in events {
                let stored = postcard::to_allocvec(&event).expect("an event can be stored");
                let read: Event = postcard::from_bytes(&stored).expect("what was stored can be read");
                assert_eq!(read, event, "an event changes in the store");
            }
        }
    });
    assert!(records > 0 || holds_nothing(bytes), "dropped in silence");
}

/// Whether there is nothing to decode: white space, or lists without an element, one after another.
fn holds_nothing(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // The decoder takes a form feed for white space, JSON does not.
    let bytes: Vec<u8> = bytes.iter().map(|byte| if *byte == b'\x0c' { b' ' } else { *byte }).collect();
    let mut documents = Deserializer::from_slice(&bytes).into_iter();
    documents.all(|document| document.is_ok_and(|value| is_empty(&value)))
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Array(elements) => elements.iter().all(is_empty),
        Value::Object(members) => ["records", "value"].iter().any(|name| members.get(*name).is_some_and(is_empty)),
        _ => false,
    }
}

/// Puts text where `%` stands in a record, as a JSON string is written, and decodes that.
pub(super) fn decode_within(template: &str, text: &str) {
    let text = serde_json::to_string(text).expect("text is JSON");
    decode(template.replace('%', &text).as_bytes());
}

/// Decodes the rest of the bytes behind one of these beginnings, which the first byte chooses.
pub(super) fn decode_behind(beginnings: &[&str], bytes: &[u8]) {
    let Some((choice, rest)) = bytes.split_first() else { return };
    let beginning = beginnings[usize::from(*choice) % beginnings.len()];
    decode(&[beginning.as_bytes(), rest].concat());
}

/// The bytes up to the first that is no UTF-8.
pub(super) fn text(bytes: &[u8]) -> &str {
    bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid())
}
