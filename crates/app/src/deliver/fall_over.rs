//! A way failed: what is still true goes over the recipient's next way, or has failed.

use std::collections::BTreeSet;

use domain::kernel::{ChannelId, Instant, MessageId, Span};
use domain::notice::{Message, MessageKind, MessageState, Notice, NoticeState, deadline, ways};

use crate::ports::{MessageFilter, PageRequest, StoreError, Write};
use crate::ways_out::WaysOut;
use crate::{Context, NoticeOutcome};

use super::claimed::{close_superseded, sift};
use super::{attempt, commit, exhausted, requeue};

/// Why this way failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// The deadline passed, or no further attempt fits before it.
    Late,
    /// The message itself was refused.
    GaveUp,
    /// The recipient has no address for this channel.
    NoAddress,
    /// The mailbox does not exist any more.
    RecipientGone,
    /// The channel refuses everybody.
    ChannelBroken,
    /// The channel delivers nothing at present, and another way does.
    ChannelFailing,
    /// The channel is no longer configured.
    ChannelRemoved,
}

impl Why {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Late => "its time ran out",
            Self::GaveUp => "it was refused",
            Self::NoAddress => "there is no address",
            Self::RecipientGone => "the recipient is gone",
            Self::ChannelBroken => "the channel is broken",
            Self::ChannelFailing => "the channel delivers nothing at present",
            Self::ChannelRemoved => "the channel is no longer configured",
        }
    }
}

/// Closes the message as failed and says what is still true over the next way.
pub(super) async fn fall_over(
    ctx: &Context,
    around: &WaysOut,
    message: Message,
    why: Why,
) -> Result<(), StoreError> {
    let now = ctx.now();
    if why == Why::RecipientGone {
        requeue::mark_bounced(ctx, &message.recipient, now).await?;
    }
    let (live, mut writes) = sift(ctx, &message, now).await?;
    if live.is_empty() && !message.kind.is_trial() {
        return close_superseded(ctx, &message, writes, now).await;
    }
    let next = match message.kind {
        // A test is of this channel and no other; only a letter can ask.
        MessageKind::Test | MessageKind::Proof | MessageKind::Question => None,
        _ => next_way(ctx, around, &message, &live).await?,
    };
    writes.insert(
        0,
        Write::FinishMessage(Box::new(closed(&message, why, now))),
    );
    let count = u64::try_from(live.len()).unwrap_or(u64::MAX);
    match next {
        Some(channel) => writes.push(carried_over(&message, &live, channel, now)),
        None => {
            let failed =
                |n: &Notice| Write::SetNotice(n.key.clone(), NoticeState::Failed { at: now });
            writes.extend(live.iter().map(failed));
            if !message.kind.is_trial() {
                writes.extend(exhausted::note(&message, why.as_str(), now));
            }
        }
    }
    commit(ctx, writes).await?;
    tracing::warn!(message = %message.id, channel = %message.channel, why = why.as_str(), "a way out failed for this message");
    ctx.signals
        .count_notices(&message.channel, NoticeOutcome::Failed, count);
    ctx.delivery_wanted.notify_one();
    ctx.sweep_wanted.notify_one();
    Ok(())
}

fn closed(message: &Message, why: Why, now: Instant) -> Message {
    let mut closed = message.clone();
    closed.state = MessageState::Failed;
    closed.leased_until = None;
    closed.closed_at = Some(now);
    if closed.last_error.is_none() {
        closed.last_error = Some(why.as_str().to_owned());
    }
    closed
}

