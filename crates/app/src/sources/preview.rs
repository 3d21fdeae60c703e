//! "How would this source be read?" Shows the beginning, and keeps nothing.

use std::time::Duration;

use domain::inventory::{Listed, Observation};
use tokio::sync::mpsc;

use crate::ports::{Batch, Connector, ConnectorError, Preview, PreviewRow};
use crate::reconcile::as_listed;
use crate::unit::Unit;
use crate::{AppError, Context, Principal};

use super::read::find;

/// Rows that are shown at most.
const ROWS: usize = 20;
/// A source that takes longer to show its beginning cannot be tried.
const PATIENCE: Duration = Duration::from_secs(60);

/// How a try went.
pub type Tried = Result<Preview, ConnectorError>;

/// Reads the beginning of a source and answers how it is understood. Nothing of it is
/// kept. Needs `sources:write`, for it makes Forewarn reach out, and `credentials:read`,
/// for it shows what is there.
///
/// # Errors
/// [`AppError::NotFound`] for a source that is not known; [`AppError::Conflict`] for one
/// that is not read, since others push to it. That it cannot be read is an answer.
pub async fn try_source(ctx: &Context, principal: &Principal, id: &str) -> Result<Tried, AppError> {
    principal.need("sources:write", "to try a source")?;
    let state = find(ctx, id).await?;
    principal.need("credentials:read", "to see what a source tells")?;
    let connectors = ctx.connectors.load_full();
    let Some(connector) = connectors.get(&state.id) else {
        let sentence = format!(
            "source `{}` is not read: others push to it, or the configuration no longer names it",
            state.id
        );
        return Err(AppError::conflict(sentence));
    };
    let mut unit = Unit::of(principal, ctx.now());
    let details = serde_json::json!({});
    unit.audit("source.test", format!("source:{}", state.id), details);
    unit.commit(ctx).await?;
    let tried = tokio::time::timeout(PATIENCE, preview(connector.as_ref())).await;
    let slow = || ConnectorError::Unavailable("nothing came within a minute".to_owned());
    Ok(tried.unwrap_or_else(|_| Err(slow())))
}

async fn preview(connector: &dyn Connector) -> Tried {
    let shown = match connector.preview().await {
        Err(ConnectorError::NoPreview) => sample(connector).await,
        other => other,
    };
    shown.map(|mut preview| {
        preview.rows.truncate(ROWS);
        preview
    })
}

/// The first batch of a read from the beginning, which is then broken off.
async fn sample(connector: &dyn Connector) -> Tried {
    let (sender, mut batches) = mpsc::channel::<Batch>(1);
    let read = connector.read(None, sender);
    let first = async {
        let batch = batches.recv().await;
        // Nobody takes the next one, so that the reader stops.
        drop(batches);
        batch
    };
    let (ended, batch) = tokio::join!(read, first);
    let summary = match ended {
        Ok(summary) => summary,
        Err(ConnectorError::Stopped) if batch.is_some() => Default::default(),
        Err(error) => return Err(error),
    };
    let told = batch.map(|batch| batch.observations).unwrap_or_default();
    let rows = told.iter().filter_map(row).take(ROWS).collect();
    let remarks = summary.remarks;
    Ok(Preview {
        rows,
        remarks,
        complete: summary.complete,
    })
}

fn row(observation: &Observation) -> Option<PreviewRow> {
    let told: Listed = match observation {
        Observation::Listed(told) => (**told).clone(),
        Observation::Refused { told, .. } => (**told).clone(),
        Observation::Event {
            external_id,
            kind,
            facts,
        } => as_listed(external_id, kind, facts)?,
    };
    Some(PreviewRow {
        told,
        raw: Vec::new(),
        withheld: Vec::new(),
    })
}
