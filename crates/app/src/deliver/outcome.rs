//! Records how an attempt ended: in the ledger, in the notices, in the alerts, in what
//! is remembered of the channel.

use domain::kernel::{ChannelId, Instant, Span};
use domain::notice::{
    Attempt, Message, MessageState, Notice, NoticeState, Pace, Pushback, retry_at,
};

use crate::ports::{Cause, Channel, DeliveryError, Receipt, StoreError, Verdict, Write};
use crate::ways_out::{Health, Turn, WaysOut};
use crate::{Context, NoticeOutcome};

use super::fall_over::{self, Why, fall_over};
use super::{attempt, commit, content, release};

/// How often a commit is made again that met a changed alert.
const TRIES: usize = 5;
/// A failure that is likely to stay is tried so often in all.
const STUBBORN: u32 = 3;

/// Records the answer.
pub(super) async fn record(
    ctx: &Context,
    ways: &WaysOut,
    channel: &dyn Channel,
    message: Message,
    attempt: Attempt,
    answer: Result<Receipt, DeliveryError>,
) -> Result<(), StoreError> {
    match answer {
        Ok(receipt) => accepted(ctx, channel, message, attempt, receipt).await,
        Err(error) => failed(ctx, ways, channel, message, attempt, error).await,
    }
}

async fn accepted(
    ctx: &Context,
    channel: &dyn Channel,
    mut message: Message,
    attempt: Attempt,
    receipt: Receipt,
) -> Result<(), StoreError> {
    let now = ctx.now();
    message.state = MessageState::Accepted;
    message.leased_until = None;
    message.receipt = Some(receipt.said);
    message.closed_at = Some(now);
    let writes = vec![
        Write::FinishMessage(Box::new(message.clone())),
        Write::PutAttempt(attempt),
    ];
    close_notices(ctx, channel, &message, writes, now).await?;
    count(ctx, &message, NoticeOutcome::Accepted);
    Health::note(ctx, &message.channel, |_| Health::default()).await?;
    Ok(())
}

/// Marks the notices and, where the channel reaches persons, that they were heard. An
/// alert that changed meanwhile is read again: what was sent must be recorded.
async fn close_notices(
    ctx: &Context,
    channel: &dyn Channel,
    message: &Message,
    mut writes: Vec<Write>,
    now: Instant,
) -> Result<(), StoreError> {
    let person = channel.reaches_persons();
    let state = NoticeState::Accepted {
        channel: message.channel.clone(),
        at: now,
        person,
    };
    let keys = message.notices.iter().cloned();
    writes.extend(keys.map(|key| Write::SetNotice(key, state.clone())));
    let notices = content::notices(ctx, &message.notices).await?;
    for _ in 0..TRIES {
        let mut all = writes.clone();
        if person {
            all.extend(heard(ctx, &notices, now).await?);
        }
        match commit(ctx, all).await {
            // Either an alert was changed, which is read again, or the fence is lost,
            // which the last commit below finds.
            Err(StoreError::Conflict(_)) => {}
            other => return other,
        }
    }
    commit(ctx, writes).await
}

async fn heard(ctx: &Context, notices: &[Notice], now: Instant) -> Result<Vec<Write>, StoreError> {
    let mut alerts = content::alerts(ctx, notices).await?;
    let mut writes = Vec::new();
    for notice in notices.iter().filter(|n| n.resolution.is_none()) {
        let Some(alert) = alerts.remove(&notice.alert) else {
            continue;
        };
        let current = alert.end == notice.end && alert.occurrence <= notice.occurrence;
        if current && alert.heard_at.is_none() && alert.resolved.is_none() {
            let mut alert = alert;
            alert.heard_at = Some(now);
            writes.push(Write::PutAlert(Box::new(alert)));
        }
    }
    Ok(writes)
}

/// What a failure says of its message and of its channel.
struct Failure {
    verdict: Verdict,
    cause: Cause,
    /// The channel delivers nothing now.
    is_failing: bool,
}

async fn failed(
    ctx: &Context,
    ways: &WaysOut,
    channel: &dyn Channel,
    mut message: Message,
    attempt: Attempt,
    error: DeliveryError,
) -> Result<(), StoreError> {
    message.last_error = Some(error.to_string());
    let verdict = harden(error.verdict, message.attempts);
    let turn = blame(ctx, channel.id(), verdict, &error).await?;
    let failure = Failure {
        verdict,
        cause: error.cause,
        is_failing: turn.is_failing(),
    };
    settle(ctx, ways, channel, message, attempt, failure).await?;
    if turn.began_to_fail() {
        fall_over::hurry(ctx, channel.id(), ctx.now()).await?;
    }
    Ok(())
}

