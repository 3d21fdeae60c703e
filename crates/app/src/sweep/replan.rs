//! Did the settings change what is due?
//!
//! The instants in the queue were computed with the policies, audience and channels of
//! their time. When these change, everything that is alive is looked at again.

use domain::expiry::Subject;
use domain::inventory::{Credential, State};
use domain::kernel::AuditId;

use crate::Context;
use crate::ports::{CredentialFilter, CredentialSort, PageRequest, StoreError, Write};
use crate::ways_out::WaysOut;

use super::{PAGE, commit};

const FINGERPRINT: &str = "settings_fingerprint";

/// Puts every living credential on the queue if the settings are not those of the last
/// pass; does nothing on a first start.
pub(super) async fn if_settings_changed(ctx: &Context) -> Result<(), StoreError> {
    let settings = ctx.settings.load_full();
    let ways = WaysOut::load(ctx).await?;
    let parts = (
        &settings.policies,
        &settings.audience,
        &settings.owners,
        &settings.watchers,
        ways.ids(),
    );
    let text = format!("{parts:?}");
    // Any id's derivation is a digest; this one is never used as an id.
    let fingerprint = AuditId::derived(&["settings", &text]).to_string();
    let stored = ctx.store.meta(FINGERPRINT).await?;
    if stored.as_deref() == Some(fingerprint.as_str()) {
        return Ok(());
    }
    if stored.is_some() {
        tracing::info!(
            "policies, audience, owners or channels changed; everything is planned again"
        );
        requeue(ctx, &CredentialFilter::default()).await?;
    }
    commit(
        ctx,
        vec![Write::SetMeta(FINGERPRINT.to_owned(), fingerprint)],
    )
    .await
}

/// Puts the living credentials of a selection on the queue.
pub(crate) async fn requeue(ctx: &Context, filter: &CredentialFilter) -> Result<(), StoreError> {
    walk(ctx, filter, |_| true).await
}

/// Puts the living credentials on the queue that are meant.
pub(crate) async fn requeue_matching(
    ctx: &Context,
    is_meant: impl Fn(&Credential) -> bool,
) -> Result<(), StoreError> {
    walk(ctx, &CredentialFilter::default(), is_meant).await
}

async fn walk(
    ctx: &Context,
    filter: &CredentialFilter,
    is_meant: impl Fn(&Credential) -> bool,
) -> Result<(), StoreError> {
    let now = ctx.now();
    let filter = CredentialFilter {
        now,
        states: vec![State::Active, State::Suspended, State::Expired],
        sort: CredentialSort::Name,
        ..filter.clone()
    };
    let mut request = PageRequest {
        limit: PAGE,
        after: None,
    };
    loop {
        let page = ctx.store.list_credentials(&filter, &request).await?;
        let meant = page.items.into_iter().map(|(c, _)| c).filter(&is_meant);
        let subjects = meant.map(|c| Subject::Credential(c.id));
        commit(ctx, subjects.map(|s| Write::DueAtLatest(s, now)).collect()).await?;
        match page.next {
            Some(next) => request.after = Some(next),
            None => return Ok(()),
        }
    }
}
