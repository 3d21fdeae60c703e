//! What two complete listings lack is gone; unless they lack most of it.

use domain::expiry::Subject;
use domain::inventory::{Credential, State};
use domain::kernel::{Instant, SourceId};

use crate::Context;
use crate::ports::{Changes, CredentialFilter, CredentialSort, PageRequest, StoreError, Write};

const PAGE: u32 = 500;

/// What a complete listing lacked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Lack {
    /// Of what works and is listed.
    pub missing: u64,
    /// How much works and is listed.
    pub of: u64,
    /// Of everything that is listed: what the whole listing before lacked as well.
    pub twice: u64,
}

/// Counts what the listing that began at `began` lacked, and the whole one that began at
/// `before` as well; without one nothing is lacking twice.
pub(super) async fn weigh(
    ctx: &Context,
    source: &SourceId,
    began: Instant,
    before: Option<Instant>,
) -> Result<Lack, StoreError> {
    let mut pages = Pages::of(ctx, source);
    let (mut lack, now) = (Lack::default(), ctx.now());
    while let Some(page) = pages.next(ctx).await? {
        for credential in page {
            let works = matches!(
                credential.state(now),
                State::Active | State::Suspended | State::UnknownEnd
            );
            lack.of += u64::from(works);
            lack.missing += u64::from(works && credential.confirmed_at < began);
            let twice = before.is_some_and(|before| is_unseen(&credential, before));
            lack.twice += u64::from(twice);
        }
    }
    Ok(lack)
}

fn is_unseen(credential: &Credential, since: Instant) -> bool {
    credential.gone_at.is_none() && credential.confirmed_at < since
}

/// Ends what no listing has shown since `since`, page by page, and answers how many. A
/// crash in between leaves the rest to the next whole listing.
pub(crate) async fn gone(
    ctx: &Context,
    source: &SourceId,
    since: Instant,
) -> Result<u64, StoreError> {
    let mut pages = Pages::of(ctx, source);
    let mut closed = 0;
    while let Some(page) = pages.next(ctx).await? {
        let missing = page.into_iter().filter(|c| is_unseen(c, since));
        closed += end(ctx, missing.collect()).await?;
    }
    Ok(closed)
}

async fn end(ctx: &Context, missing: Vec<Credential>) -> Result<u64, StoreError> {
    if missing.is_empty() {
        return Ok(0);
    }
    let now = ctx.now();
    let count = u64::try_from(missing.len()).unwrap_or(u64::MAX);
    let writes = missing.into_iter().flat_map(|mut credential| {
        credential.gone_at = Some(now);
        let due = Write::SetDue(Subject::Credential(credential.id.clone()), Some(now));
        [Write::PutCredential(Box::new(credential)), due]
    });
    let changes = Changes {
        writes: writes.collect(),
        audit: Vec::new(),
    };
    match ctx.store.commit(changes).await {
        Ok(()) => Ok(count),
        // Somebody is changing one of them; the next whole listing lacks them still.
        Err(StoreError::Conflict(_)) => Ok(0),
        Err(error) => Err(error),
    }
}

/// What is listed of a source, a page at a time. What is folded from events is in no
/// listing.
struct Pages {
    filter: CredentialFilter,
    request: Option<PageRequest>,
}

impl Pages {
    fn of(ctx: &Context, source: &SourceId) -> Self {
        let filter = CredentialFilter {
            now: ctx.now(),
            source: Some(source.clone()),
            sort: CredentialSort::Name,
            ..CredentialFilter::default()
        };
        let request = PageRequest {
            limit: PAGE,
            after: None,
        };
        Self {
            filter,
            request: Some(request),
        }
    }

    async fn next(&mut self, ctx: &Context) -> Result<Option<Vec<Credential>>, StoreError> {
        let Some(request) = self.request.take() else {
            return Ok(None);
        };
        let page = ctx.store.list_credentials(&self.filter, &request).await?;
        self.request = page.next.map(|next| PageRequest {
            limit: PAGE,
            after: Some(next),
        });
        let listed = page.items.into_iter().map(|(c, _)| c);
        Ok(Some(listed.filter(|c| c.facts.is_none()).collect()))
    }
}
