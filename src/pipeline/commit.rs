//! The commit: everything that a batch changed, as one atom.

use super::{Scored, StreamClock, Totals};
use crate::ingest::FilePosition;
use crate::store::{OutputKind, Store, StoreBatch, StoreError};
use picket_detectors::observation::EntityKey;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const CLOCK: &str = "clock";
const TOTALS: &str = "totals";
const NEXT_OUTPUT: &str = "outbox.next";
const INBOX_DONE: &str = "inbox.done";
const POSITION: &str = "position.";

/// Commits scored batches, in order.
#[derive(Debug)]
pub struct Committer {
    store: Arc<Store>,
    next_output: u64,
    totals: Totals,
    durable: Arc<AtomicU64>,
}

impl Committer {
    /// Goes on where the store's last commit stopped; `durable` is told of every batch that is on disk.
    ///
    /// # Errors
    /// When the store fails or holds values that can't be read.
    pub fn new(store: Arc<Store>, durable: Arc<AtomicU64>) -> Result<Self, StoreError> {
        let next_output = store.meta_number(NEXT_OUTPUT)?;
        let totals = decoded(&store, TOTALS)?.unwrap_or_default();
        Ok(Self { store, next_output, totals, durable })
    }

    /// The sequence number of the next output: all before it are committed.
    pub fn next_output(&self) -> u64 {
        self.next_output
    }

    /// What was counted since the store was made.
    pub fn totals(&self) -> &Totals {
        &self.totals
    }

    /// Commits one batch; when this returns, it is durable.
    ///
    /// # Errors
    /// When the store fails; the program must stop, and nothing of the batch counts.
    pub fn commit(&mut self, scored: &Scored) -> Result<(), StoreError> {
        let Scored { judgement, clock, prepared, .. } = scored;
        let mut next_output = self.next_output;
        let mut batch = self.store.batch();
        for change in &judgement.changes {
            batch.state(change);
        }
        for change in &judgement.due {
            batch.due(change)?;
        }
        let outputs = judgement.outputs.iter().map(|output| (output.kind, &output.line));
        let dead = prepared.dead.iter().map(|line| (OutputKind::DeadLetter, line));
        for (kind, line) in outputs.chain(dead) {
            batch.output(next_output, kind, line);
            next_output += 1;
        }
        let risk_states = judgement.outputs.iter().filter(|output| output.kind == OutputKind::RiskState);
        let last: BTreeMap<EntityKey, _> = risk_states.map(|output| (output.entity, &output.line)).collect();
        for (entity, line) in last {
            batch.risk_state(entity, line);
        }
        let mut totals = self.totals.clone();
        totals.add(judgement, &prepared.tally);
        save(&mut batch, scored, &totals, *clock)?;
        batch.meta_number(NEXT_OUTPUT, next_output);
        batch.commit()?;
        self.durable.fetch_max(judgement.generation, Ordering::Release);
        (self.totals, self.next_output) = (totals, next_output);
        Ok(())
    }
}

fn save(batch: &mut StoreBatch<'_>, scored: &Scored, totals: &Totals, clock: StreamClock) -> Result<(), StoreError> {
    for (name, position) in &scored.prepared.files {
        batch.meta(&format!("{POSITION}{name}"), &encoded(position)?);
    }
    for (sequence, _) in &scored.prepared.bodies {
        batch.judged(*sequence);
    }
    if let Some((last, _)) = scored.prepared.bodies.last() {
        batch.meta_number(INBOX_DONE, last + 1);
    }
    batch.meta(TOTALS, &encoded(totals)?);
    batch.meta(CLOCK, &encoded(&clock)?);
    Ok(())
}

/// Where a file was left.
///
/// # Errors
/// When the store fails or the value can't be read.
pub fn file_position(store: &Store, name: &str) -> Result<Option<FilePosition>, StoreError> {
    let name = format!("{POSITION}{name}");
    let Some(mut bytes) = store.meta(&name)? else { return Ok(None) };
    // Nothing, for the member that older positions lack; what is left over is not read.
    bytes.push(0);
    decoded_from(&bytes).map(Some)
}

/// The stream clock as of the last commit.
///
/// # Errors
/// When the store fails or the value can't be read.
pub fn stream_clock(store: &Store) -> Result<StreamClock, StoreError> {
    Ok(decoded(store, CLOCK)?.unwrap_or_default())
}

fn encoded(value: &impl Serialize) -> Result<Vec<u8>, StoreError> {
    postcard::to_allocvec(value).map_err(|_| StoreError::BadValue { keyspace: "meta" })
}

fn decoded<T: DeserializeOwned>(store: &Store, name: &str) -> Result<Option<T>, StoreError> {
    let Some(bytes) = store.meta(name)? else { return Ok(None) };
    decoded_from(&bytes).map(Some)
}

fn decoded_from<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoreError> {
    postcard::from_bytes(bytes).map_err(|_| StoreError::BadValue { keyspace: "meta" })
}
