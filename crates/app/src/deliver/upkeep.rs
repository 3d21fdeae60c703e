//! Keeps the other side as the alerts stand: an incident acknowledged, a ticket closed,
//! an alert pushed again that would end by itself.
//!
//! Level-triggered: it compares what stands with what a channel remembers of it, so a
//! wake-up that was missed costs a delay and nothing else. It never says anything for the
//! first time, and nothing it does counts as said or heard; that is for messages.

use domain::expiry::{Alert, Step};
use domain::kernel::{AlertId, Instant, MessageId, Span, SweepId};
use domain::notice::{AudienceRole, Message, MessageKind, MessageState, Notice, NoticeState};
use domain::people::Recipient;

use crate::Context;
use crate::ports::{Channel, MessageContent, StoreError};
use crate::ways_out::Health;

use super::content;

/// So many alerts are brought up to date at once.
const BATCH: u32 = 100;

/// Brings one channel up to how the alerts stand that it remembers. What fails is noted
/// against the channel, and tried again the next time.
///
/// # Errors
/// The store's.
pub async fn keep_up(ctx: &Context, channel: &dyn Channel) -> Result<(), StoreError> {
    let mut after: Option<AlertId> = None;
    loop {
        let kept = ctx
            .store
            .channel_memories(channel.id(), after.as_ref(), BATCH)
            .await?;
        let Some((last, _)) = kept.last() else {
            return Ok(());
        };
        after = Some(last.clone());
        let ids = kept.into_iter().map(|(id, _)| id).collect();
        let content = standing(ctx, channel, ids).await?;
        if content.items.is_empty() {
            continue;
        }
        let spoke = channel.keep_up(&content).await;
        let failed = spoke.is_err();
        note(ctx, channel, spoke.map_err(|e| e.to_string())).await?;
        if failed {
            return Ok(());
        }
    }
}

/// The alerts as a message would speak of them, were one sent now.
async fn standing(
    ctx: &Context,
    channel: &dyn Channel,
    ids: Vec<AlertId>,
) -> Result<MessageContent, StoreError> {
    let now = ctx.now();
    let recipient = Recipient::Channel(channel.id().clone());
    let mut notices = Vec::new();
    for id in &ids {
        let alert = ctx.store.alert(id).await?;
        notices.extend(alert.map(|alert| notice(&alert, &recipient, now)));
    }
    let message = carrier(channel, recipient, now);
    content::content(ctx, &message, notices, now).await
}

/// What the channel would be told of the alert.
fn notice(alert: &Alert, recipient: &Recipient, now: Instant) -> Notice {
    let step = alert.step().unwrap_or(Step::Now);
    let resolution = alert.resolved.map(|r| r.how);
    let occurrence = alert.occurrence.max(1);
    Notice {
        key: Notice::key_of(
            &alert.id, alert.end, step, occurrence, resolution, recipient,
        ),
        alert: alert.id.clone(),
        subject: alert.subject.clone(),
        kind: alert.kind,
        end: alert.end,
        step,
        occurrence,
        resolution,
        recipient: recipient.clone(),
        role: AudienceRole::Channel,
        reason: "shared channel".to_owned(),
        created_at: now,
        state: NoticeState::Pending,
    }
}

/// A message that is never stored nor sent: only what its content is made for.
fn carrier(channel: &dyn Channel, recipient: Recipient, now: Instant) -> Message {
    let parts = ["upkeep", channel.id().as_str()];
    Message {
        id: MessageId::derived(&parts),
        kind: MessageKind::Notices,
        recipient,
        channel: channel.id().clone(),
        sweep: SweepId::derived(&parts),
        notices: Vec::new(),
        state: MessageState::Sending,
        not_before: now,
        rides: false,
        deadline: now + Span::minutes(1),
        attempts: 0,
        leased_until: None,
        fence: 0,
        payload: None,
        receipt: None,
        last_error: None,
        created_at: now,
        closed_at: None,
    }
}

/// Remembers whether the channel works, as the outcome of a message does.
async fn note(
    ctx: &Context,
    channel: &dyn Channel,
    spoke: Result<bool, String>,
) -> Result<(), StoreError> {
    let now = ctx.now();
    let id = channel.id();
    match spoke {
        Ok(true) => Health::note(ctx, id, |_| Health::default()).await?,
        Ok(false) => return Ok(()),
        Err(detail) => {
            tracing::warn!(channel = %id, error = %detail, "what stands could not be kept up on the other side");
            Health::note(ctx, id, |h| h.after_failure(false, &detail, now)).await?
        }
    };
    Ok(())
}
