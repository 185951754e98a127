//! Workers that take work in batches from one source, and give results in its order.

use super::error::ScanError;
use super::order::{InOrder, Outcome};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// How many batches may be done before the one that comes first: bounds what waits to be given away.
const LEAD: u64 = 1_024;

/// Gives work in a fixed order.
pub trait Source: Send {
    /// A piece of work.
    type Item: Send;

    /// Puts the next pieces into an empty batch; leaves it empty at the end.
    fn next_batch(&mut self, batch: &mut Vec<Self::Item>);
}

/// Everything the workers share.
struct Shared<'a, S> {
    source: Mutex<Numbered<S>>,
    results: Mutex<Results<'a>>,
    moved: Condvar,
    stop: AtomicBool,
}

struct Numbered<S> {
    source: S,
    next: u64,
}

struct Results<'a> {
    order: InOrder,
    emit: &'a mut (dyn FnMut(Outcome) -> Result<(), ScanError> + Send),
    failure: Option<ScanError>,
}

/// Runs `jobs` workers, each made by `worker`, until the source ends; `emit` gets the outcomes in the source's order.
///
/// # Errors
/// When `emit` fails, and when a thread can't start or panics.
pub fn run<S: Source, W: FnMut(S::Item, &mut Outcome)>(
    source: S,
    jobs: usize,
    worker: impl Fn() -> W + Sync,
    emit: &mut (dyn FnMut(Outcome) -> Result<(), ScanError> + Send),
) -> Result<(), ScanError> {
    let shared = Shared {
        source: Mutex::new(Numbered { source, next: 0 }),
        results: Mutex::new(Results { order: InOrder::default(), emit, failure: None }),
        moved: Condvar::new(),
        stop: AtomicBool::new(false),
    };
    std::thread::scope(|scope| {
        let mut threads = Vec::new();
        for number in 1..jobs {
            let (shared, worker) = (&shared, &worker);
            let started = std::thread::Builder::new()
                .name(format!("scan-{number}"))
                .spawn_scoped(scope, move || shared.work(worker()));
            match started {
                Ok(thread) => threads.push(thread),
                Err(error) => {
                    shared.fail(ScanError::Thread(error));
                    break;
                }
            }
        }
        shared.work(worker());
        for thread in threads {
            if thread.join().is_err() {
                shared.fail(ScanError::Panicked);
            }
        }
    });
    let results = shared.results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.failure.map_or(Ok(()), Err)
}

impl<S: Source> Shared<'_, S> {
    fn work(&self, mut worker: impl FnMut(S::Item, &mut Outcome)) {
        // A worker that dies must not leave the others waiting for its result.
        let stopper = StopOnPanic { stop: &self.stop, moved: &self.moved };
        let mut batch = Vec::new();
        while !self.stop.load(Ordering::Relaxed) {
            let number = {
                let mut numbered = lock(&self.source);
                numbered.source.next_batch(&mut batch);
                if batch.is_empty() {
                    break;
                }
                numbered.next += 1;
                numbered.next - 1
            };
            let mut outcome = Outcome::default();
            for item in batch.drain(..) {
                worker(item, &mut outcome);
            }
            self.give(number, outcome);
        }
        drop(stopper);
    }

    /// Hands in an outcome; waits while too many before it are missing.
    fn give(&self, number: u64, outcome: Outcome) {
        let mut results = lock(&self.results);
        while results.order.lead(number) > LEAD && !self.stop.load(Ordering::Relaxed) {
            results = self.moved.wait(results).unwrap_or_else(PoisonError::into_inner);
        }
        results.order.put(number, outcome);
        while let Some(next) = results.order.take() {
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
            if let Err(error) = (results.emit)(next) {
                results.failure.get_or_insert(error);
                self.stop.store(true, Ordering::Relaxed);
            }
        }
        self.moved.notify_all();
    }

    fn fail(&self, error: ScanError) {
        lock(&self.results).failure.get_or_insert(error);
        self.stop.store(true, Ordering::Relaxed);
        self.moved.notify_all();
    }
}

struct StopOnPanic<'a> {
    stop: &'a AtomicBool,
    moved: &'a Condvar,
}

impl Drop for StopOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.stop.store(true, Ordering::Relaxed);
            self.moved.notify_all();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::{Notice, Trouble};

    struct Numbers(std::ops::Range<u32>);

    impl Source for Numbers {
        type Item = u32;

        fn next_batch(&mut self, batch: &mut Vec<u32>) {
            batch.extend(self.0.by_ref().take(3));
        }
    }

    fn note(number: u32, outcome: &mut Outcome) {
        let trouble = Trouble::Unreadable(std::io::ErrorKind::Other.into());
        outcome.notices.push(Notice { path: number.to_string().into(), trouble });
    }

    #[test]
    fn results_come_in_the_order_of_the_work_whatever_the_number_of_workers() {
        for jobs in [1, 2, 7] {
            let mut seen = Vec::new();
            let mut emit = |outcome: Outcome| {
                seen.extend(outcome.notices.iter().map(|notice| notice.path.parse::<u32>().expect("a number")));
                Ok(())
            };
            run(Numbers(0..5_000), jobs, || note, &mut emit).expect("runs");
            assert!(seen.iter().copied().eq(0..5_000), "{jobs} workers");
        }
    }

    #[test]
    fn a_reader_that_hangs_up_and_a_worker_that_dies_end_the_run() {
        let mut emit = |_: Outcome| Err(ScanError::Output(std::io::ErrorKind::BrokenPipe.into()));
        let failed = run(Numbers(0..1_000_000), 3, || note, &mut emit);
        assert!(matches!(failed, Err(ScanError::Output(_))), "{failed:?}");
        let dies =
            || |number: u32, _: &mut Outcome| assert!(number != 4_000 || std::thread::current().name().is_none());
        let mut emit = |_: Outcome| Ok(());
        let main_thread_survives =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run(Numbers(0..1_000_000), 3, dies, &mut emit)));
        assert!(!matches!(main_thread_survives, Ok(Ok(()))), "what a dead worker read is not known to be clean");
    }
}
