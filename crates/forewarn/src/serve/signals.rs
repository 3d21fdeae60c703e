//! SIGTERM and SIGINT stop, SIGHUP reloads.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// What may be heard from outside.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

/// From here on signals are kept for [`Signals::wait`]. Must come before anybody is told
/// that the server runs: until then a reload would end the process.
pub(super) fn listen() -> std::io::Result<Signals> {
    Ok(Signals {
        terminate: signal(SignalKind::terminate())?,
        interrupt: signal(SignalKind::interrupt())?,
        hangup: signal(SignalKind::hangup())?,
    })
}

impl Signals {
    /// Waits until the process is asked to stop, then cancels `stop`. A second request to
    /// stop ends the process at once.
    pub(super) async fn wait(mut self, stop: &CancellationToken, mut reload: impl AsyncFnMut()) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => break,
                _ = self.interrupt.recv() => break,
                _ = self.hangup.recv() => reload().await,
            }
        }
        tracing::info!("stopping; running requests may end");
        stop.cancel();
        tokio::spawn(async move {
            tokio::select! {
                _ = self.terminate.recv() => {}
                _ = self.interrupt.recv() => {}
            }
            tracing::warn!("asked to stop twice; ending at once");
            std::process::exit(130);
        });
    }
}
