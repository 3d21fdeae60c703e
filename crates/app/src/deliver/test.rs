//! A test of a channel, on the very path that warnings take.

use domain::kernel::{ChannelId, MessageId, Span, SweepId};
use domain::notice::{Message, MessageKind, MessageState};
use domain::people::{Owner, Recipient};

use crate::ports::{AuditEntry, Changes, Write};

use crate::{AppError, Context, Principal};

/// Puts a test message into the outbox and answers its id, under which its attempts can
/// be followed. `to` is a person's id, `team:NAME` or an address; without it a shared
/// channel is told by itself and any other tells the person who asks.
///
/// # Errors
/// [`AppError::Forbidden`] without `channels:write`; [`AppError::NotFound`] for an
/// unknown channel; [`AppError::Invalid`] when nobody is meant.
pub async fn test_channel(
    ctx: &Context,
    principal: &Principal,
    channel: &ChannelId,
    to: Option<&str>,
) -> Result<MessageId, AppError> {
    if !principal.grant.holds("channels:write") {
        return Err(AppError::lacks("channels:write", "to test a channel"));
    }
    let channels = ctx.channels.load_full();
    let Some(found) = channels.iter().find(|c| c.id() == channel) else {
        return Err(AppError::not_found(format!("channel `{channel}`")));
    };
    let recipient = recipient(ctx, principal, channel, found.is_shared(), to).await?;
    let now = ctx.now();
    let mut random = ctx.random.as_ref();
    let id = MessageId::random(&mut random);
    let message = Message {
        id: id.clone(),
        kind: MessageKind::Test,
        recipient,
        channel: channel.clone(),
        sweep: SweepId::random(&mut random),
        notices: Vec::new(),
        state: MessageState::Queued,
        not_before: now,
        rides: false,
        deadline: now + Span::hours(1),
        attempts: 0,
        leased_until: None,
        fence: 0,
        payload: None,
        receipt: None,
        last_error: None,
        created_at: now,
        closed_at: None,
    };
    let audit = AuditEntry {
        at: now,
        actor: principal.actor(),
        action: "channel.test".to_owned(),
        target: format!("channel:{channel}"),
        details: serde_json::json!({ "message": id.as_str() }),
    };
    let changes = Changes {
        writes: vec![Write::AddMessage(Box::new(message))],
        audit: vec![audit],
    };
    ctx.store.commit(changes).await?;
    ctx.delivery_wanted.notify_one();
    Ok(id)
}

async fn recipient(
    ctx: &Context,
    principal: &Principal,
    channel: &ChannelId,
    shared: bool,
    to: Option<&str>,
) -> Result<Recipient, AppError> {
    if shared {
        return Ok(Recipient::Channel(channel.clone()));
    }
    let Some(word) = to else {
        return match &principal.owner {
            Owner::Person(id) => Ok(Recipient::Person(id.clone())),
            Owner::ServiceAccount(_) => Err(AppError::invalid(
                "to",
                "a service account has no mailbox; name an address, a person or team:NAME (`--to`)",
            )),
        };
    };
    let directory = ctx.store.directory().await?;
    let nobody = || {
        AppError::invalid(
            "to",
            "names nobody; give an address, a person's id or team:NAME",
        )
    };
    directory.recipient_named(word).ok_or_else(nobody)
}
