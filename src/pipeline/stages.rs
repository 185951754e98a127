//! The stages on their threads: read, decode, score, commit, each one batch ahead of the next.
//!
//! Channels between them hold one batch, so memory is bounded and the decoding of a batch overlaps the folding of the one
//! before and the syncing of the one before that. What is read goes on to decoding in pieces. A stage that fails or panics stops all of them; what was not committed
//! then never counted.

use super::{Committer, Control, Decoding, Prepared, ScoreError, Scored, Scorer, Totals};
use crate::clock::{self, Stopwatch};
use crate::decode::Decoder;
use crate::ingest::{Batch, BatchBuilder, BatchLimits, Filled, IngestError, Source, Wake};
use crate::store::StoreError;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Why a stage stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PipelineError {
    /// Input can't be read.
    #[error(transparent)]
    Ingest(#[from] IngestError),
    /// A batch can't be scored.
    #[error(transparent)]
    Score(#[from] ScoreError),
    /// A batch can't be committed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A thread can't be started.
    #[error("cannot start a thread: {0}")]
    Thread(#[from] std::io::Error),
    /// A stage panicked.
    #[error("the {stage} stage panicked; nothing committed is lost: please report it with the lines above")]
    Panicked {
        /// Which stage.
        stage: &'static str,
    },
}

/// What makes ticks fall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clocking {
    /// The events' own times: history is read.
    Stream,
    /// The wall clock: events come as they happen.
    Wall,
}

/// Is told of every commit.
pub trait Watch: Send {
    /// A batch was committed; scoring and committing it took this long.
    fn committed(&mut self, scored: &Scored, totals: &Totals, took: Duration);
}

/// How far the commits are: what publishers follow.
#[derive(Debug, Default)]
pub struct Committed {
    next_output: AtomicU64,
    ended: AtomicBool,
    wake: Wake,
}

impl Committed {
    /// All outputs before this number are committed.
    pub fn next_output(&self) -> u64 {
        self.next_output.load(Ordering::Acquire)
    }

    /// Whether there will be no more commits.
    pub fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    /// Waits until there may be more.
    pub fn wait(&self) {
        self.wake.listen(Duration::from_secs(1));
    }

    fn raise(&self, next_output: u64) {
        self.next_output.store(next_output, Ordering::Release);
        self.wake.ring();
    }

    fn end(&self) {
        self.ended.store(true, Ordering::Release);
        self.wake.ring();
    }
}

/// Stages on their threads.
#[derive(Debug)]
pub struct Stages<E> {
    control: Arc<Control>,
    threads: Vec<(&'static str, JoinHandle<Result<(), E>>)>,
}

impl<E: From<std::io::Error> + From<PipelineError> + Send + 'static> Stages<E> {
    /// No stage yet.
    pub fn new(control: Arc<Control>) -> Self {
        Self { control, threads: Vec::new() }
    }

    /// Starts a stage.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn spawn(
        &mut self,
        name: &'static str,
        body: impl FnOnce() -> Result<(), E> + Send + 'static,
    ) -> Result<(), E> {
        let guard = FailUnlessDone { control: Arc::clone(&self.control), done: false };
        let body = move || {
            let result = body();
            guard.end(result.is_ok());
            result
        };
        self.threads.push((name, std::thread::Builder::new().name(name.to_owned()).spawn(body)?));
        Ok(())
    }

    /// Starts decoding: gives where pieces of batches go, and where batches come out.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn spawn_decode(
        &mut self,
        decoder: Decoder,
        pool: Arc<rayon::ThreadPool>,
    ) -> Result<(Decoding, Receiver<Prepared>), E> {
        let (send, prepared) = sync_channel(1);
        let (decoding, pieces) = Decoding::new(decoder, pool);
        self.spawn("decode", move || {
            while let Some(batch) = pieces.next_batch() {
                if send.send(batch).is_err() {
                    break;
                }
            }
            Ok(())
        })?;
        Ok((decoding, prepared))
    }

    /// Starts scoring and committing of prepared batches.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn spawn_score_and_commit(
        &mut self,
        batches: Receiver<Prepared>,
        mut scorer: Scorer,
        mut committer: Committer,
        mut watch: impl Watch + 'static,
    ) -> Result<Arc<Committed>, E> {
        let (send, to_commit) = sync_channel::<(Scored, Stopwatch)>(1);
        self.spawn("score", move || {
            for batch in batches {
                let stopwatch = Stopwatch::start();
                let outcome = scorer.score(batch).map_err(PipelineError::from)?;
                if send.send((outcome, stopwatch)).is_err() {
                    break;
                }
            }
            Ok(())
        })?;
        let progress = Arc::new(Committed::default());
        progress.raise(committer.next_output());
        let (told, control) = (EndWhenDropped(Arc::clone(&progress)), Arc::clone(&self.control));
        self.spawn("commit", move || {
            for (batch, stopwatch) in to_commit {
                if control.has_failed() {
                    break;
                }
                committer.commit(&batch).map_err(PipelineError::from)?;
                told.0.raise(committer.next_output());
                watch.committed(&batch, committer.totals(), stopwatch.elapsed());
            }
            Ok(())
        })?;
        Ok(progress)
    }

    /// Waits for all stages, and gives the first error in the order in which they were started.
    ///
    /// # Errors
    /// Why a stage stopped.
    pub fn join(self) -> Result<(), E> {
        let mut result = Ok(());
        for (stage, thread) in self.threads {
            let ended = thread.join().unwrap_or_else(|_| Err(PipelineError::Panicked { stage }.into()));
            result = result.and(ended);
        }
        result
    }
}

