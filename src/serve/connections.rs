//! Connections, each with bounds on how long its client may take: one that sends a byte now and then must not hold one for
//! ever.

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::io;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// How long a client may take to send a request's head, and how long a connection may wait for its next request.
pub(super) const HEAD: Duration = Duration::from_secs(30);
/// How long to wait when no connection can be taken: too many may be open.
const PAUSE: Duration = Duration::from_secs(1);

/// Serves until `stop`, and then until the requests under way are answered.
pub(super) async fn serve(listener: TcpListener, router: Router, head: Duration, stop: CancellationToken) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(head);
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => break,
        };
        match accepted {
            Ok((stream, _)) => {
                let service = TowerToHyperService::new(router.clone());
                let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
                tokio::spawn(async move {
                    if let Err(error) = connection.await {
                        tracing::debug!(%error, "a connection broke");
                    }
                });
            }
            Err(error) if is_the_clients(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot take a connection: trying again in a second");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    drop(listener);
    graceful.shutdown().await;
}

/// Whether only the client that wanted in is concerned.
fn is_the_clients(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::ingest::read_whole;
    use axum::body::Body;
    use axum::response::IntoResponse;
    use axum::routing::post;
    use std::io::{Read, Write};
    use std::net::TcpStream;

    const PATIENCE: Duration = Duration::from_millis(100);

    /// What a client hears that sends this, and then nothing more. It waits for as long as the connection is held.
    fn heard(sent: &str) -> String {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("binds");
        let address = listener.local_addr().expect("an address");
        let length = |body: Body| async move {
            match read_whole(body, 1_000, PATIENCE).await {
                Ok(bytes) => bytes.len().to_string().into_response(),
                Err(refusal) => refusal.into_response(),
            }
        };
        let stop = CancellationToken::new();
        let serving = runtime.spawn(serve(listener, Router::new().route("/", post(length)), PATIENCE, stop.clone()));
        let mut client = TcpStream::connect(address).expect("connects");
        client.set_read_timeout(Some(Duration::from_secs(20))).expect("sets");
        client.write_all(sent.as_bytes()).expect("writes");
        let mut answer = String::new();
        client.read_to_string(&mut answer).expect("the server hangs up");
        stop.cancel();
        runtime.block_on(serving).expect("ends well");
        answer
    }

    #[test]
    fn a_slow_client_is_hung_up_on_and_a_good_one_is_answered() {
        for (name, sent, expected) in [
            ("nothing", "", ""),
            ("half a head", "POST / HTTP/1.1\r\nHost: x\r\nContent-Le", ""),
            ("half a body", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc", "HTTP/1.1 408"),
            ("no end", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "HTTP/1.1 408"),
            ("all", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", "HTTP/1.1 200"),
        ] {
            let answer = heard(sent);
            assert!(answer.starts_with(expected) && answer.is_empty() == expected.is_empty(), "{name}: {answer:?}");
        }
    }
}
