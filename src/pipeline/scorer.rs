//! Scoring: prepared batches through the judge, with the ticks that fall between their events.

use super::judge::stands_apart;
use super::{
    Addressed, Counts, DueIndex, Judge, JudgeError, Judgement, Order, PassedHours, Prepared, PreparedEvent,
    StreamClock, Timing,
};
use crate::store::StoreError;
use picket_detectors::observation::Observation;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// Why a batch can't be scored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScoreError {
    /// It can't be judged.
    #[error(transparent)]
    Judge(#[from] JudgeError),
    /// What is due can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A scored batch, ready to be committed.
#[derive(Debug)]
pub struct Scored {
    /// What follows from it.
    pub judgement: Judgement,
    /// The stream clock after it.
    pub clock: StreamClock,
    /// What it was made of; its events are used up.
    pub prepared: Prepared,
    /// Bytes of the states in memory after it.
    pub cached_bytes: usize,
    /// Number of the states in memory after it.
    pub cached_states: usize,
}

/// Scores batches one after the other.
#[derive(Debug)]
pub struct Scorer {
    judge: Judge,
    due: DueIndex,
    clock: StreamClock,
}

impl Scorer {
    /// A scorer whose stream clock stands at `clock`.
    pub fn new(judge: Judge, due: DueIndex, clock: StreamClock) -> Self {
        Self { judge, due, clock }
    }

    /// The number of the last durable batch, to be raised by the one who commits.
    pub fn durable(&self) -> Arc<AtomicU64> {
        self.judge.durable()
    }

    /// Scores a batch. Where the batch says what time it is, that moves the clock; otherwise its events do, and the
    /// batch is judged piece by piece between full hours.
    ///
    /// # Errors
    /// When state can't be read; nothing of the batch may be committed then.
    pub fn score(&mut self, mut prepared: Prepared) -> Result<Scored, ScoreError> {
        let mut judgement = Judgement::default();
        if let Timing::Wall(now) = prepared.timing
            && let Some(passed) = self.clock.advance(now, now)
        {
            judgement = self.tick(judgement, passed)?;
        }
        for mut event in std::mem::take(&mut prepared.events).into_iter().flatten() {
            if let Some(passed) = self.come_to(&mut event, prepared.timing) {
                judgement = self.judge_added(judgement)?;
                judgement = self.tick(judgement, passed)?;
            }
            for observation in event.observations {
                judgement = self.take(judgement, observation, event.position)?;
            }
        }
        judgement = self.judge_added(judgement)?;
        self.judge.save(&mut judgement);
        let (cached_bytes, cached_states) = self.judge.cached();
        Ok(Scored { judgement, clock: self.clock, prepared, cached_bytes, cached_states })
    }

    /// Moves the clock to an event. An inventory says what is, not when, and moves nothing.
    fn come_to(&mut self, event: &mut PreparedEvent, timing: Timing) -> Option<PassedHours> {
        match timing {
            Timing::Wall(_) => None,
            _ if !event.dated => None,
            Timing::Events => self.clock.advance(event.time, event.ingested),
            Timing::Replay => {
                let passed = self.clock.advance(event.time, event.time);
                // A time that the clock does not believe (yet) stands as it is if it has passed: only the future is cut.
                let now = self.clock.now().unwrap_or(event.time);
                let ingested = if event.time <= event.ingested { now.max(event.time) } else { now };
                for observation in &mut event.observations {
                    observation.ingested = ingested;
                }
                passed
            }
        }
    }

    fn take(
        &mut self,
        mut judgement: Judgement,
        observation: Observation,
        position: Option<(i32, i64)>,
    ) -> Result<Judgement, ScoreError> {
        let stands_apart = stands_apart(&observation);
        if stands_apart {
            judgement = self.judge_added(judgement)?;
        }
        self.judge.add(Addressed { order: Order::new(self.judge.added() as u64), position, observation });
        if stands_apart { self.judge_added(judgement) } else { Ok(judgement) }
    }

    fn tick(&mut self, mut judgement: Judgement, passed: PassedHours) -> Result<Judgement, ScoreError> {
        let mut left = passed;
        while let Some(ticks) = self.due.next_ticks(left)? {
            let counts = judgement.counts;
            ticks.observations.into_iter().for_each(|tick| self.judge.add(tick));
            judgement = self.judge_added(judgement)?;
            // Ticks are not observations of anything that came in.
            judgement.counts = Counts { loads: judgement.counts.loads, ..counts };
            left.after = ticks.hour;
        }
        Ok(judgement)
    }

    fn judge_added(&mut self, before: Judgement) -> Result<Judgement, ScoreError> {
        if self.judge.added() == 0 {
            return Ok(before);
        }
        let judgement = self.judge.judge_added()?;
        self.due.moved(judgement.generation, &judgement.due);
        Ok(before.followed_by(judgement))
    }
}
