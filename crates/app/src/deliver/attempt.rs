//! One attempt: recorded before, made, recorded after.

use domain::kernel::{Instant, Span};
use domain::notice::{Attempt, Message, MessageState};

use crate::Context;
use crate::ports::{Cause, Channel, DeliveryError, Receipt, StoreError, Verdict, Write};
use crate::ways_out::WaysOut;

use super::{LEASE, commit, outcome};

/// How often a lease is renewed while an attempt runs.
const RENEWAL: Span = Span::seconds(10);

/// No attempt takes longer; then its answer counts as lost.
pub const SEND_LIMIT: Span = Span::seconds(150);
/// A message whose answer was lost so often is not sent again where a repeat would show.
const AMBIGUOUS_LIMIT: usize = 2;
const AMBIGUOUS: &str = "ambiguous";

/// Records that an attempt begins with exactly these bytes, makes it, records how it
/// ended.
pub(super) async fn send(
    ctx: &Context,
    ways: &WaysOut,
    channel: &dyn Channel,
    mut message: Message,
) -> Result<(), StoreError> {
    let now = ctx.now();
    message.attempts = message.attempts.saturating_add(1);
    message.state = MessageState::Sending;
    let mut attempt = Attempt {
        message: message.id.clone(),
        number: message.attempts,
        started_at: now,
        ended_at: None,
        outcome: String::new(),
        detail: String::new(),
    };
    let begin = vec![
        Write::FinishMessage(Box::new(message.clone())),
        Write::PutAttempt(attempt.clone()),
    ];
    commit(ctx, begin).await?;
    let answer = tokio::select! {
        answer = hand_over(channel, &message, now) => answer,
        never = keep_lease(ctx, &message) => match never {},
    };
    attempt.ended_at = Some(ctx.now());
    let (outcome, detail) = match &answer {
        Ok(receipt) => ("accepted", receipt.said.clone()),
        Err(error) => (outcome_word(error.verdict), error.to_string()),
    };
    attempt.outcome = outcome.to_owned();
    attempt.detail = detail.chars().take(300).collect();
    outcome::record(ctx, ways, channel, message, attempt, answer).await
}

/// Renews the lease for as long as the attempt runs. Leases are short, so that what a
/// dead process was sending is soon taken up; a send may be long.
async fn keep_lease(ctx: &Context, message: &Message) -> std::convert::Infallible {
    loop {
        tokio::time::sleep(RENEWAL.to_std()).await;
        let mut held = message.clone();
        held.leased_until = Some(ctx.now() + LEASE);
        if let Err(error) = commit(ctx, vec![Write::FinishMessage(Box::new(held))]).await {
            // What is under way cannot be called back; its outcome meets the fence.
            tracing::warn!(message = %message.id, %error, "the lease of a message could not be renewed");
        }
    }
}

async fn hand_over(
    channel: &dyn Channel,
    message: &Message,
    now: Instant,
) -> Result<Receipt, DeliveryError> {
    let payload = message.payload.as_deref().unwrap_or_default();
    let sending = channel.send(&message.id, payload, now);
    match tokio::time::timeout(SEND_LIMIT.to_std(), sending).await {
        Ok(answer) => answer,
        Err(_) => Err(DeliveryError {
            verdict: Verdict::Ambiguous,
            cause: Cause::Timeout,
            detail: "no answer came in time".to_owned(),
        }),
    }
}

const fn outcome_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Retry { .. } | Verdict::RetryTwice => "retry",
        Verdict::Ambiguous => AMBIGUOUS,
        Verdict::GiveUp | Verdict::RecipientGone | Verdict::ChannelBroken => "permanent",
    }
}

/// Ends an attempt that nobody lived to end. Whether too many answers of this message
/// were lost by now to send it again where a repeat would show.
pub(super) async fn close_interrupted(
    ctx: &Context,
    message: &Message,
    now: Instant,
) -> Result<bool, StoreError> {
    if message.attempts == 0 {
        return Ok(false);
    }
    let mut attempts = ctx.store.attempts(&message.id).await?;
    for attempt in attempts.iter_mut().filter(|a| a.ended_at.is_none()) {
        attempt.ended_at = Some(now);
        attempt.outcome = AMBIGUOUS.to_owned();
        attempt.detail = "interrupted before the answer was recorded".to_owned();
        commit(ctx, vec![Write::PutAttempt(attempt.clone())]).await?;
    }
    Ok(lost_answers(&attempts) >= AMBIGUOUS_LIMIT)
}

/// How many answers were lost.
pub(super) fn lost_answers(attempts: &[Attempt]) -> usize {
    attempts.iter().filter(|a| a.outcome == AMBIGUOUS).count()
}

/// Whether another lost answer ends the message where a repeat would show.
pub(super) async fn is_last_ambiguity(
    ctx: &Context,
    message: &Message,
) -> Result<bool, StoreError> {
    let before = ctx.store.attempts(&message.id).await?;
    Ok(lost_answers(&before) + 1 >= AMBIGUOUS_LIMIT)
}
