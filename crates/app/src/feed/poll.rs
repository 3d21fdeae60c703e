//! Learns what other nodes changed.

use domain::kernel::{Instant, Span};

use super::refresh_standings;
use crate::{AppError, Context};

/// How long a reading may be trusted: P5 promises a second across nodes.
const TRUSTED: Span = Span::seconds(1);
/// Of several nodes revisions commit out of order; so many before the last one read are
/// read again, more than can be under way at once.
const TRAILING: i64 = 1000;

/// Reads what changed since `revision` and answers the revision to go on from. Where
/// several nodes share a database call it several times a second: a node that has not
/// polled for a second answers 503.
///
/// # Errors
/// The store's; the verifier then goes stale by itself.
pub async fn poll_feed(ctx: &Context, revision: i64) -> Result<i64, AppError> {
    let begun = ctx.now();
    let newest = ctx.store.revision().await?;
    if newest == revision && !ctx.store.is_shared() {
        trust(ctx, begun);
        return Ok(revision);
    }
    let from = match ctx.store.is_shared() {
        true => revision.saturating_sub(TRAILING).max(0),
        false => revision,
    };
    let (tokens, others) = ctx.store.tokens_changed_since(from).await?;
    for (credential, token) in &tokens {
        ctx.verifier.put(credential, token);
    }
    if others {
        refresh_standings(ctx).await?;
    }
    trust(ctx, begun);
    Ok(newest.max(revision))
}

/// Trusts what was read from `begun` on, for a while.
pub(super) fn trust(ctx: &Context, begun: Instant) {
    // Who writes alone knows everything, however busy the machine is.
    let until = match ctx.store.is_shared() {
        true => begun.checked_add(TRUSTED).unwrap_or(begun),
        false => Instant::MAX,
    };
    ctx.verifier.trust_until(until);
}
