//! Somebody chose something where they read of an alert: a button in a chat.
//!
//! The channel proves that the other side sent it and names the person's confirmed
//! address; what may be done is decided by that person's present rights, as everywhere.

use std::sync::Arc;

use domain::access::owner_grant;
use domain::kernel::{ChannelId, Email, PersonId};
use domain::people::{Directory, Owner};

use super::act::{acknowledge, let_lapse, snooze};
use crate::ports::{Act, Call, CallError, Channel, Wish};
use crate::{AppError, Context, Principal};

/// Takes a call that came in for a channel. The person who chose is told what became of
/// it, where they chose.
///
/// # Errors
/// [`AppError::NotFound`] for a channel that takes no calls, [`AppError::Forbidden`] for a
/// call that is not proven, [`AppError::Invalid`] for one that asks for nothing known. What
/// the person may not do is told to the person and is no error of the call.
pub async fn answer_call(ctx: &Context, channel: &str, call: &Call) -> Result<(), AppError> {
    let unknown = || AppError::not_found("a channel of this id that takes calls");
    let id = ChannelId::parse(channel).map_err(|_| unknown())?;
    let channels = ctx.channels.load_full();
    let found = channels.iter().find(|c| *c.id() == id);
    let found = Arc::clone(found.ok_or_else(unknown)?);
    let wish = found.hear(call).await.map_err(|error| match error {
        CallError::NotHere => unknown(),
        CallError::NotProven => AppError::Forbidden {
            sentence: error.to_string(),
            missing: Vec::new(),
        },
        CallError::NotUnderstood | CallError::Unavailable(_) => AppError::invalid("body", error),
    })?;
    let said = match fulfil(ctx, &wish).await {
        Ok(done) => done.to_owned(),
        Err(error) => format!("Nothing was changed: {error}."),
    };
    tell(found.as_ref(), &wish, &said).await;
    Ok(())
}

async fn tell(channel: &dyn Channel, wish: &Wish, said: &str) {
    if let Some(reply_to) = &wish.reply_to {
        channel.reply(reply_to, said).await;
    }
}

async fn fulfil(ctx: &Context, wish: &Wish) -> Result<&'static str, AppError> {
    let principal = person(ctx, wish).await?;
    let alert = wish.alert.as_str();
    match wish.act {
        Act::Acknowledge => acknowledge(ctx, &principal, alert, None).await?,
        Act::Snooze(span) => snooze(ctx, &principal, alert, ctx.now() + span).await?,
        Act::LetLapse => let_lapse(ctx, &principal, alert, None).await?,
    };
    Ok(match wish.act {
        Act::Acknowledge => "You are on it. It is not repeated until the next step.",
        Act::Snooze(_) => "It is quiet for a day, at the latest until a day before the end.",
        Act::LetLapse => "It may lapse. One last note comes a day before the end.",
    })
}

/// The person of this address, with what they may do right now.
async fn person(ctx: &Context, wish: &Wish) -> Result<Principal, AppError> {
    let nobody = || AppError::Forbidden {
        sentence: "your address there belongs to nobody here; ask an administrator to add it"
            .to_owned(),
        missing: Vec::new(),
    };
    let email = wish.email.as_deref().and_then(|e| Email::parse(e).ok());
    let directory = ctx.store.directory().await?;
    let email = email.ok_or_else(nobody)?;
    let person = directory.person_by_email(&email).ok_or_else(nobody)?;
    if !person.is_present(ctx.now()) {
        return Err(nobody());
    }
    standing_of(ctx, &directory, &person.id).await
}

/// A person with what they may do right now, who signed in nowhere.
pub(super) async fn standing_of(
    ctx: &Context,
    directory: &Directory,
    person: &PersonId,
) -> Result<Principal, AppError> {
    let owner = Owner::Person(person.clone());
    let (roles, now) = (ctx.store.roles().await?, ctx.now());
    Ok(Principal {
        token: None,
        kind: None,
        grant: Arc::new(owner_grant(&owner, directory, &roles, now)),
        owner,
        expires_at: None,
        ingest_source: None,
    })
}
