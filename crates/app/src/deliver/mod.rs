//! Hands messages to their channels and keeps the ledger of it.
//!
//! A message is claimed, its attempt and frozen bytes are committed, it is sent outside
//! any transaction, and the outcome is committed under the fence of the claim. A crash
//! in between repeats at most one message, byte for byte, with the same id.

mod attempt;
mod claimed;
mod content;
mod exhausted;
mod fall_over;
mod ledger;
mod outcome;
mod requeue;
mod test;
mod together;
mod upkeep;

pub use attempt::SEND_LIMIT;
pub(crate) use content::addressee;
pub use exhausted::last_exhausted;
pub use ledger::{list_messages, message};
pub use test::test_channel;
pub use together::{GATHER, PER_HOUR};
pub use upkeep::keep_up;

use domain::kernel::{ChannelId, Instant, Span};
use domain::notice::{Message, MessageState};

use crate::Context;
use crate::ports::{Changes, Claim, MessageFilter, PageRequest, StoreError, Write};

/// How long a claim holds without being renewed; while an attempt runs it is. So long
/// waits what a dead process was sending.
pub const LEASE: Span = Span::seconds(40);

/// Takes up to `limit` messages whose turn has come, none over the channels `but`, and with
/// them what goes along.
///
/// # Errors
/// The store's.
pub async fn claim(
    ctx: &Context,
    limit: u32,
    but: Vec<ChannelId>,
) -> Result<Vec<Message>, StoreError> {
    let now = ctx.now();
    let claim = Claim {
        now,
        lease_until: now + LEASE,
        limit,
        but,
    };
    let claimed = ctx.store.claim_messages(claim).await?;
    together::join(ctx, claimed).await
}

/// Carries one claimed message as far as it goes now. Never fails for good: what cannot
/// be recorded is claimed again when the lease ends.
///
/// # Errors
/// The store's; the message stays leased.
pub async fn deliver(ctx: &Context, message: Message) -> Result<(), StoreError> {
    match claimed::carry(ctx, message).await {
        // Somebody with a newer fence has it; it is theirs to record.
        Err(StoreError::Conflict(_)) => Ok(()),
        other => other,
    }
}

/// Puts a claimed message back because its channel is busy.
///
/// # Errors
/// The store's.
pub async fn put_back(ctx: &Context, message: Message, wait: Span) -> Result<(), StoreError> {
    put_back_until(ctx, message, ctx.now() + wait).await
}

/// Its turn comes at `turn`.
async fn put_back_until(
    ctx: &Context,
    mut message: Message,
    turn: Instant,
) -> Result<(), StoreError> {
    message.not_before = turn;
    release(&mut message);
    match commit(ctx, vec![Write::FinishMessage(Box::new(message))]).await {
        Err(StoreError::Conflict(_)) => Ok(()),
        other => other,
    }
}

/// Takes over what a process that is gone was sending, without waiting for its leases to
/// end. Only for the one process that can be using the store.
///
/// # Errors
/// The store's.
pub async fn take_over(ctx: &Context) -> Result<u64, StoreError> {
    let filter = MessageFilter {
        state: Some(MessageState::Sending),
        ..MessageFilter::default()
    };
    let mut request = PageRequest {
        limit: 200,
        after: None,
    };
    let mut count = 0;
    loop {
        let page = ctx.store.list_messages(&filter, &request).await?;
        for mut message in page.items {
            message.leased_until = Some(ctx.now());
            commit(ctx, vec![Write::FinishMessage(Box::new(message))]).await?;
            count += 1;
        }
        match page.next {
            Some(next) => request.after = Some(next),
            None => return Ok(count),
        }
    }
}

/// Back to waiting, held by nobody.
fn release(message: &mut Message) {
    message.state = MessageState::Queued;
    message.leased_until = None;
}

async fn commit(ctx: &Context, writes: Vec<Write>) -> Result<(), StoreError> {
    let audit = Vec::new();
    ctx.store.commit(Changes { writes, audit }).await
}
