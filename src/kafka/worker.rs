//! Workers: one thread a role, begun anew after setbacks, until told to stop.

use super::client::{Cluster, wait_for_cluster};
use super::error::KafkaFault;
use super::setup::{RouteSetup, ScoreSetup, Shared};
use super::status::Role;
use super::writer::Setback;
use super::{route, score, topics};
use crate::clock::Stopwatch;
use std::time::Duration;

/// Between two tries, at least and at most.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));
/// A worker that ran this long was healthy: the next setback is a new one.
const HEALTHY: Duration = Duration::from_secs(30);

/// Runs the roles that have a setup until they are told to stop or one of them can't go on. Blocks.
///
/// # Errors
/// When the configuration or the topics are wrong, state can't be used, or the local store fails.
pub fn run(mut shared: Shared, route: Option<&RouteSetup>, score: Option<&ScoreSetup>) -> Result<(), KafkaFault> {
    let Some(partitions) = prepare(&shared)? else { return Ok(()) };
    shared.partitions = partitions;
    let shared = &shared;
    std::thread::scope(|scope| {
        let mut workers = Vec::new();
        if let Some(setup) = route {
            workers.push(spawn(scope, shared, Role::Route, move || route::run(shared, setup))?);
        }
        if let Some(setup) = score {
            workers.push(spawn(scope, shared, Role::Score, move || score::run(shared, setup))?);
        }
        let mut result = Ok(());
        for (role, worker) in workers {
            let ended = worker.join().unwrap_or(Err(KafkaFault::Panicked { role: role.as_str() }));
            result = result.and(ended);
        }
        result
    })
}

type Worker<'scope> = (Role, std::thread::ScopedJoinHandle<'scope, Result<(), KafkaFault>>);

fn spawn<'scope>(
    scope: &'scope std::thread::Scope<'scope, '_>,
    shared: &'scope Shared,
    role: Role,
    work: impl Fn() -> Result<(), Setback> + Send + 'scope,
) -> Result<Worker<'scope>, KafkaFault> {
    let thread = std::thread::Builder::new().name(format!("kafka-{}", role.as_str()));
    let body = move || {
        let _end = EndAll(shared);
        persist(shared, role, work)
    };
    Ok((role, thread.spawn_scoped(scope, body).map_err(KafkaFault::Thread)?))
}

/// The other workers end with this one, whether it fails or panics.
struct EndAll<'a>(&'a Shared);

impl Drop for EndAll<'_> {
    fn drop(&mut self) {
        self.0.control.drain();
    }
}

/// Begins the work anew after each setback that new clients can mend.
fn persist(shared: &Shared, role: Role, work: impl Fn() -> Result<(), Setback>) -> Result<(), KafkaFault> {
    let mut backoff = BACKOFF.0;
    loop {
        let watch = Stopwatch::start();
        let fault = match work() {
            Ok(()) => return Ok(()),
            Err(Setback::Fatal(fault)) => return Err(fault),
            Err(Setback::Restart(fault) | Setback::Abort(fault)) => fault,
            Err(Setback::Stop { fault, .. }) => *fault,
        };
        if fault.is_final() {
            return Err(fault);
        }
        shared.status.restarts.with_label_values(&[role.as_str()]).inc();
        if watch.elapsed() > HEALTHY {
            backoff = BACKOFF.0;
        }
        tracing::warn!(
            role = role.as_str(),
            fault = &fault as &dyn std::error::Error,
            ?backoff,
            "the worker begins anew from what is committed"
        );
        if !pause(shared, backoff) {
            return Ok(());
        }
        backoff = (backoff * 2).min(BACKOFF.1);
    }
}

/// Waits; `false` if it was told to stop meanwhile.
fn pause(shared: &Shared, time: Duration) -> bool {
    let watch = Stopwatch::start();
    while watch.elapsed() < time && !shared.control.is_draining() {
        std::thread::sleep(Duration::from_millis(20));
    }
    !shared.control.is_draining()
}

/// Waits for the cluster, then creates or checks the topics. `None` if it was told to stop meanwhile.
fn prepare(shared: &Shared) -> Result<Option<usize>, KafkaFault> {
    let cluster = Cluster::new(&shared.kafka)?;
    // Its configuration is wrong or right now, not only when `route` begins.
    drop(Cluster::of_input(&shared.kafka)?);
    let reader = cluster.uncommitted_reader()?;
    loop {
        let result = wait_for_cluster(&reader, shared.patience())
            .and_then(|()| topics::prepare(&shared.kafka, &cluster, &reader));
        match result {
            Ok(partitions) => return Ok(Some(partitions)),
            Err(fault) if fault.is_final() => return Err(fault),
            Err(fault) => tracing::warn!(fault = &fault as &dyn std::error::Error, "Kafka is waited for"),
        }
        if !pause(shared, BACKOFF.1) {
            return Ok(None);
        }
    }
}
