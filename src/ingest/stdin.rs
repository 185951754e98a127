//! Standard input as a source: a thread of its own reads, since reading may wait.

use super::{BatchBuilder, Filled, IngestError, Piece, Source, ValueReader, Wake};
use crate::clock;
use crate::record::{Origin, Value};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};

/// Reads standard input. It can't be resumed: what was read and not committed when the process dies is gone.
#[derive(Debug)]
pub struct StdinSource {
    pieces: Receiver<io::Result<Vec<Piece>>>,
    name: Arc<str>,
    offset: u64,
}

/// Values that wait between the reading thread and the batch: blocks of them.
const BLOCKS: usize = 4;
const BLOCK_VALUES: usize = 256;

impl StdinSource {
    /// Starts reading; `wake` rings when something came.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(limit: usize, wake: Arc<Wake>) -> io::Result<Self> {
        let (send, pieces) = sync_channel(BLOCKS);
        let read = move || {
            let mut reader = ValueReader::new(io::stdin(), 0, limit);
            loop {
                let block = next_block(&mut reader);
                let ended = block.as_ref().map_or(true, Vec::is_empty);
                if send.send(block).is_err() || ended {
                    break;
                }
                wake.ring();
            }
            drop(send);
            wake.ring();
        };
        std::thread::Builder::new().name("stdin".to_owned()).spawn(read)?;
        Ok(Self { pieces, name: "stdin".into(), offset: 0 })
    }
}

fn next_block(reader: &mut ValueReader<io::Stdin>) -> io::Result<Vec<Piece>> {
    let mut block = Vec::new();
    while let Some(piece) = reader.next_piece()? {
        block.push(piece);
        if block.len() >= BLOCK_VALUES || !reader.has_line() {
            break;
        }
    }
    Ok(block)
}

impl Source for StdinSource {
    fn fill(&mut self, batch: &mut BatchBuilder) -> Result<Filled, IngestError> {
        while !batch.is_full() {
            let block = match self.pieces.try_recv() {
                Ok(block) => block,
                Err(TryRecvError::Empty) => return Ok(Filled::Idle),
                Err(TryRecvError::Disconnected) => return Ok(Filled::Ended),
            };
            let path = || PathBuf::from(&*self.name);
            let block = block.map_err(|source| IngestError::Broken { path: path(), offset: self.offset, source })?;
            let ingested = clock::now();
            for piece in block {
                self.offset = piece.offset + piece.bytes.len() as u64;
                let origin = Origin { source: Arc::clone(&self.name), position: piece.offset };
                batch.push(Value { bytes: piece.bytes, origin, ingested });
            }
        }
        Ok(Filled::Full)
    }
}
