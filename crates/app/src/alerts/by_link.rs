//! Somebody follows the link of a message, and presses a button there.
//!
//! A person may do what they could do signed in, now, and of that only these three acts. A
//! team's mailbox acts for what its team answers for, an address of the configuration for
//! what it is told; a room never lets lapse, for nobody knows who presses there.

use domain::expiry::{self, Alert, AlertState};
use domain::kernel::{Instant, TeamId};
use domain::people::{Directory, Owner, Recipient};
use serde_json::json;

use super::AlertItem;
use super::act::act_on;
use super::answer_call::standing_of;
use super::link::read;
use super::read::{handles, review_team, whole};
use crate::ports::Act;
use crate::unit::until_settled;
use crate::{AppError, Context};

/// What a link shows, and what it lets its holder do.
#[derive(Clone, Debug)]
pub struct HeldLink {
    /// The alert, with what it is about.
    pub item: AlertItem,
    /// To whom the message was sent.
    pub recipient: Recipient,
    /// What they are called.
    pub name: String,
    /// Their time zone; `None` means UTC.
    pub time_zone: Option<String>,
    /// Whether they answer for it now, so that a press acts.
    pub may_act: bool,
    /// Whether they may let it lapse, too.
    pub may_let_lapse: bool,
}

impl HeldLink {
    /// Whether this was done already, so that pressing again changes nothing.
    pub fn is_done(&self, act: Act, now: Instant) -> bool {
        let (alert, state) = (&self.item.alert, self.item.alert.state(now));
        let lapses = state == AlertState::LetLapse;
        match act {
            Act::Acknowledge => lapses || is_acknowledged(alert),
            Act::Snooze(_) => lapses || state == AlertState::Snoozed,
            Act::LetLapse => lapses,
        }
    }

    fn may(&self, act: Act) -> bool {
        self.may_act && (self.may_let_lapse || act != Act::LetLapse)
    }
}

fn is_acknowledged(alert: &Alert) -> bool {
    let acknowledged = alert.acknowledged.as_ref();
    acknowledged.is_some_and(|ack| ack.step >= alert.step())
}

/// What a link stands for; changes nothing, so that a scanner may look.
///
/// # Errors
/// [`AppError::NotFound`] for a link that was not made here, is of an earlier cycle, holds no
/// longer, or was sent to somebody who is not there any more; [`AppError::Forbidden`] while
/// links ask for a sign-in.
pub async fn held_link(ctx: &Context, alert: &str, code: &str) -> Result<HeldLink, AppError> {
    let proven = read(ctx, alert, code).ok_or_else(spent)?;
    if ctx.settings.load().links_need_sign_in {
        return Err(not_by_link("links in messages ask for a sign-in here"));
    }
    let item = whole(ctx, &proven.alert).await?.ok_or_else(spent)?;
    let now = ctx.now();
    let recipient = proven.recipient(&item.alert, now).ok_or_else(spent)?;
    let recipient = recipient.clone();
    let directory = ctx.store.directory().await?;
    if !is_there(ctx, &directory, &recipient, now) {
        return Err(spent());
    }
    let may_act = answers(ctx, &directory, &recipient, &item).await?;
    let to = crate::deliver::addressee(&recipient, &directory);
    Ok(HeldLink {
        may_act,
        may_let_lapse: may_act && !matches!(recipient, Recipient::Channel(_)),
        name: to.name,
        time_zone: to.time_zone,
        recipient,
        item,
    })
}

/// Does what was pressed, in the name of whom the message was sent to. What was done before
/// is not done again.
///
/// # Errors
/// As [`held_link`]; [`AppError::Forbidden`] for somebody who does not answer for it any
/// more; [`AppError::Conflict`] when it is over, has ended, or cannot be snoozed on its last
/// day.
pub async fn act_by_link(
    ctx: &Context,
    alert: &str,
    code: &str,
    act: Act,
) -> Result<HeldLink, AppError> {
    until_settled!(press(ctx, alert, code, act))
}

