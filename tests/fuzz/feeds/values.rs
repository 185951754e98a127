//! Any bytes as a file of values. Where values begin and end follows from the bytes, however they come in.

use picket::ingest::{Piece, ValueReader};
use std::io::Read;

/// Longer values are cut.
const LIMIT: usize = 64;

/// Gives a few bytes at a time.
struct Drip<'a>(&'a [u8]);

impl Read for Drip<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let some = into.len().min(3);
        self.0.read(&mut into[..some])
    }
}

fn pieces(input: impl Read) -> Vec<Piece> {
    let mut reader = ValueReader::new(input, 0, LIMIT);
    std::iter::from_fn(|| reader.next_piece().expect("memory can be read")).collect()
}

/// Reads them at once and in drips.
pub fn values(bytes: &[u8]) {
    assert_eq!(pieces(bytes), pieces(Drip(bytes)));
}
