//! One step of the conversation, bounded in time; and what its failure means.

use std::future::Future;
use std::time::Duration;

use app::ports::{Cause, DeliveryError};
use lettre::transport::smtp::Error;
use tokio::time::timeout;

use super::reply::{Stage, refused, silent};

pub(super) async fn step<T>(
    limit: Duration,
    stage: Stage,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, DeliveryError> {
    match timeout(limit, work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(failed(stage, &error)),
        Err(_) => Err(time_is_up(stage)),
    }
}

pub(super) async fn step_plain<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, DeliveryError>>,
) -> Result<T, DeliveryError> {
    timeout(limit, work)
        .await
        .unwrap_or_else(|_| Err(time_is_up(Stage::Hello)))
}

pub(super) fn failed(stage: Stage, error: &Error) -> DeliveryError {
    let words =
        std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
    match error.status() {
        Some(code) => refused(stage, code.into(), &words),
        None if error.is_response() => silent(stage, Cause::Server, &words),
        None => silent(stage, Cause::Unreachable, &words),
    }
}

pub(super) fn time_is_up(stage: Stage) -> DeliveryError {
    silent(stage, Cause::Timeout, "time was up")
}
