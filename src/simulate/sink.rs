//! What happens, on its way to the export: late, out of order, and repeated, as exports are.

use super::random::Random;
use super::stamp::Stamp;
use picket_detectors::event::EventTime;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

/// A stream of the export; the file's name follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stream {
    /// Sign-ins of service principals.
    ServicePrincipals,
    /// Sign-ins of managed identities.
    ManagedIdentities,
    /// Directory changes.
    Audit,
    /// Calls to Microsoft Graph.
    GraphActivity,
    /// Calls of Azure Resource Manager.
    AzureActivity,
    /// Calls of key vaults.
    KeyVault,
    /// Secret-scanning alerts and pushes.
    Code,
    /// Applications and service principals, as they stand at the start.
    Inventory,
    /// The truth.
    Labels,
}

impl Stream {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::ServicePrincipals,
        Self::ManagedIdentities,
        Self::Audit,
        Self::GraphActivity,
        Self::AzureActivity,
        Self::KeyVault,
        Self::Code,
        Self::Inventory,
        Self::Labels,
    ];
}

/// One line of one stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// When it came.
    pub arrived: EventTime,
    /// In which stream.
    pub stream: Stream,
    /// JSON, without the line's end.
    pub line: String,
}

/// A record that has not come yet.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Pending {
    arrives: EventTime,
    number: u64,
    stream: Stream,
    body: Arc<str>,
}

/// Takes records as they happen and gives them as they come.
#[derive(Debug)]
pub(super) struct Sink {
    pending: BinaryHeap<Reverse<Pending>>,
    number: u64,
    random: Random,
}

impl Sink {
    pub(super) fn new(seed: u64) -> Self {
        Self { pending: BinaryHeap::new(), number: 0, random: Random::of(seed, &[4]) }
    }

    /// Takes a record: of Entra, an object without its opening brace and its envelope's time, which is when it is sent; of
    /// Azure itself a whole one, whose time is when it happened.
    pub(super) fn happened(&mut self, stream: Stream, at: EventTime, stalls: &[(EventTime, EventTime)], body: String) {
        let body: Arc<str> = body.into();
        let mut arrives = at.plus(self.lag(stream));
        // What an export that stood still has missed comes at once when it runs again.
        if let Some((_, until)) = stalls.iter().find(|(from, until)| (*from..*until).contains(&arrives)) {
            arrives = until.plus(self.random.whole(0, 600) * EventTime::SECOND);
        }
        // Four in a hundred come again, up to four times in all, minutes apart.
        let mut again = self.random.chance(0.04);
        let mut times = 1;
        self.push(arrives, stream, Arc::clone(&body));
        while again {
            arrives = arrives.plus(self.random.whole(20, 1_500) * EventTime::SECOND);
            self.push(arrives, stream, Arc::clone(&body));
            times += 1;
            again = times < 4 && self.random.chance(0.3);
        }
    }

    /// Takes a line that comes as it is, at once.
    pub(super) fn at_once(&mut self, stream: Stream, at: EventTime, line: String) {
        self.push(at, stream, line.into());
    }

    fn push(&mut self, arrives: EventTime, stream: Stream, body: Arc<str>) {
        self.number += 1;
        self.pending.push(Reverse(Pending { arrives, number: self.number, stream, body }));
    }

    /// Minutes mostly; Graph activity more; hours now and then.
    fn lag(&mut self, stream: Stream) -> i64 {
        let mean = match stream {
            Stream::GraphActivity => 420.0,
            Stream::Audit => 100.0,
            _ => 160.0,
        };
        let seconds = 28.0 + self.random.wait(mean).min(1_800.0);
        let hours = if self.random.chance(0.004) { self.random.between(0.2, 5.0) } else { 0.0 };
        ((seconds + 3_600.0 * hours) * EventTime::SECOND as f64) as i64
    }

    /// The next record that has come by `now`.
    pub(super) fn next_until(&mut self, now: Option<EventTime>) -> Option<Delivered> {
        let Reverse(first) = self.pending.peek()?;
        if now.is_some_and(|now| first.arrives > now) {
            return None;
        }
        let Reverse(Pending { arrives, stream, body, .. }) = self.pending.pop()?;
        let line = match stream {
            Stream::AzureActivity | Stream::KeyVault | Stream::Code | Stream::Inventory | Stream::Labels => {
                body.to_string()
            }
            _ => format!("{{\"time\":\"{}Z\",{body}", Stamp(arrives)),
        };
        Some(Delivered { arrived: arrives, stream, line })
    }
}