async fn press(ctx: &Context, alert: &str, code: &str, act: Act) -> Result<HeldLink, AppError> {
    let mut held = held_link(ctx, alert, code).await?;
    if !held.may(act) {
        let sentence = "this link does not let you do that; sign in and do it there, or ask somebody who answers for it";
        return Err(not_by_link(sentence));
    }
    if held.is_done(act, ctx.now()) {
        return Ok(held);
    }
    let by = format!("link:{}", held.recipient);
    let through = json!({ "through": "a link in a message" });
    let said = match act {
        Act::Acknowledge => "alert.acknowledge",
        Act::Snooze(_) => "alert.snooze",
        Act::LetLapse => "alert.let_lapse",
    };
    let decide = |alert: &Alert, by: &str, now: Instant| match act {
        Act::Acknowledge => expiry::acknowledge(alert, by, None, now),
        Act::Snooze(span) => expiry::snooze(alert, now + span, by, now),
        Act::LetLapse => expiry::let_lapse(alert, by, None, now),
    };
    held.item = act_on(ctx, by, held.item, (said, &through), decide).await?;
    Ok(held)
}

/// Whether whom the message was sent to still is somebody here.
fn is_there(ctx: &Context, directory: &Directory, recipient: &Recipient, now: Instant) -> bool {
    match recipient {
        Recipient::Person(id) => {
            let person = directory.persons.get(id);
            person.is_some_and(|person| person.is_present(now))
        }
        Recipient::Team(id) => directory.teams.get(id).is_some_and(|team| !team.removed),
        Recipient::Address(_) => is_named(ctx, directory, recipient),
        Recipient::Channel(id) => {
            let channels = ctx.channels.load();
            channels.iter().any(|c| c.id() == id && c.is_shared())
        }
    }
}

async fn answers(
    ctx: &Context,
    directory: &Directory,
    recipient: &Recipient,
    item: &AlertItem,
) -> Result<bool, AppError> {
    match recipient {
        Recipient::Person(id) => {
            let principal = standing_of(ctx, directory, id).await?;
            handles(ctx, &principal, &["alerts:write"], item).await
        }
        Recipient::Team(id) => {
            Ok(is_above(directory, id, item) || is_named(ctx, directory, recipient))
        }
        Recipient::Address(_) | Recipient::Channel(_) => Ok(true),
    }
}

/// Whether the team answers for it, or stands above one that does.
fn is_above(directory: &Directory, team: &TeamId, item: &AlertItem) -> bool {
    let (credential, monitor) = (item.credential.as_ref(), item.monitor.as_ref());
    let own = credential.and_then(|c| c.team.clone());
    let own = own.or_else(|| monitor.and_then(|m| m.team.clone()));
    let owner = credential.and_then(|c| c.owner.as_ref());
    let owner = owner.or_else(|| monitor.and_then(|m| m.owner.as_ref()));
    let account = match owner {
        Some(Owner::ServiceAccount(id)) => directory.service_accounts.get(id),
        _ => None,
    };
    let account = account.and_then(|account| account.team.clone());
    let teams = [own, account, review_team(&item.alert)];
    let mut teams = teams.into_iter().flatten();
    teams.any(|own| {
        directory
            .line_of(&own)
            .iter()
            .any(|above| above.id == *team)
    })
}

/// Whether the configuration names them as an admin or as the last resort.
fn is_named(ctx: &Context, directory: &Directory, recipient: &Recipient) -> bool {
    let audience = &ctx.settings.load().audience;
    let admin = |word: &String| directory.recipient_named(word).as_ref() == Some(recipient);
    let last = |email| Recipient::Address(email) == *recipient;
    audience.admins.iter().any(admin) || audience.catch_all.iter().cloned().any(last)
}

fn not_by_link(sentence: &str) -> AppError {
    AppError::Forbidden {
        missing: Vec::new(),
        sentence: sentence.to_owned(),
    }
}

fn spent() -> AppError {
    AppError::not_found("an alert behind this link any more; sign in to see what stands. It")
}
