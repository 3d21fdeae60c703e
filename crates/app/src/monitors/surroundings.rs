//! What a look at monitors needs beside them: what they depend on, and when nobody could
//! have been heard.

use std::collections::{BTreeMap, BTreeSet};

use domain::inventory::{Credential, Monitor, Outage};
use domain::kernel::{CredentialId, Instant, MonitorId};

use crate::Context;
use crate::ports::{Changes, StoreError, Write};

/// Until when a process is known to have listened.
const LISTENED: &str = "listened_until";
/// Rows asked for at once.
const CHUNK: usize = 500;

/// The monitors of these ids, with what was heard and is not written down yet.
pub(crate) async fn load_all(ctx: &Context, ids: &[MonitorId]) -> Result<Vec<Monitor>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut monitors = ctx.store.monitors_of(ids).await?;
    monitors.iter_mut().for_each(|m| ctx.pings.freshen(m));
    Ok(monitors)
}

/// The credentials that monitors depend on, as far as they exist.
pub(crate) async fn depended_on(
    ctx: &Context,
    monitors: impl Iterator<Item = &Monitor>,
) -> Result<BTreeMap<CredentialId, Credential>, StoreError> {
    let ids: BTreeSet<&CredentialId> = monitors.flat_map(|m| &m.depends_on).collect();
    let ids: Vec<CredentialId> = ids.into_iter().cloned().collect();
    let mut found = BTreeMap::new();
    for chunk in ids.chunks(CHUNK) {
        let credentials = ctx.store.credentials_of(chunk).await?;
        found.extend(credentials.into_iter().map(|c| (c.id.clone(), c)));
    }
    Ok(found)
}

/// When nobody could have been heard before this process listened: from the last word of
/// the one before it. Asked once; `None` on a first start.
pub(crate) async fn outage(ctx: &Context) -> Result<Option<Outage>, StoreError> {
    if let Some(known) = ctx.outage.get() {
        return Ok(*known);
    }
    let kept = ctx.store.meta(LISTENED).await?;
    let from = kept
        .and_then(|text| text.parse().ok())
        .map(Instant::from_micros);
    let until = ctx.now();
    // An instant in the future was written by a clock that has been set right since.
    let outage = from
        .filter(|from| *from < until)
        .map(|from| Outage { from, until });
    Ok(*ctx.outage.get_or_init(|| outage))
}

/// Remembers that integrations could be heard until now.
pub(crate) fn listening(now: Instant) -> Write {
    Write::SetMeta(LISTENED.to_owned(), now.as_micros().to_string())
}

/// The last word before the process ends.
///
/// # Errors
/// The store's.
pub async fn stop_listening(ctx: &Context) -> Result<(), StoreError> {
    let writes = vec![listening(ctx.now())];
    let audit = Vec::new();
    ctx.store.commit(Changes { writes, audit }).await
}
