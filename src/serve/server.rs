//! The server and the signals, on a runtime of their own.

use super::{Readiness, connections};
use crate::pipeline::Control;
use axum::Router;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// How long requests under way may take once the program stops.
const GRACE: Duration = Duration::from_secs(5);

/// Serves HTTP and listens for signals until the pipeline has ended.
#[derive(Debug)]
pub struct Server {
    runtime: Runtime,
    listener: Option<TcpListener>,
    interrupt: Signal,
    terminate: Signal,
    ended: CancellationToken,
}

impl Server {
    /// Binds the address and starts catching signals.
    ///
    /// # Errors
    /// When the address can't be bound.
    pub fn start(listen: Option<SocketAddr>) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let listener = listen.map(|address| runtime.block_on(TcpListener::bind(address))).transpose()?;
        let within = runtime.enter();
        let (interrupt, terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        drop(within);
        Ok(Self { runtime, listener, interrupt, terminate, ended: CancellationToken::new() })
    }

    /// The address it listens on: with port 0, the one that was picked.
    pub fn address(&self) -> Option<SocketAddr> {
        self.listener.as_ref()?.local_addr().ok()
    }

    /// Cancelled by the owner when the pipeline has ended.
    pub fn ended(&self) -> CancellationToken {
        self.ended.clone()
    }

    /// Serves until the pipeline has ended. The first signal stops taking requests, then drains the pipeline; the second
    /// ends the process.
    pub fn run(mut self, router: Router, readiness: &Readiness, control: &Arc<Control>) {
        let stop = CancellationToken::new();
        let serving = self
            .listener
            .take()
            .map(|listener| self.runtime.spawn(connections::serve(listener, router, connections::HEAD, stop.clone())));
        let Self { runtime, mut interrupt, mut terminate, ended, .. } = self;
        runtime.block_on(async {
            let signalled = tokio::select! {
                _ = interrupt.recv() => true,
                _ = terminate.recv() => true,
                () = ended.cancelled() => false,
            };
            readiness.set(false);
            stop.cancel();
            if signalled {
                tracing::info!("stopping: finishing what was taken in; a second signal stops at once");
            }
            let finish = async {
                if let Some(serving) = serving
                    && tokio::time::timeout(GRACE, serving).await.is_err()
                {
                    tracing::warn!("requests under way took too long and were cut off");
                }
            };
            tokio::select! {
                () = finish => {}
                _ = interrupt.recv() => stop_at_once(),
                _ = terminate.recv() => stop_at_once(),
            }
            control.drain();
            tokio::select! {
                () = ended.cancelled() => {}
                _ = interrupt.recv() => stop_at_once(),
                _ = terminate.recv() => stop_at_once(),
            }
        });
        runtime.shutdown_background();
    }
}

#[expect(clippy::exit, reason = "the second signal asks for just that; what is committed stays")]
fn stop_at_once() {
    tracing::warn!("stopping at once");
    std::process::exit(3);
}
