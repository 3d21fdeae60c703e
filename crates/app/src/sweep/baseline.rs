//! The first import of a source becomes one message a recipient.

use domain::expiry::Subject;
use domain::kernel::SourceId;

use crate::Context;
use crate::ports::{CredentialFilter, CredentialSort, PageRequest, StoreError, Write};

use super::PAGE;

/// The writes that put all credentials of a source on the queue at once. They belong in
/// one commit with the mark that the import is over, so that one pass meets them all.
///
/// # Errors
/// The store's.
pub async fn release_import(ctx: &Context, source: &SourceId) -> Result<Vec<Write>, StoreError> {
    let now = ctx.now();
    let filter = CredentialFilter {
        now,
        source: Some(source.clone()),
        sort: CredentialSort::Name,
        ..CredentialFilter::default()
    };
    let mut request = PageRequest {
        limit: PAGE,
        after: None,
    };
    let mut writes = Vec::new();
    loop {
        let page = ctx.store.list_credentials(&filter, &request).await?;
        let held = page.items.into_iter().map(|(c, _)| c);
        let held = held.filter(|c| c.revoked_at.is_none() && c.gone_at.is_none());
        writes.extend(held.map(|c| Write::DueAtLatest(Subject::Credential(c.id), now)));
        match page.next {
            Some(next) => request.after = Some(next),
            None => return Ok(writes),
        }
    }
}
