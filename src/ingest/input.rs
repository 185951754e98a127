//! Bytes read ahead from an input, and how far they were taken.

use bytes::{Bytes, BytesMut};
use std::io::{self, Read};

/// Few enough bytes to stay in a processor's cache until they are decoded.
pub(super) const BLOCK: usize = 64 << 10;

/// An input with what was read of it and not yet taken.
pub(super) struct Input<R> {
    pub(super) source: R,
    pub(super) buffer: BytesMut,
    /// Offset of the buffer's first byte.
    offset: u64,
    ended: bool,
}

impl<R: Read> Input<R> {
    /// Reads `source`, whose first byte has the offset `offset`.
    pub(super) fn new(source: R, offset: u64) -> Self {
        Self { source, buffer: BytesMut::new(), offset, ended: false }
    }

    /// Bytes taken so far.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// More may have come since the end was seen.
    pub(super) fn look_again(&mut self) {
        self.ended = false;
    }

    /// Takes this many of the bytes that were read, or all if there are fewer.
    pub(super) fn take(&mut self, len: usize) -> Bytes {
        let len = len.min(self.buffer.len());
        self.offset += len as u64;
        self.buffer.split_to(len).freeze()
    }

    /// Reads one more block; false at the end.
    pub(super) fn fill(&mut self) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        let filled = self.buffer.len();
        self.buffer.resize(filled + BLOCK, 0);
        let room = self.buffer.get_mut(filled..).unwrap_or_default();
        let read = read_once(&mut self.source, room);
        self.buffer.truncate(filled + read.as_ref().map_or(0, |read| *read));
        self.ended = read? == 0;
        Ok(!self.ended)
    }
}

/// Takes what is there; waits only while there is nothing.
fn read_once(input: &mut impl Read, room: &mut [u8]) -> io::Result<usize> {
    loop {
        match input.read(room) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}
