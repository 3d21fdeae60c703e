//! An address that its holder typed is used once they have shown that it is theirs.
//!
//! Until then nothing but the question goes there. What an admin, the configuration, SCIM
//! or the sign-in says counts as confirmed and does not come by here.

use domain::kernel::{ChannelId, Email, Instant, MessageId, PersonId, Span, SweepId};
use domain::notice::{Message, MessageKind, MessageState, ways};
use domain::people::{Claimed, Owner, Person, Recipient};
use serde_json::Value;

use super::create::address_is_free;
use super::read::load;
use crate::people::ceiling::may_change;
use crate::ports::{Answering, Write};
use crate::unit::{Unit, until_settled};
use crate::ways_out::WaysOut;
use crate::{AppError, Context, Principal, feed, signed, whois};

/// How long a link is taken.
pub const CLAIM_HOLDS: Span = Span::days(3);
/// So many questions a person may have sent in a day, and so many one address gets:
/// nobody shall be written to at the whim of another.
const ASKED_MAX: usize = 3;
const DAY: Span = Span::days(1);
const PURPOSE: &str = "address";

/// What a link of the question stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Whose address it is to be.
    pub person: Person,
    /// The address.
    pub email: Email,
    /// It is in use already: the button was pressed before.
    pub is_confirmed: bool,
}

/// Asks the holder of an address whether it is the caller's own. It is used once somebody
/// who can read mail there says so; the one before is used until then.
///
/// # Errors
/// [`AppError::Forbidden`] for whoever is no person, and for a token that holds less than
/// its person; [`AppError::Conflict`] if the address
/// is somebody's already, was asked too often, or nothing can write there.
pub async fn claim_address(
    ctx: &Context,
    principal: &Principal,
    email: &str,
) -> Result<Person, AppError> {
    let email = whois::email(email)?;
    let person = until_settled!(ask(ctx, principal, &email))?;
    ctx.delivery_wanted.notify_one();
    Ok(person)
}

async fn ask(ctx: &Context, principal: &Principal, email: &Email) -> Result<Person, AppError> {
    let mut person = load(ctx, own(principal)?.as_str()).await?;
    // An address may open the sign-in, so a token that holds less than its person may not
    // give the person another.
    let roles = ctx.store.roles().await?;
    may_change(&person.roles, &person.roles, &roles, principal)?;
    if person.email.as_ref() == Some(email) {
        return Err(AppError::conflict(
            "this is the address that is used already",
        ));
    }
    let directory = ctx.store.directory().await?;
    address_is_free(&directory, email, Some(&person.id))?;
    let now = ctx.now();
    let asked = not_too_often(ctx, &person.id, email, now).await?;
    let channel = way_to(ctx, email).await?;
    person.claimed = Some(Claimed {
        email: email.clone(),
        at: now,
    });
    let question = question(&person.id, email, channel, now);
    let mut unit = Unit::of(principal, now);
    unit.write(Write::PutPerson(person.clone()))
        .write(Write::AddMessage(Box::new(question)))
        .write(Write::SetMeta(asked_key(&person.id), asked))
        .audit("person.claim_address", person.id.to_string(), Value::Null);
    unit.commit(ctx).await?;
    person.version += 1;
    Ok(person)
}

pub(super) fn own(principal: &Principal) -> Result<&PersonId, AppError> {
    match &principal.owner {
        Owner::Person(id) => Ok(id),
        Owner::ServiceAccount(_) => Err(AppError::Forbidden {
            missing: Vec::new(),
            sentence: "a service account has no address; its team hears for it".to_owned(),
        }),
    }
}

/// Takes a question back; nothing happens where none stands.
///
/// # Errors
/// The store's.
pub async fn withdraw_claim(ctx: &Context, principal: &Principal) -> Result<Person, AppError> {
    until_settled!(take_back(ctx, principal))
}

async fn take_back(ctx: &Context, principal: &Principal) -> Result<Person, AppError> {
    let mut person = load(ctx, own(principal)?.as_str()).await?;
    if person.claimed.take().is_none() {
        return Ok(person);
    }
    let mut unit = Unit::of(principal, ctx.now());
    unit.write(Write::PutPerson(person.clone())).audit(
        "person.withdraw_address",
        person.id.to_string(),
        Value::Null,
    );
    unit.commit(ctx).await?;
    person.version += 1;
    Ok(person)
}

/// What a link stands for; changes nothing, so that a scanner may look.
///
/// # Errors
/// [`AppError::NotFound`] for a link that is wrong, too old, or of an earlier question.
pub async fn claim_of(ctx: &Context, person: &str, code: &str) -> Result<Claim, AppError> {
    let person = load(ctx, person).await.map_err(|_| spent())?;
    let (at, signature) = code.split_once('.').ok_or_else(spent)?;
    let at = at.parse().map(Instant::from_micros).map_err(|_| spent())?;
    if ctx.now() > at + CLAIM_HOLDS {
        return Err(spent());
    }
    let standing = person.claimed.as_ref().filter(|claimed| claimed.at == at);
    let (email, is_confirmed) = match (standing, &person.email) {
        (Some(claimed), _) => (claimed.email.clone(), false),
        (None, Some(email)) => (email.clone(), true),
        (None, None) => return Err(spent()),
    };
    let parts = parts(&person.id, &email, at);
    if !signed::proves(ctx, PURPOSE, &parts.each(), signature) {
        return Err(spent());
    }
    Ok(Claim {
        person,
        email,
        is_confirmed,
    })
}

