//! What two complete listings lack is gone.

use domain::expiry::Subject;
use domain::inventory::Credential;
use domain::kernel::Instant;

use crate::Context;
use crate::ports::{CredentialFilter, CredentialSort, PageRequest, SourceState, StoreError, Write};

const PAGE: u32 = 500;

/// What neither the complete listing that began at `began` nor the one before it showed
/// is gone. Without a complete listing before nothing is.
pub(super) async fn gone(
    ctx: &Context,
    source: &SourceState,
    began: Instant,
) -> Result<Vec<Write>, StoreError> {
    let Some(before) = source.complete_at.filter(|before| *before < began) else {
        return Ok(Vec::new());
    };
    let filter = CredentialFilter {
        now: ctx.now(),
        source: Some(source.id.clone()),
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
        let missing = page.items.into_iter().map(|(c, _)| c);
        let missing = missing.filter(|c| {
            // What is folded from events is in no listing.
            c.gone_at.is_none() && c.facts.is_none() && c.confirmed_at < before
        });
        missing.for_each(|c| writes.extend(end(c, ctx.now())));
        match page.next {
            Some(next) => request.after = Some(next),
            None => return Ok(writes),
        }
    }
}

fn end(mut credential: Credential, now: Instant) -> [Write; 2] {
    credential.gone_at = Some(now);
    let due = Write::SetDue(Subject::Credential(credential.id.clone()), Some(now));
    [Write::PutCredential(Box::new(credential)), due]
}
