//! The dead-man's switch: a ping after each complete sweep.

use async_trait::async_trait;
use egress::{Egress, Request, Target, Trust};
use http::Method;

use crate::cli::CliError;

/// Pings a URL of the operator's.
pub(super) struct Ping {
    egress: Egress,
    target: Target,
}

impl Ping {
    /// The URL may hold a secret and is never repeated.
    pub(super) fn new(egress: &Egress, url: &str) -> Result<Self, CliError> {
        let target = egress
            .target(url, Trust::Trusted)
            .map_err(|e| CliError::failed(format!("notifier.heartbeat_url: {e}")))?;
        Ok(Self {
            egress: egress.clone(),
            target,
        })
    }
}

#[async_trait]
impl worker::Heartbeat for Ping {
    async fn beat(&self) {
        let request = Request::new(Method::GET, self.target.clone());
        match self.egress.send(request, Trust::Trusted).await {
            Ok(response) if (200..300).contains(&response.status) => {}
            Ok(response) => {
                tracing::warn!(status = response.status, "the heartbeat was not accepted");
            }
            Err(error) => tracing::warn!(%error, "the heartbeat did not get out"),
        }
    }
}