/// A new message with the same notices; its id follows from the failed one's, so that a
/// crash makes it once.
fn carried_over(message: &Message, live: &[Notice], channel: ChannelId, now: Instant) -> Write {
    let id = MessageId::derived(&[message.id.as_str(), channel.as_str()]);
    let due = live
        .iter()
        .map(|n| deadline(n.step, None, n.end, now))
        .min();
    Write::AddMessage(Box::new(Message {
        id,
        channel,
        kind: message.kind,
        recipient: message.recipient.clone(),
        sweep: message.sweep.clone(),
        notices: live.iter().map(|n| n.key.clone()).collect(),
        state: MessageState::Queued,
        not_before: now,
        rides: false,
        deadline: due.unwrap_or(now + Span::days(1)),
        attempts: 0,
        leased_until: None,
        fence: 0,
        payload: None,
        receipt: None,
        last_error: None,
        created_at: now,
        closed_at: None,
    }))
}

/// Whether it need not wait for a channel that delivers nothing: another way works that it
/// has not gone yet, and nobody can have got it already.
pub(super) async fn may_leave(
    ctx: &Context,
    around: &WaysOut,
    message: &Message,
) -> Result<bool, StoreError> {
    if message.attempts == 0 || message.kind.is_trial() {
        return Ok(false);
    }
    let attempts = ctx.store.attempts(&message.id).await?;
    if attempt::lost_answers(&attempts) > 0 {
        return Ok(false);
    }
    let (live, _) = sift(ctx, message, ctx.now()).await?;
    let next = next_way(ctx, around, message, &live).await?;
    Ok(next.is_some_and(|way| !around.health(&way).is_failing()))
}

/// What was tried over a channel that delivers nothing has its turn now, so that it goes
/// another way where there is one.
pub(super) async fn hurry(
    ctx: &Context,
    channel: &ChannelId,
    now: Instant,
) -> Result<(), StoreError> {
    let filter = MessageFilter {
        state: Some(MessageState::Queued),
        channel: Some(channel.clone()),
        ..MessageFilter::default()
    };
    let mut request = PageRequest {
        limit: 200,
        after: None,
    };
    loop {
        let page = ctx.store.list_messages(&filter, &request).await?;
        for message in page.items {
            hurry_one(ctx, message, now).await?;
        }
        request.after = page.next;
        if request.after.is_none() {
            return Ok(());
        }
    }
}

async fn hurry_one(ctx: &Context, mut message: Message, now: Instant) -> Result<(), StoreError> {
    if message.attempts == 0 || message.not_before <= now {
        return Ok(());
    }
    message.not_before = now;
    match commit(ctx, vec![Write::FinishMessage(Box::new(message))]).await {
        // Somebody holds it: its turn has come.
        Err(StoreError::Conflict(_)) => Ok(()),
        other => other,
    }
}

/// The recipient's next way that these notices have not gone yet.
async fn next_way(
    ctx: &Context,
    around: &WaysOut,
    message: &Message,
    live: &[Notice],
) -> Result<Option<ChannelId>, StoreError> {
    let tried = tried(ctx, message, live).await?;
    let about = live.iter().find_map(|n| match &n.subject {
        domain::expiry::Subject::Channel(id) => Some(id.clone()),
        _ => None,
    });
    let ways = ways(&message.recipient, &around.facts());
    // What says that a channel is dead does not leave over that channel.
    let open = |way: &ChannelId| !tried.contains(way) && Some(way) != about.as_ref();
    Ok(ways.into_iter().find(open))
}

async fn tried(
    ctx: &Context,
    message: &Message,
    live: &[Notice],
) -> Result<BTreeSet<ChannelId>, StoreError> {
    let mut tried = BTreeSet::from([message.channel.clone()]);
    let Some(notice) = live.first() else {
        return Ok(tried);
    };
    let filter = MessageFilter {
        alert: Some(notice.alert.clone()),
        ..MessageFilter::default()
    };
    let page = PageRequest {
        limit: 200,
        after: None,
    };
    let messages = ctx.store.list_messages(&filter, &page).await?.items;
    let same = messages
        .into_iter()
        .filter(|m| m.recipient == message.recipient && m.notices.contains(&notice.key));
    tried.extend(same.map(|m| m.channel));
    Ok(tried)
}
