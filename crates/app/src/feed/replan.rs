//! Has the next sweep look at credentials whose people changed.

use crate::ports::{CredentialFilter, PageRequest};
use crate::unit::Unit;
use crate::{AppError, Context};

const PAGE: u32 = 200;

/// Has the next sweep look at every credential of a filter: whoever hears of them now
/// may be somebody else.
pub(crate) async fn replan(ctx: &Context, filter: CredentialFilter) -> Result<(), AppError> {
    let filter = CredentialFilter {
        now: ctx.now(),
        ..filter
    };
    let mut page = PageRequest {
        limit: PAGE,
        after: None,
    };
    loop {
        let found = ctx.store.list_credentials(&filter, &page).await?;
        let mut unit = Unit::by("system", ctx.now());
        for (credential, _) in &found.items {
            unit.look_at(&credential.id);
        }
        if !found.items.is_empty() {
            unit.commit(ctx).await?;
        }
        page.after = found.next;
        if page.after.is_none() {
            return Ok(());
        }
    }
}