/// Stops everything unless its stage ended well.
struct FailUnlessDone {
    control: Arc<Control>,
    done: bool,
}

impl FailUnlessDone {
    fn end(mut self, well: bool) {
        self.done = well;
    }
}

impl Drop for FailUnlessDone {
    fn drop(&mut self) {
        if !self.done {
            self.control.fail();
        }
    }
}

/// Tells the publishers that no commit will follow, however the stage ended.
struct EndWhenDropped(Arc<Committed>);

impl Drop for EndWhenDropped {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// How long the reader sleeps when nothing comes: files that grow don't ring.
const POLL: Duration = Duration::from_millis(200);

/// The read stage: fills batches from the sources until they end or the order to stop comes.
///
/// # Errors
/// When a source can't be read.
pub fn read_batches(
    mut sources: Vec<Box<dyn Source>>,
    limits: BatchLimits,
    clocking: Clocking,
    control: &Control,
    decoding: &Decoding,
) -> Result<(), IngestError> {
    // Whatever fell due while the program was not running is ticked at once.
    let mut hour = (clocking == Clocking::Wall).then_some(i64::MIN);
    while !control.has_failed() {
        let Some((mut batch, filled)) = fill_batch(&mut sources, limits, hour, control, decoding)? else { break };
        if clocking == Clocking::Wall {
            let now = clock::now();
            (batch.now, hour) = (Some(now), Some(now.hour()));
        }
        if decoding.decode(batch).is_err() || filled == Filled::Ended {
            break;
        }
    }
    Ok(())
}

/// Hands on all pieces of a batch but the last, which it gives; `None` where nobody takes them any more.
fn fill_batch(
    sources: &mut [Box<dyn Source>],
    limits: BatchLimits,
    hour: Option<i64>,
    control: &Control,
    decoding: &Decoding,
) -> Result<Option<(Batch, Filled)>, IngestError> {
    let mut builder = BatchBuilder::new(limits);
    let mut began = None;
    loop {
        let draining = control.is_draining();
        let filled = fill_from_all(sources, &mut builder, draining)?;
        if filled == Filled::Full && !builder.is_complete() && !control.has_failed() {
            if decoding.decode(builder.hand_on()).is_err() {
                return Ok(None);
            }
            continue;
        }
        let nothing_left = draining && filled == Filled::Idle;
        if filled == Filled::Full || filled == Filled::Ended || nothing_left || control.has_failed() {
            return Ok(Some((builder.finish(), if nothing_left { Filled::Ended } else { filled })));
        }
        if builder.is_empty() {
            if hour.is_some_and(|hour| clock::now().hour() > hour) {
                return Ok(Some((builder.finish(), Filled::Idle)));
            }
            control.wake().listen(POLL);
            continue;
        }
        let waited = began.get_or_insert_with(Stopwatch::start).elapsed();
        let Some(left) = limits.linger.checked_sub(waited).filter(|left| !left.is_zero()) else {
            return Ok(Some((builder.finish(), Filled::Idle)));
        };
        control.wake().listen(left);
    }
}

/// When draining, only what the sources already hold is taken.
fn fill_from_all(
    sources: &mut [Box<dyn Source>],
    builder: &mut BatchBuilder,
    draining: bool,
) -> Result<Filled, IngestError> {
    let mut all = Filled::Ended;
    for source in sources.iter_mut().filter(|source| !draining || source.drains()) {
        match source.fill(builder)? {
            Filled::Full => return Ok(Filled::Full),
            Filled::Idle => all = Filled::Idle,
            Filled::Ended => {}
        }
    }
    Ok(all)
}
