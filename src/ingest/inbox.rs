//! The inbox: bodies accepted over HTTP, durable before they are acknowledged.
//!
//! One thread writes them; requests that come at the same time share one sync. What waits to be judged is bounded by
//! bytes: beyond that nothing is accepted until the pipeline has caught up.

use super::{BatchBuilder, Filled, IngestError, Source, Wake};
use crate::clock;
use crate::record::{Origin, Value};
use crate::store::{InboxEntry, Store, StoreError};
use bytes::Bytes;
use fail::fail_point;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{mpsc, oneshot};

/// Bounds of the inbox.
#[derive(Debug, Clone, Copy)]
pub struct InboxLimits {
    /// Bytes that may wait to be judged.
    pub backlog_bytes: u64,
}

/// What became of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// It is durable.
    Durable,
    /// Too much waits already.
    Full,
    /// The program is stopping, or the store failed.
    Closed,
}

/// A body on its way to the writing thread.
#[derive(Debug)]
struct Accept {
    bytes: Bytes,
    room: Room,
    reply: oneshot::Sender<Accepted>,
}

/// A part of the backlog. Given back when dropped, unless its body is kept: then the commit gives it back.
#[derive(Debug)]
struct Room {
    backlog: Arc<AtomicU64>,
    bytes: u64,
}

impl Room {
    fn keep(mut self) {
        self.bytes = 0;
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.backlog.fetch_sub(self.bytes, Ordering::AcqRel);
    }
}

/// The accepting side; clones share one inbox.
#[derive(Debug, Clone)]
pub struct Inbox {
    queue: mpsc::Sender<Accept>,
    backlog: Arc<AtomicU64>,
    limits: InboxLimits,
}

/// Requests that may wait for the writing thread.
const QUEUE: usize = 1024;

impl Inbox {
    /// Gives the accepting side, the reading side, and the loop of the writing thread, which ends when no accepting side
    /// is left. `wake` rings when something was accepted.
    ///
    /// # Errors
    /// When the store fails.
    pub fn new(
        store: &Arc<Store>,
        limits: InboxLimits,
        wake: Arc<Wake>,
    ) -> Result<(Self, InboxSource, impl FnOnce() -> Result<(), StoreError> + Send + use<>), IngestError> {
        let next = store.next_inbox()?;
        let mut waiting = 0;
        for entry in store.inbox_from(0) {
            waiting += entry?.bytes.len() as u64;
        }
        let (queue, requests) = mpsc::channel(QUEUE);
        let backlog = Arc::new(AtomicU64::new(waiting));
        let accepted = Arc::new(AtomicU64::new(next));
        let source = InboxSource {
            store: Arc::clone(store),
            next: store.meta_number("inbox.done")?,
            accepted: Arc::clone(&accepted),
            name: "inbox".into(),
        };
        let writer = Writer { store: Arc::clone(store), accepted, wake };
        Ok((Self { queue, backlog, limits }, source, move || writer.write(requests)))
    }

    /// Makes a body durable.
    pub async fn accept(&self, bytes: Bytes) -> Accepted {
        let len = bytes.len() as u64;
        let before = self.backlog.fetch_add(len, Ordering::AcqRel);
        let room = Room { backlog: Arc::clone(&self.backlog), bytes: len };
        // A body greater than the whole bound is taken when nothing else waits.
        if before > 0 && before + len > self.limits.backlog_bytes {
            return Accepted::Full;
        }
        let (reply, answer) = oneshot::channel();
        match self.queue.send(Accept { bytes, room, reply }).await {
            Ok(()) => answer.await.unwrap_or(Accepted::Closed),
            Err(_) => Accepted::Closed,
        }
    }

    /// Bytes that wait to be judged; the committing thread takes off what it committed.
    pub fn backlog(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.backlog)
    }
}

struct Writer {
    store: Arc<Store>,
    accepted: Arc<AtomicU64>,
    wake: Arc<Wake>,
}

impl Writer {
    fn write(self, mut requests: mpsc::Receiver<Accept>) -> Result<(), StoreError> {
        let mut group = Vec::new();
        while requests.blocking_recv_many(&mut group, QUEUE) > 0 {
            let written = self.write_group(&group);
            for request in group.drain(..) {
                let answer = if written.is_ok() { Accepted::Durable } else { Accepted::Closed };
                if written.is_ok() {
                    request.room.keep();
                }
                // A client that hung up does not hear it; its body stays accepted, and a repeat is harmless.
                let _unheard = request.reply.send(answer).is_err();
            }
            written?;
            self.wake.ring();
        }
        Ok(())
    }

    fn write_group(&self, group: &[Accept]) -> Result<(), StoreError> {
        let ingested = clock::now();
        let mut sequence = self.accepted.load(Ordering::Acquire);
        let mut batch = self.store.batch();
        for request in group {
            batch.accept(&InboxEntry { sequence, ingested, bytes: request.bytes.to_vec() });
            sequence += 1;
        }
        batch.write()?;
        fail_point!("inbox.before_sync");
        self.store.sync()?;
        fail_point!("inbox.after_sync");
        self.accepted.store(sequence, Ordering::Release);
        Ok(())
    }
}

/// The reading side.
#[derive(Debug)]
pub struct InboxSource {
    store: Arc<Store>,
    next: u64,
    accepted: Arc<AtomicU64>,
    name: Arc<str>,
}

impl Source for InboxSource {
    fn fill(&mut self, batch: &mut BatchBuilder) -> Result<Filled, IngestError> {
        let accepted = self.accepted.load(Ordering::Acquire);
        if self.next >= accepted {
            return Ok(Filled::Idle);
        }
        for entry in self.store.inbox_from(self.next) {
            let entry = entry?;
            if entry.sequence >= accepted {
                break;
            }
            if batch.is_full() {
                return Ok(Filled::Full);
            }
            self.next = entry.sequence + 1;
            let origin = Origin { source: Arc::clone(&self.name), position: entry.sequence };
            batch.took_body(entry.sequence, entry.bytes.len());
            batch.push(Value { bytes: entry.bytes.into(), origin, ingested: entry.ingested });
        }
        Ok(Filled::Idle)
    }

    fn drains(&self) -> bool {
        true
    }
}
