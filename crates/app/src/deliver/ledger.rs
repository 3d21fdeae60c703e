//! What was sent to whom, over what, and what the other side said: the ledger of delivery.
//!
//! The bytes of a message are never shown. They hold links that act for their recipient.

use domain::kernel::MessageId;
use domain::notice::{Attempt, Message};

use crate::ports::{MessageFilter, Page, PageRequest};
use crate::{AppError, Context, Principal};

/// A page of messages, newest first.
///
/// # Errors
/// [`AppError::Forbidden`] without `channels:read`.
pub async fn list_messages(
    ctx: &Context,
    principal: &Principal,
    filter: &MessageFilter,
    page: &PageRequest,
) -> Result<Page<Message>, AppError> {
    principal.need("channels:read", "to read what was delivered")?;
    Ok(ctx.store.list_messages(filter, page).await?)
}

/// One message with every attempt at it, oldest first.
///
/// # Errors
/// [`AppError::Forbidden`] without `channels:read`; [`AppError::NotFound`], also once it was
/// tidied away (closed messages are kept for a time).
pub async fn message(
    ctx: &Context,
    principal: &Principal,
    id: &MessageId,
) -> Result<(Message, Vec<Attempt>), AppError> {
    principal.need("channels:read", "to read what was delivered")?;
    let found = ctx.store.message(id).await?;
    let message = found.ok_or_else(|| AppError::not_found(format!("message `{id}`")))?;
    Ok((message, ctx.store.attempts(id).await?))
}