/// Tries again later, over another way, or no more.
async fn settle(
    ctx: &Context,
    ways: &WaysOut,
    channel: &dyn Channel,
    mut message: Message,
    attempt: Attempt,
    failure: Failure,
) -> Result<(), StoreError> {
    let (verdict, cause, now) = (failure.verdict, failure.cause, ctx.now());
    let mut writes = vec![Write::PutAttempt(attempt)];
    let retry = match verdict {
        Verdict::Ambiguous if !channel.is_idempotent() => {
            if attempt::is_last_ambiguity(ctx, &message).await? {
                commit(ctx, writes).await?;
                return unconfirmed(ctx, message).await;
            }
            again(ctx, channel, &message, None, cause, now)
        }
        Verdict::Ambiguous | Verdict::RetryTwice => again(ctx, channel, &message, None, cause, now),
        Verdict::Retry { after } => again(ctx, channel, &message, after, cause, now),
        Verdict::GiveUp | Verdict::RecipientGone | Verdict::ChannelBroken => None,
    };
    let Some(at) = retry else {
        commit(ctx, writes).await?;
        return fall_over(ctx, ways, message, why(verdict)).await;
    };
    let certain = verdict != Verdict::Ambiguous;
    if certain && failure.is_failing && fall_over::may_leave(ctx, ways, &message).await? {
        commit(ctx, writes).await?;
        return fall_over(ctx, ways, message, Why::ChannelFailing).await;
    }
    message.not_before = at;
    release(&mut message);
    count(ctx, &message, NoticeOutcome::Retried);
    writes.insert(0, Write::FinishMessage(Box::new(message)));
    commit(ctx, writes).await
}

/// Remembers the failure of the channel, where it is the channel's.
async fn blame(
    ctx: &Context,
    channel: &ChannelId,
    verdict: Verdict,
    error: &DeliveryError,
) -> Result<Turn, StoreError> {
    let (said, now) = (error.to_string(), ctx.now());
    let broken = verdict == Verdict::ChannelBroken;
    Health::note(ctx, channel, |health| {
        if blames_channel(verdict) {
            health.after_failure(broken, &said, now)
        } else {
            health.clone()
        }
    })
    .await
}

fn harden(verdict: Verdict, attempts: u32) -> Verdict {
    match verdict {
        Verdict::RetryTwice if attempts >= STUBBORN => Verdict::ChannelBroken,
        other => other,
    }
}

/// Whether the failure speaks against the channel and not against one message.
const fn blames_channel(verdict: Verdict) -> bool {
    !matches!(verdict, Verdict::GiveUp | Verdict::RecipientGone)
}

const fn why(verdict: Verdict) -> Why {
    match verdict {
        Verdict::RecipientGone => Why::RecipientGone,
        Verdict::ChannelBroken => Why::ChannelBroken,
        Verdict::GiveUp => Why::GaveUp,
        Verdict::Retry { .. } | Verdict::RetryTwice | Verdict::Ambiguous => Why::Late,
    }
}

/// When to try again. The last chance is the deadline itself: there it is seen whether
/// something newer was said meanwhile.
fn again(
    ctx: &Context,
    channel: &dyn Channel,
    message: &Message,
    after: Option<Span>,
    cause: Cause,
    now: Instant,
) -> Option<Instant> {
    let pace = match channel.kind() {
        "email" => Pace::Mail,
        _ => Pace::Post,
    };
    let pushback = Pushback {
        retry_after: after,
        overloaded: matches!(cause, Cause::RateLimited | Cause::Timeout),
    };
    let (attempts, deadline) = (message.attempts, message.deadline);
    let at = retry_at(pace, attempts, pushback, deadline, now, jitter(ctx));
    at.or((now < deadline).then_some(deadline))
}

/// Between -1 and 1.
fn jitter(ctx: &Context) -> f64 {
    let mut bytes = [0_u8; 2];
    ctx.random.fill(&mut bytes);
    f64::from(u16::from_be_bytes(bytes)) / f64::from(u16::MAX) * 2.0 - 1.0
}

/// Perhaps accepted; a further repeat would show, so it ends here and is counted.
pub(super) async fn unconfirmed(ctx: &Context, mut message: Message) -> Result<(), StoreError> {
    let now = ctx.now();
    message.state = MessageState::Unconfirmed;
    message.leased_until = None;
    message.closed_at = Some(now);
    let keys = message.notices.iter().cloned();
    // Nobody knows that it arrived: the alert stays unheard and is said again.
    let failed = |key| Write::SetNotice(key, NoticeState::Failed { at: now });
    let mut writes: Vec<Write> = keys.map(failed).collect();
    writes.insert(0, Write::FinishMessage(Box::new(message.clone())));
    commit(ctx, writes).await?;
    tracing::warn!(message = %message.id, channel = %message.channel, "two answers were lost; nobody knows whether this message arrived");
    count(ctx, &message, NoticeOutcome::Unconfirmed);
    Ok(())
}

fn count(ctx: &Context, message: &Message, outcome: NoticeOutcome) {
    let how_many = u64::try_from(message.notices.len())
        .unwrap_or(u64::MAX)
        .max(1);
    ctx.signals
        .count_notices(&message.channel, outcome, how_many);
}
