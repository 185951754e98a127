//! What looks at records besides decoding them: places, rules and indicators, which need no state.

use super::{Context, Decoded, Outcome, decode};
use picket_detectors::event::Event;
use std::sync::Arc;

/// Finds signals in a record, or where its addresses lie, and puts that onto its event.
pub trait Mark: std::fmt::Debug + Send + Sync {
    /// Looks at one record and the event that it became. Must not depend on anything else that changes within a batch.
    fn mark(&self, record: &[u8], event: &mut Event);
}

/// Holds what marks records, which the operator may change at any time.
pub trait MarkHolder: std::fmt::Debug + Send + Sync {
    /// What marks now.
    fn current(&self) -> Arc<dyn Mark>;
}

/// Decodes values and marks what comes out.
#[derive(Debug, Clone)]
pub struct Decoder {
    /// What decoding needs to know.
    pub context: Context,
    /// What looks at the records besides, in this order: one may see what those before it have put there.
    pub marks: Vec<Arc<dyn MarkHolder>>,
}

/// Decodes and marks by what stood when it was taken: threads that ask for every record would wait for one another.
#[derive(Debug)]
pub struct CurrentDecoder<'d> {
    /// What decoding needs to know.
    pub context: &'d Context,
    marks: Vec<Arc<dyn Mark>>,
}

impl From<Context> for Decoder {
    fn from(context: Context) -> Self {
        Self { context, marks: Vec::new() }
    }
}

impl Decoder {
    /// What decodes and marks now.
    pub fn current(&self) -> CurrentDecoder<'_> {
        CurrentDecoder { context: &self.context, marks: self.marks.iter().map(|marks| marks.current()).collect() }
    }
}

impl CurrentDecoder<'_> {
    /// Decodes one value and gives each of its records, in order, with what became of it. Never panics.
    pub fn decode<'a>(&self, value: &'a [u8], emit: &mut dyn FnMut(Decoded<'a>)) {
        decode(value, self.context, &mut |mut decoded| {
            if let Outcome::Events(events) = &mut decoded.outcome {
                for event in events {
                    self.marks.iter().for_each(|mark| mark.mark(decoded.bytes, event));
                }
            }
            emit(decoded);
        });
    }
}
