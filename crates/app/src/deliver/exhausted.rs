//! A message failed over every way: that is an alert of its own.

use domain::expiry::Subject;
use domain::kernel::Instant;
use domain::notice::Message;
use domain::people::Recipient;

use crate::Context;
use crate::ports::{StoreError, Write};

const EXHAUSTED: &str = "outbox.exhausted";

/// What to write so that the next sweep tells the operators.
pub(super) fn note(message: &Message, why: &str, now: Instant) -> Vec<Write> {
    // Addresses do not belong in other people's mail.
    let who = match &message.recipient {
        Recipient::Address(_) => "an address of the configuration".to_owned(),
        other => other.to_string(),
    };
    let sentence = format!("a message to {who} failed over every way, lastly because {why}");
    let value = serde_json::json!({ "at": now, "why": sentence });
    vec![
        Write::SetMeta(EXHAUSTED.to_owned(), value.to_string()),
        Write::SetDue(Subject::System("outbox".to_owned()), Some(now)),
    ]
}

/// When a message last failed over every way, and a sentence about it.
///
/// # Errors
/// The store's.
pub async fn last_exhausted(ctx: &Context) -> Result<Option<(Instant, String)>, StoreError> {
    #[derive(serde::Deserialize)]
    struct Kept {
        at: Instant,
        why: String,
    }
    let kept = ctx.store.meta(EXHAUSTED).await?;
    let kept = kept.and_then(|text| serde_json::from_str::<Kept>(&text).ok());
    Ok(kept.map(|kept| (kept.at, kept.why)))
}
