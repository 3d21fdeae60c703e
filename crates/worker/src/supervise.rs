//! Starts a loop again when it panics: one bad row must not end all warnings.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How long a loop rests after a panic.
const REST: Duration = Duration::from_secs(1);

/// Runs `body` until `stop`, again after each panic.
pub(crate) fn spawn<F, B>(
    tasks: &mut JoinSet<()>,
    name: &'static str,
    stop: &CancellationToken,
    body: B,
) where
    B: Fn(CancellationToken) -> F + Send + 'static,
    F: Future<Output = ()> + Send,
{
    let stop = stop.clone();
    tasks.spawn(async move {
        while !stop.is_cancelled() {
            match AssertUnwindSafe(body(stop.clone())).catch_unwind().await {
                Ok(()) => return,
                Err(_) => {
                    tracing::error!(worker = name, "a worker panicked and is started again");
                    tokio::time::sleep(REST).await;
                }
            }
        }
    });
}
