//! What is to become of a claimed message: sent, sent again, dropped, or carried over.

use domain::kernel::{Instant, Span};
use domain::notice::{
    Message, MessageKind, MessageState, Notice, NoticeState, deadline, still_true,
};

use crate::ports::{MessageContent, RenderError, StoreError, Write};
use crate::ways_out::WaysOut;
use crate::{Context, NoticeOutcome};

use super::fall_over::{Why, fall_over, may_leave};
use super::{attempt, commit, content, outcome, put_back_until, together};

/// Carries a claimed message as far as it goes now.
pub(super) async fn carry(ctx: &Context, mut message: Message) -> Result<(), StoreError> {
    let ways = WaysOut::load(ctx).await?;
    let now = ctx.now();
    let Some(channel) = ways.channel(&message.channel).cloned() else {
        return fall_over(ctx, &ways, message, Why::ChannelRemoved).await;
    };
    if attempt::close_interrupted(ctx, &message, now).await? && !channel.is_idempotent() {
        return outcome::unconfirmed(ctx, message).await;
    }
    let circuit_open = ways.health(&message.channel).is_open_circuit(now);
    if circuit_open && has_other_way(&ways, &message) {
        return fall_over(ctx, &ways, message, Why::ChannelBroken).await;
    }
    if message.payload.is_some() {
        if message.deadline <= now {
            return fall_over(ctx, &ways, message, Why::Late).await;
        }
        if !is_still_said(ctx, &mut message, now).await? {
            return Ok(());
        }
    }
    let failing = ways.health(&message.channel).is_failing();
    if failing && may_leave(ctx, &ways, &message).await? {
        return fall_over(ctx, &ways, message, Why::ChannelFailing).await;
    }
    if let Some(opens) = together::held_until(ctx, &message, now).await? {
        return put_back_until(ctx, message, opens).await;
    }
    if message.payload.is_none() {
        let Some(content) = refresh(ctx, &mut message, now).await? else {
            return Ok(());
        };
        match channel.render(&content) {
            Ok(payload) => message.payload = Some(payload),
            Err(error) => {
                message.last_error = Some(error.to_string());
                let why = match error {
                    RenderError::NoAddress => Why::NoAddress,
                    RenderError::Unsayable(_) => Why::GaveUp,
                };
                return fall_over(ctx, &ways, message, why).await;
            }
        }
    }
    attempt::send(ctx, &ways, channel.as_ref(), message).await
}

fn has_other_way(ways: &WaysOut, message: &Message) -> bool {
    let ways = domain::notice::ways(&message.recipient, &ways.facts());
    ways.iter().any(|way| *way != message.channel)
}

/// Before a further attempt: whether anything in it still stands; if not it is closed.
/// Where a part does not, the bytes are made anew without it, unless somebody may have got
/// them: then a repetition must be recognised as one.
async fn is_still_said(
    ctx: &Context,
    message: &mut Message,
    now: Instant,
) -> Result<bool, StoreError> {
    if message.kind.is_trial() {
        return Ok(true);
    }
    let (live, over) = sift(ctx, message, now).await?;
    if live.is_empty() {
        close_superseded(ctx, message, over, now).await?;
        return Ok(false);
    }
    if !over.is_empty() {
        let attempts = ctx.store.attempts(&message.id).await?;
        if attempt::lost_answers(&attempts) == 0 {
            message.payload = None;
        }
    }
    Ok(true)
}

/// Before the first attempt: drops what is no longer true and gathers what is still to
/// be said. `None` when nothing is: the message is closed then.
async fn refresh(
    ctx: &Context,
    message: &mut Message,
    now: Instant,
) -> Result<Option<MessageContent>, StoreError> {
    if message.kind == MessageKind::Question {
        let asked = content::question(ctx, message, now).await?;
        if asked.is_none() {
            close_superseded(ctx, message, Vec::new(), now).await?;
        }
        return Ok(asked);
    }
    let (live, writes) = sift(ctx, message, now).await?;
    let empty = live.is_empty() && !message.kind.is_trial();
    message.notices = live.iter().map(|n| n.key.clone()).collect();
    if empty {
        close_superseded(ctx, message, writes, now).await?;
        return Ok(None);
    }
    if !writes.is_empty() {
        commit(ctx, writes).await?;
    }
    if !live.is_empty() {
        message.deadline = soonest_deadline(message, &live, now);
    }
    content::content(ctx, message, live, now).await.map(Some)
}

/// Which notices still say what stands, and what to write about the others.
pub(super) async fn sift(
    ctx: &Context,
    message: &Message,
    now: Instant,
) -> Result<(Vec<Notice>, Vec<Write>), StoreError> {
    let notices = content::notices(ctx, &message.notices).await?;
    let alerts = content::alerts(ctx, &notices).await?;
    let mut live = Vec::new();
    let mut writes = Vec::new();
    for notice in notices {
        if notice.state != NoticeState::Pending {
            continue;
        }
        let alert = alerts.get(&notice.alert);
        let heard_before = match notice.resolution {
            Some(_) => content::was_told(ctx, &notice).await?,
            None => true,
        };
        if heard_before && still_true(&notice, alert, now) {
            live.push(notice);
        } else {
            writes.push(Write::SetNotice(
                notice.key,
                NoticeState::Superseded { at: now },
            ));
        }
    }
    Ok((live, writes))
}

/// Nothing in it is still true.
pub(super) async fn close_superseded(
    ctx: &Context,
    message: &Message,
    mut writes: Vec<Write>,
    now: Instant,
) -> Result<(), StoreError> {
    let dropped = u64::try_from(writes.len()).unwrap_or(0);
    let mut closed = message.clone();
    closed.state = MessageState::Superseded;
    closed.leased_until = None;
    closed.closed_at = Some(now);
    writes.insert(0, Write::FinishMessage(Box::new(closed)));
    commit(ctx, writes).await?;
    let outcome = NoticeOutcome::Superseded;
    ctx.signals
        .count_notices(&message.channel, outcome, dropped);
    Ok(())
}

/// The message must be out before the most urgent of its notices stops being news. What
/// the sweep reckoned counts unless it has passed already.
fn soonest_deadline(message: &Message, live: &[Notice], now: Instant) -> Instant {
    let each = live.iter().map(|n| deadline(n.step, None, n.end, now));
    let kept = (message.deadline > now).then_some(message.deadline);
    let soonest = each.chain(kept).min();
    soonest.unwrap_or(now + Span::days(1))
}