/// From now on the address is used. Pressing the button again changes nothing.
///
/// # Errors
/// As [`claim_of`]; [`AppError::Conflict`] if somebody else has the address meanwhile.
pub async fn confirm_address(ctx: &Context, person: &str, code: &str) -> Result<Claim, AppError> {
    until_settled!(confirm(ctx, person, code))
}

async fn confirm(ctx: &Context, person: &str, code: &str) -> Result<Claim, AppError> {
    let mut claim = claim_of(ctx, person, code).await?;
    if claim.is_confirmed {
        return Ok(claim);
    }
    let person = &mut claim.person;
    let directory = ctx.store.directory().await?;
    address_is_free(&directory, &claim.email, Some(&person.id))?;
    person.email = Some(claim.email.clone());
    person.claimed = None;
    person.bounced_at = None;
    let by = format!("link:{}", person.id);
    let mut unit = Unit::by(by, ctx.now());
    unit.write(Write::PutPerson(person.clone()))
        .look_at_all_of(Answering::Owner(Owner::Person(person.id.clone())))
        .audit("person.confirm_address", person.id.to_string(), Value::Null);
    unit.commit(ctx).await?;
    person.version += 1;
    claim.is_confirmed = true;
    feed::refresh_standings(ctx).await?;
    Ok(claim)
}

fn spent() -> AppError {
    AppError::not_found("a question to this link; ask again where you typed the address. It")
}

/// What is signed.
struct Parts([String; 3]);

impl Parts {
    fn each(&self) -> [&str; 3] {
        self.0.each_ref().map(String::as_str)
    }
}

fn parts(person: &PersonId, email: &Email, at: Instant) -> Parts {
    let at = at.as_micros().to_string();
    Parts([person.to_string(), email.to_string(), at])
}

/// The link of the question that stands for a person.
pub(crate) fn link(ctx: &Context, person: &Person) -> Option<String> {
    let claimed = person.claimed.as_ref()?;
    let parts = parts(&person.id, &claimed.email, claimed.at);
    let signature = signed::sign(ctx, PURPOSE, &parts.each());
    let (at, url) = (claimed.at.as_micros(), &ctx.settings.load().public_url);
    Some(format!("{url}/address/{}/{at}.{signature}", person.id))
}

/// The message that asks about this claim: its id follows from it, so that a message knows
/// its claim and a claim that is over has none.
pub(crate) fn asks(person: &PersonId, claimed: &Claimed) -> MessageId {
    let at = claimed.at.as_micros().to_string();
    MessageId::derived(&[PURPOSE, person.as_str(), claimed.email.as_str(), &at])
}

fn question(person: &PersonId, email: &Email, channel: ChannelId, now: Instant) -> Message {
    let claimed = Claimed {
        email: email.clone(),
        at: now,
    };
    let id = asks(person, &claimed);
    Message {
        sweep: SweepId::derived(&[PURPOSE, id.as_str()]),
        id,
        kind: MessageKind::Question,
        recipient: Recipient::Address(email.clone()),
        channel,
        notices: Vec::new(),
        state: MessageState::Queued,
        not_before: now,
        rides: false,
        deadline: now + DAY,
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

/// Only a letter can hold the question.
async fn way_to(ctx: &Context, email: &Email) -> Result<ChannelId, AppError> {
    let facts = WaysOut::load(ctx).await?.facts();
    let letters = ["email", "outbox"];
    let of_kind = |id: &ChannelId| {
        let letter = |f: &&domain::notice::ChannelFacts| f.id == *id;
        let fact = facts.iter().find(letter);
        fact.is_some_and(|f| letters.contains(&f.kind.as_str()))
    };
    let ways = ways(&Recipient::Address(email.clone()), &facts);
    ways.into_iter().find(of_kind).ok_or_else(|| {
        AppError::conflict(
            "no channel here sends mail, so no address can be confirmed; ask an admin to set it",
        )
    })
}

fn asked_key(person: &PersonId) -> String {
    format!("address.asked.{person}")
}

/// When this person had something asked in the last day, this time included.
async fn not_too_often(
    ctx: &Context,
    person: &PersonId,
    email: &Email,
    now: Instant,
) -> Result<String, AppError> {
    let kept = ctx.store.meta(&asked_key(person)).await?;
    let kept: Vec<Instant> = kept
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default();
    let recent = |at: &Instant| *at <= now && at.until(now) < DAY;
    let mut asked: Vec<Instant> = kept.into_iter().filter(recent).collect();
    let to = Recipient::Address(email.clone());
    let most = u32::try_from(ASKED_MAX).unwrap_or(u32::MAX);
    let got = ctx.store.accepted_since(&to, None, now - DAY, most).await?;
    if asked.len() >= ASKED_MAX || got.len() >= ASKED_MAX {
        let sentence = format!("{ASKED_MAX} questions in a day are enough; ask again tomorrow");
        return Err(AppError::conflict(sentence));
    }
    asked.push(now);
    Ok(serde_json::to_string(&asked).unwrap_or_default())
}
