//! How the sources do.

use domain::inventory::State;
use domain::kernel::SourceId;

use crate::ports::{CredentialFilter, SourceState};
use crate::{AppError, Context, Principal, Underway};

/// A source as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceItem {
    /// What is remembered of it; its remarks are those of now.
    pub state: SourceState,
    /// The read that is under way.
    pub underway: Option<Underway>,
}

/// All sources that are known, by id. Needs `sources:read`.
///
/// # Errors
/// [`AppError::Forbidden`].
pub async fn list_sources(
    ctx: &Context,
    principal: &Principal,
) -> Result<Vec<SourceItem>, AppError> {
    principal.need("sources:read", "to see the sources")?;
    let mut sources = ctx.store.sources().await?;
    sources.sort_by(|a, b| a.id.cmp(&b.id));
    let items = sources.into_iter().map(|state| SourceItem::of(ctx, state));
    Ok(items.collect())
}

/// How many credentials of a source work, or would if their owner did. Needs
/// `sources:read`.
///
/// # Errors
/// [`AppError::Forbidden`], the store's.
pub async fn count_of_source(
    ctx: &Context,
    principal: &Principal,
    source: &SourceId,
) -> Result<u64, AppError> {
    principal.need("sources:read", "to see the sources")?;
    let filter = CredentialFilter {
        now: ctx.now(),
        states: vec![State::Active, State::Suspended, State::UnknownEnd],
        source: Some(source.clone()),
        ..CredentialFilter::default()
    };
    Ok(ctx.store.count_credentials(&filter).await?)
}

/// One source. Needs `sources:read`.
///
/// # Errors
/// [`AppError::NotFound`] for a source that is not known.
pub async fn get_source(
    ctx: &Context,
    principal: &Principal,
    id: &str,
) -> Result<SourceItem, AppError> {
    principal.need("sources:read", "to see the sources")?;
    Ok(SourceItem::of(ctx, find(ctx, id).await?))
}

impl SourceItem {
    /// As it is at this moment.
    pub fn of(ctx: &Context, mut state: SourceState) -> Self {
        state.remarks = state.remarks_at(ctx.now());
        let underway = ctx.readings.of(&state.id);
        Self { state, underway }
    }
}

/// What is remembered of a source.
pub(super) async fn find(ctx: &Context, id: &str) -> Result<SourceState, AppError> {
    let shown = crate::error::shown(id);
    let unknown = || AppError::not_found(format!("source `{shown}`"));
    let key = SourceId::parse(id).map_err(|_| unknown())?;
    ctx.store.source(&key).await?.ok_or_else(unknown)
}
