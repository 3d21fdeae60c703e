//! Can the last resort be reached?
//!
//! Once a week without a message each catch-all address is sent a short one. It is no
//! warning: what it shows is that one would arrive.

use domain::kernel::{Email, Instant, MessageId, Span};
use domain::notice::{Message, MessageKind, MessageState, ways};
use domain::people::Recipient;

use crate::Context;
use crate::digest::sha256_hex;
use crate::ports::{StoreError, Write};

use super::super::commit;
use super::super::load::Surroundings;

/// An accepted message shows for so long that the address can be reached.
const HOLDS: Span = Span::days(7);
/// How long a proof may take; after that it has failed, and the next is sent.
const TRIES: Span = Span::days(1);

/// The last proof of an address.
#[derive(serde::Serialize, serde::Deserialize)]
struct Sent {
    at: Instant,
    message: MessageId,
}

/// Sends what is to be proven again; a sentence when an address cannot be reached.
pub(super) async fn prove(
    ctx: &Context,
    around: &Surroundings,
) -> Result<Option<String>, StoreError> {
    let mut wrong = None;
    for email in &around.audience.catch_all {
        let failed = prove_one(ctx, around, email).await?;
        wrong = wrong.or(failed);
    }
    Ok(wrong)
}

async fn prove_one(
    ctx: &Context,
    around: &Surroundings,
    email: &Email,
) -> Result<Option<String>, StoreError> {
    let recipient = Recipient::Address(email.clone());
    let since = around.now - HOLDS;
    let recent = ctx.store.accepted_since(&recipient, None, since, 1).await?;
    if !recent.is_empty() {
        return Ok(None);
    }
    let name = format!("proof.{}", sha256_hex(&[email.as_str()]));
    let kept = ctx.store.meta(&name).await?;
    let last: Option<Sent> = kept.and_then(|text| serde_json::from_str(&text).ok());
    let failed = match &last {
        Some(sent) => failed(ctx, sent).await?,
        None => None,
    };
    let rests = |sent: &Sent| sent.at <= around.now && sent.at.until(around.now) < TRIES;
    if !last.as_ref().is_some_and(rests) {
        send(ctx, around, recipient, name).await?;
    }
    Ok(failed)
}

/// What became of a proof, if it is not on its way or accepted.
async fn failed(ctx: &Context, sent: &Sent) -> Result<Option<String>, StoreError> {
    let Some(message) = ctx.store.message(&sent.message).await? else {
        return Ok(None);
    };
    let why = message.last_error.unwrap_or_default();
    Ok(match message.state {
        MessageState::Failed => Some(format!("the weekly message to it failed: {why}")),
        MessageState::Unconfirmed => {
            Some("nobody knows whether the weekly message to it arrived".to_owned())
        }
        _ => None,
    })
}

/// Puts a proof into the outbox, if there is any way to the address; that there is none is
/// an alert of its own.
async fn send(
    ctx: &Context,
    around: &Surroundings,
    recipient: Recipient,
    name: String,
) -> Result<(), StoreError> {
    let Some(channel) = ways(&recipient, &around.channels).into_iter().next() else {
        return Ok(());
    };
    let (now, sweep) = (around.now, around.sweep.clone());
    let id = MessageId::derived(&[sweep.as_str(), &name]);
    let sent = serde_json::json!({ "at": now, "message": id });
    let message = Message {
        id,
        kind: MessageKind::Proof,
        recipient,
        channel,
        sweep,
        notices: Vec::new(),
        state: MessageState::Queued,
        not_before: now,
        rides: false,
        deadline: now + TRIES,
        attempts: 0,
        leased_until: None,
        fence: 0,
        payload: None,
        receipt: None,
        last_error: None,
        created_at: now,
        closed_at: None,
    };
    let writes = vec![
        Write::AddMessage(Box::new(message)),
        Write::SetMeta(name, sent.to_string()),
    ];
    commit(ctx, writes).await
}
