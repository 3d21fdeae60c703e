//! Learns what other nodes changed.

use domain::kernel::{Instant, Span};

use super::{Followed, refresh_standings};
use crate::{AppError, Context};

/// How long a reading may be trusted: P5 promises a second across nodes.
const TRUSTED: Span = Span::seconds(1);

/// Reads what is not known yet and notes that it was. Where several nodes share a database
/// call it several times a second: a node that has not polled for a second answers 503.
///
/// # Errors
/// The store's; the verifier then goes stale by itself.
pub async fn poll_feed(ctx: &Context, followed: &mut Followed) -> Result<(), AppError> {
    let begun = ctx.now();
    let now = ctx.store.feed_mark().await?;
    let known = followed.known(&now);
    if now.revision > known {
        read_after(ctx, known).await?;
    }
    followed.note(now);
    trust(ctx, begun);
    Ok(())
}

async fn read_after(ctx: &Context, known: i64) -> Result<(), AppError> {
    let (tokens, others) = ctx.store.tokens_changed_after(known).await?;
    for (credential, token) in &tokens {
        ctx.verifier.put(credential, token);
    }
    if others {
        refresh_standings(ctx).await?;
    }
    Ok(())
}

/// Trusts what was read from `begun` on, for a while.
pub(super) fn trust(ctx: &Context, begun: Instant) {
    // Who writes alone knows everything, however busy the machine is.
    if !ctx.store.is_shared() {
        return ctx
            .verifier
            .trust(Instant::from_micros(i64::MIN), Instant::MAX);
    }
    // A clock that was set back says nothing about how old this is.
    let from = begun - TRUSTED;
    let until = begun.checked_add(TRUSTED).unwrap_or(begun);
    ctx.verifier.trust(from, until);
}
