//! Accepts connections and drains them.
//!
//! Ours rather than axum's, because header timeouts and the drain at the end must be
//! set, and a full table of files must pause the accepting instead of spinning.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use api::Front;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use super::quiet::Quiet;

/// How long a client may take to send its request line and headers.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// How long requests may go on once the server is asked to stop.
const DRAIN: Duration = Duration::from_secs(8);
/// How often an HTTP/2 client that says nothing is asked whether it is still there.
const KEEP_ALIVE: Duration = Duration::from_secs(30);
/// How long to wait before accepting again when the system gives no more sockets.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How many connections there may be at once.
pub(super) struct Seats(Arc<Semaphore>);

impl Seats {
    pub(super) fn new(connections_max: usize) -> Self {
        let seats = connections_max.min(Semaphore::MAX_PERMITS);
        Self(Arc::new(Semaphore::new(seats)))
    }

    /// Waits for a free seat before the next connection is accepted: who comes later
    /// waits in the system's own queue. Whoever sits and says nothing is sent away, so
    /// that seats come free again.
    async fn free(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(seat) = Arc::clone(&self.0).try_acquire_owned() {
            return Some(seat);
        }
        tracing::warn!("as many connections as are allowed; others wait");
        Arc::clone(&self.0).acquire_owned().await.ok()
    }
}

/// Serves until `stop` is cancelled, then lets running requests end.
pub(super) async fn serve(
    listener: TcpListener,
    front: Front,
    seats: Seats,
    stop: CancellationToken,
) {
    let server = Protocols::new();
    let connections = GracefulShutdown::new();
    loop {
        let next = async { (seats.free().await, listener.accept().await) };
        let (seat, accepted) = tokio::select! {
            next = next => next,
            () = stop.cancelled() => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let watcher = connections.watcher();
                let (server, front, stop) = (server.clone(), front.clone(), stop.clone());
                tokio::spawn(async move {
                    // Nobody who has said nothing yet keeps the server from stopping.
                    let speaks = tokio::select! {
                        speaks = speaks_within(HEADER_TIMEOUT, &stream) => speaks,
                        () = stop.cancelled() => None,
                    };
                    if let Some(version) = speaks {
                        connect(&server, version, watcher, stream, (peer, front)).await;
                    }
                    drop(seat);
                });
            }
            Err(error) => {
                tracing::warn!(error = %error, "no connection can be accepted; trying again");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(DRAIN, connections.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some requests did not end in time and were cut off");
    }
}

/// What a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    Http1,
    Http2,
}

/// How each version is served. Which one it is is known before, see [`speaks_within`].
#[derive(Clone)]
struct Protocols {
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
}

impl Protocols {
    fn new() -> Self {
        let mut http1 = http1::Builder::new();
        http1
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIMEOUT);
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2
            .timer(TokioTimer::new())
            // Who went away without a word gives back the seat.
            .keep_alive_interval(KEEP_ALIVE)
            .max_header_list_size(32 * 1024);
        Self { http1, http2 }
    }
}

async fn connect(
    server: &Protocols,
    version: Version,
    watcher: Watcher,
    stream: TcpStream,
    (peer, front): (SocketAddr, Front),
) {
    // Answers are small and complete; waiting to fill a packet only adds delay.
    drop(stream.set_nodelay(true));
    let front = Arc::new(front);
    let stream = TokioIo::new(stream);
    // A client that goes away in the middle is its own business.
    match version {
        Version::Http1 => {
            let service = service_fn(move |request: Request<Incoming>| {
                let front = Arc::clone(&front);
                async move { Ok::<_, Infallible>(front.answer(request, peer).await) }
            });
            let connection = server.http1.serve_connection(stream, service);
            drop(watcher.watch(connection).await);
        }
        Version::Http2 => {
            let quiet = Arc::new(Quiet::default());
            let asked = Arc::clone(&quiet);
            let service = service_fn(move |request: Request<Incoming>| {
                let (front, asked) = (Arc::clone(&front), asked.asked());
                async move {
                    let answer = front.answer(request, peer).await;
                    Ok::<_, Infallible>(asked.answered(answer))
                }
            });
            let connection = server.http2.serve_connection(stream, service);
            tokio::select! {
                _ = watcher.watch(connection) => {}
                () = quiet.for_long() => {}
            }
        }
    }
}

/// How HTTP/2 connections begin (RFC 9113 §3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// How often to look again while what came could become either version.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Waits until it is clear which version the client speaks; `None` where it says nothing in
/// time. The server's own header timeout begins only then, so a client that says nothing
/// would stay for ever.
async fn speaks_within(patience: Duration, stream: &TcpStream) -> Option<Version> {
    let mut first = [0; PREFACE.len()];
    let clear = async {
        loop {
            match stream.peek(&mut first).await {
                Ok(0) | Err(_) => return None,
                Ok(n) if first.get(..n) != PREFACE.get(..n) => return Some(Version::Http1),
                Ok(n) if n == PREFACE.len() => return Some(Version::Http2),
                Ok(_) => tokio::time::sleep(LOOK_AGAIN).await,
            }
        }
    };
    tokio::time::timeout(patience, clear).await.unwrap_or(None)
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt as _;

    use super::*;

    async fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap());
        let (client, server) = tokio::join!(client, listener.accept());
        (client.unwrap(), server.unwrap().0)
    }

    #[tokio::test]
    async fn both_versions_are_heard() {
        for (first, version) in [
            (&b"G"[..], Version::Http1),
            (b"POST / HTTP/1.1", Version::Http1),
            (PREFACE, Version::Http2),
        ] {
            let (mut client, server) = pair().await;
            client.write_all(first).await.unwrap();
            let speaks = speaks_within(HEADER_TIMEOUT, &server).await;
            assert_eq!(speaks, Some(version));
        }
    }

    /// A client that opens a connection and says nothing, or half of how HTTP/2 begins,
    /// is sent away like one that never ends its headers.
    #[tokio::test]
    async fn a_silent_client_is_not_kept() {
        for first in [&b""[..], b"PRI * HTT"] {
            let (mut client, server) = pair().await;
            client.write_all(first).await.unwrap();
            assert_eq!(speaks_within(LOOK_AGAIN, &server).await, None);
        }
    }
}
