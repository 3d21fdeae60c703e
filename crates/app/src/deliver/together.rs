//! What waits for one recipient goes together.
//!
//! Digests of two sweeps for one window, what the cap held back, what piled up: messages
//! to one recipient over one channel whose turn has come join before the first attempt, and
//! what only says that something is over goes along with whatever is sent first.
//! Delays and gathers; never drops. Shared channels are told one message a sweep, for
//! programs and tickets want each by itself.

use domain::kernel::{Instant, Span};
use domain::notice::{Message, MessageKind, MessageState};
use domain::people::Recipient;

use crate::Context;
use crate::ports::{StoreError, Write};

use super::{commit, release};

/// A recipient who was sent so many messages in an hour is sent one at most in every
/// [`GATHER`] from then on; what comes meanwhile waits and is gathered.
pub const PER_HOUR: u32 = 20;
/// So long is gathered for whoever was sent enough.
pub const GATHER: Span = Span::minutes(5);
/// So many messages join one at once.
const JOINED_MAX: u32 = 200;
const HOUR: Span = Span::hours(1);
/// What has less time than this when its turn would come does not wait for it.
const MARGIN: Span = Span::minutes(15);

/// Of the messages just claimed those that remain, with what goes along in each.
pub(super) async fn join(ctx: &Context, claimed: Vec<Message>) -> Result<Vec<Message>, StoreError> {
    let now = ctx.now();
    let mut remaining: Vec<Message> = Vec::with_capacity(claimed.len());
    let mut others: Vec<(usize, Message)> = Vec::new();
    for message in claimed {
        let first = remaining.iter().position(|m| go_together(m, &message));
        match first {
            Some(first) => others.push((first, message)),
            None => remaining.push(message),
        }
    }
    for (index, message) in remaining.iter_mut().enumerate() {
        if !may_join(message) {
            continue;
        }
        let (mine, rest) = others.into_iter().partition(|(first, _)| *first == index);
        others = rest;
        let mine: Vec<Message> = mine.into_iter().map(|(_, message)| message).collect();
        take_along(ctx, message, mine, now).await?;
    }
    Ok(remaining)
}

/// Whether nobody can have seen it, and it is for people.
fn may_join(message: &Message) -> bool {
    let people = !matches!(message.recipient, Recipient::Channel(_));
    people && !message.kind.is_trial() && message.attempts == 0 && message.payload.is_none()
}

fn go_together(one: &Message, other: &Message) -> bool {
    let same = one.recipient == other.recipient && one.channel == other.channel;
    same && one.kind == other.kind && may_join(one) && may_join(other)
}

/// Adds what the others carry, also of those that nobody has claimed yet, and closes them,
/// all in one commit. Whoever was quicker keeps theirs: then each goes by itself.
async fn take_along(
    ctx: &Context,
    message: &mut Message,
    mut others: Vec<Message>,
    now: Instant,
) -> Result<(), StoreError> {
    let (to, over) = (&message.recipient, &message.channel);
    let always = Instant::MAX;
    let waiting = ctx.store.waiting_with(to, over, always, JOINED_MAX).await?;
    let along = |m: &Message| (m.not_before <= now || m.rides) && go_together(message, m);
    others.extend(waiting.into_iter().filter(along));
    if others.is_empty() {
        return Ok(());
    }
    let mut whole = message.clone();
    let mut writes = Vec::with_capacity(others.len() + 1);
    for other in &others {
        let known: std::collections::BTreeSet<_> = whole.notices.iter().cloned().collect();
        let new = other.notices.iter().filter(|key| !known.contains(key));
        whole.notices.extend(new.cloned());
        whole.deadline = whole.deadline.min(other.deadline);
        writes.push(Write::FinishMessage(Box::new(joined(other, now))));
    }
    writes.insert(0, Write::FinishMessage(Box::new(whole.clone())));
    match commit(ctx, writes).await {
        Ok(()) => {
            *message = whole;
            Ok(())
        }
        Err(StoreError::Conflict(_)) => put_back(ctx, others).await,
        Err(other) => Err(other),
    }
}

/// What was claimed with it goes by itself: its turn comes again at once.
async fn put_back(ctx: &Context, others: Vec<Message>) -> Result<(), StoreError> {
    let held = |m: &Message| m.state == MessageState::Sending;
    for mut message in others.into_iter().filter(held) {
        release(&mut message);
        match commit(ctx, vec![Write::FinishMessage(Box::new(message))]).await {
            Ok(()) | Err(StoreError::Conflict(_)) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(())
}

fn joined(message: &Message, now: Instant) -> Message {
    let mut joined = message.clone();
    joined.state = MessageState::Joined;
    joined.leased_until = None;
    joined.closed_at = Some(now);
    joined
}

/// Until when a message waits because its recipient was sent as much as anybody reads in an
/// hour; `None`: it goes. What would be too late by then goes now.
pub(super) async fn held_until(
    ctx: &Context,
    message: &Message,
    now: Instant,
) -> Result<Option<Instant>, StoreError> {
    if !may_join(message) || message.kind != MessageKind::Notices {
        return Ok(None);
    }
    let (to, over) = (&message.recipient, Some(&message.channel));
    let recent = ctx
        .store
        .accepted_since(to, over, now - HOUR, PER_HOUR)
        .await?;
    let full = recent.len() >= PER_HOUR as usize;
    let Some(newest) = recent.first().filter(|_| full) else {
        return Ok(None);
    };
    // What a clock that was ahead wrote holds nothing back for long.
    let opens = (*newest).min(now) + GATHER;
    Ok((now < opens && opens + MARGIN < message.deadline).then_some(opens))
}
