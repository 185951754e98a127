//! Pieces of batches on their way through decoding: each is a task of its own, and they are put together in the order in
//! which they were read.
//!
//! No piece waits for another to be decoded, so the threads that decode have work as long as there is anything to read.

use super::{Prepared, prepare};
use crate::decode::Decoder;
use crate::ingest::{Batch, Part};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// How many pieces are under way at most: several a thread, but little memory.
const PIECES: usize = 8;

/// Where pieces go to be decoded.
#[derive(Debug)]
pub struct Decoding {
    decoder: Arc<Decoder>,
    pool: Arc<rayon::ThreadPool>,
    under_way: SyncSender<Piece>,
}

/// A piece under way.
#[derive(Debug)]
struct Piece {
    part: Part,
    prepared: Receiver<std::thread::Result<Prepared>>,
}

/// Nobody takes batches any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed;

/// Puts the pieces together.
#[derive(Debug)]
pub(super) struct Pieces(Receiver<Piece>);

impl Decoding {
    pub(super) fn new(decoder: Decoder, pool: Arc<rayon::ThreadPool>) -> (Self, Pieces) {
        let (under_way, pieces) = sync_channel(PIECES);
        (Self { decoder: Arc::new(decoder), pool, under_way }, Pieces(pieces))
    }

    /// Decodes a piece in its turn; waits while too many are under way.
    ///
    /// # Errors
    /// When nobody takes batches any more.
    pub fn decode(&self, piece: Batch) -> Result<(), Closed> {
        let (send, prepared) = sync_channel(1);
        self.under_way.send(Piece { part: piece.part, prepared }).map_err(|_| Closed)?;
        let decoder = Arc::clone(&self.decoder);
        self.pool.spawn(move || {
            let prepared = catch_unwind(AssertUnwindSafe(|| prepare(piece, &decoder)));
            // Whoever waited for it may be gone: then it counts for nothing.
            drop(send.send(prepared));
        });
        Ok(())
    }
}

impl Pieces {
    /// The next whole batch; `None` at the end. A batch that was not read to its end is dropped.
    pub(super) fn next_batch(&self) -> Option<Prepared> {
        let mut whole = Prepared::default();
        loop {
            let piece = self.0.recv().ok()?;
            // A panic while decoding is this stage's: it stops the program as any other does.
            whole.append(piece.prepared.recv().ok()?.unwrap_or_else(|panic| resume_unwind(panic)));
            if piece.part == Part::Last {
                return Some(whole);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Context, Limits};
    use crate::record::{Origin, Value};
    use picket_detectors::event::{EventTime, TenantId};

    fn decoding() -> (Decoding, Pieces) {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().expect("a pool");
        let context =
            Context { default_tenant: TenantId::UNKNOWN, limits: Limits::default(), scrubber: Arc::default() };
        Decoding::new(context.into(), Arc::new(pool))
    }

    /// As many broken records as the number says: its dead letters tell them apart.
    fn piece(number: usize, part: Part) -> Batch {
        let value = |position: usize| Value {
            bytes: vec![b'{'; 1 + position % 7].into(),
            origin: Origin { source: "test".into(), position: (100 * number + position) as u64 },
            ingested: EventTime::default(),
        };
        Batch { values: (0..number).map(value).collect(), part, ..Batch::default() }
    }

    #[test]
    fn pieces_come_out_in_the_order_in_which_they_went_in_and_a_batch_without_an_end_does_not() {
        let (decoding, pieces) = decoding();
        let read = std::thread::spawn(move || {
            for number in [90, 1, 40] {
                decoding.decode(piece(number, Part::More)).expect("taken");
            }
            decoding.decode(piece(2, Part::Last)).expect("taken");
            decoding.decode(piece(5, Part::More)).expect("taken");
        });
        let batch = pieces.next_batch().expect("a batch");
        let letters: Vec<String> = batch.dead.iter().map(|line| String::from_utf8_lossy(line).into_owned()).collect();
        let expected: Vec<String> = [90, 1, 40, 2]
            .into_iter()
            .flat_map(|number| (0..number).map(move |position| 100 * number + position))
            .map(|position| format!("\"position\":{position},"))
            .collect();
        assert_eq!(letters.len(), expected.len());
        assert!(letters.iter().zip(&expected).all(|(letter, position)| letter.contains(position)), "{letters:?}");
        assert!(pieces.next_batch().is_none());
        read.join().expect("well");
    }

    #[test]
    fn nothing_more_is_taken_once_nobody_wants_it() {
        let (decoding, pieces) = decoding();
        drop(pieces);
        assert_eq!(decoding.decode(piece(1, Part::Last)), Err(Closed));
    }
}
