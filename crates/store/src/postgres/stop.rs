//! Stops what takes too long in the server, over a connection of its own.

use std::time::Duration;

use deadpool_postgres::ClientWrapper;
use tokio_postgres::NoTls;
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long asking the server to stop may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Asks for an end over the same kind of way as the question went.
#[derive(Clone)]
pub(crate) enum Stopper {
    /// Without TLS.
    InTheClear,
    /// With TLS.
    Encrypted(MakeRustlsConnect),
}

impl Stopper {
    /// Has the server stop what it does for this client, and lets the client go. Nobody
    /// waits for it: if the server does not hear, it has worse to fight with.
    pub(crate) fn stop(&self, client: ClientWrapper) {
        let stopper = self.clone();
        tokio::spawn(async move {
            let token = client.cancel_token();
            let asked = async {
                match stopper {
                    Self::InTheClear => token.cancel_query(NoTls).await,
                    Self::Encrypted(tls) => token.cancel_query(tls).await,
                }
            };
            match tokio::time::timeout(PATIENCE, asked).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "a slow read could not be stopped"),
                Err(_) => tracing::warn!("a slow read could not be stopped in time"),
            }
            drop(client);
        });
    }
}
