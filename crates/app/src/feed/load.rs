//! Fills the verifier at the start.

use super::poll::trust;
use super::restate::Restating;
use super::{Followed, refresh_standings};
use crate::{AppError, Context};

const PAGE: u32 = 1000;

/// Reads all tokens, roles and owners into the verifier and sets right what a crash
/// left behind (effective scopes, suspensions). Call once, before listening. Answers how
/// many tokens were loaded, and from where to follow. Where other nodes write too,
/// what was read is trusted as briefly as what a poll reads: a start takes its time, and
/// what is revoked meanwhile must not be taken for good (P5).
///
/// # Errors
/// The store's; [`AppError::Corrupt`] when a token was made with a key that is not in
/// the key file. Do not serve then.
pub async fn load_index(ctx: &Context) -> Result<(u64, Followed), AppError> {
    let begun = ctx.now();
    // Read before the tokens: what changes meanwhile is read again, never missed.
    let mark = ctx.store.feed_mark().await?;
    refresh_standings(ctx).await?;
    let restating = Restating::begin(ctx).await?;
    let mut outcome = Ok(());
    let mut loaded = 0;
    let mut after = None;
    loop {
        let tokens = ctx.store.tokens_after(after.as_ref(), PAGE).await?;
        for (credential, token) in &tokens {
            if !ctx.verifier.keys().holds(token.key_version) {
                return Err(missing_key(token.key_version));
            }
            ctx.verifier.put(credential, token);
            loaded += 1;
        }
        match tokens.last() {
            Some((_, token)) => after = Some(token.id.clone()),
            None => break,
        }
        // The same walk sets the rows right: over ten million a second one takes a minute.
        outcome = outcome.and(restating.these(ctx, tokens).await);
    }
    match outcome {
        Ok(()) => told_of(restating.end(ctx).await),
        failed => told_of(failed),
    }
    trust(ctx, begun);
    Ok((loaded, Followed::behind(mark)))
}

/// Lists are a little off then, which is no reason not to serve.
fn told_of(outcome: Result<(), AppError>) {
    if let Err(error) = outcome {
        tracing::warn!(%error, "effective scopes could not all be written down; the next change of a role or an owner tries again");
    }
}

/// F32: without its key a token cannot be verified, and a new key would not help.
fn missing_key(version: u32) -> AppError {
    AppError::Corrupt(format!(
        "tokens were made with key {version}, which is not in the key file; restore the key file that belongs to this database"
    ))
}
