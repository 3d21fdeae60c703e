//! A new person.

use domain::kernel::{Email, Instant, PersonId};
use domain::people::{Directory, Person, Provisioned};
use serde_json::json;

use super::read::load;
use crate::idempotency::{made_before, remember, twin};
use crate::people::ceiling::may_hand_out;
use crate::people::provision;
use crate::ports::Write;
use crate::unit::{Unit, until_settled};
use crate::{AppError, Context, IdempotencyKey, Principal, feed, whois};

/// What a new person shall be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CreatePerson {
    /// As shown.
    pub name: String,
    /// Where to write; unique without regard to ASCII case.
    pub email: Option<String>,
    /// IANA name.
    pub time_zone: Option<String>,
    /// How dates are written: a BCP 47 tag.
    pub locale: Option<String>,
    /// What the person may do here.
    pub roles: Vec<String>,
    /// When the person leaves.
    pub leaves_at: Option<Instant>,
    /// Added deactivated.
    pub is_inactive: bool,
    /// What a system that provisions people keeps here.
    pub provisioned: Provisioned,
    /// So that a repeat makes nothing twice.
    pub idempotency: Option<IdempotencyKey>,
}

/// Adds a person. Needs `people:write` and everything the roles grant.
///
/// # Errors
/// [`AppError::Conflict`] if the address is taken.
pub async fn create_person(
    ctx: &Context,
    principal: &Principal,
    request: CreatePerson,
) -> Result<Person, AppError> {
    until_settled!(attempt(ctx, principal, &request))
}

async fn attempt(
    ctx: &Context,
    principal: &Principal,
    request: &CreatePerson,
) -> Result<Person, AppError> {
    principal.need("people:write", "to add people")?;
    let key = request.idempotency.as_ref();
    if let Some(made) = made_before(ctx, principal, key).await? {
        return load(ctx, &made).await;
    }
    let mut person = decide(ctx, principal, request).await?;
    let mut unit = Unit::of(principal, ctx.now());
    unit.write(Write::PutPerson(person.clone())).audit(
        "person.create",
        person.id.to_string(),
        told(&person),
    );
    remember(&mut unit, ctx, principal, key, person.id.as_str());
    unit.commit(ctx).await.map_err(|e| twin(e, key))?;
    feed::refresh_standings(ctx).await?;
    person.version += 1;
    Ok(person)
}

async fn decide(
    ctx: &Context,
    principal: &Principal,
    request: &CreatePerson,
) -> Result<Person, AppError> {
    let directory = ctx.store.directory().await?;
    let roles = ctx.store.roles().await?;
    let names = whois::roles(&roles, &request.roles, "roles")?;
    may_hand_out(&names, &roles, principal)?;
    let email = request.email.as_deref().map(whois::email).transpose()?;
    if let Some(email) = &email {
        address_is_free(&directory, email, None)?;
    }
    provision::user_name_is_free(&directory, &request.provisioned, None)?;
    Ok(Person {
        id: PersonId::random(&mut ctx.random.as_ref()),
        name: whois::name(&request.name)?,
        email,
        time_zone: request.time_zone.as_deref().map(zone).transpose()?,
        roles: names,
        active: !request.is_inactive,
        leaves_at: request.leaves_at,
        bounced_at: None,
        claimed: None,
        locale: request.locale.as_deref().map(locale).transpose()?,
        provisioned: request.provisioned.clone(),
        created_at: ctx.now(),
        version: 0,
    })
}

/// Addresses name one person each: sign-in and import look people up by them.
pub(super) fn address_is_free(
    directory: &Directory,
    email: &Email,
    but: Option<&PersonId>,
) -> Result<(), AppError> {
    match directory.person_by_email(email) {
        Some(other) if Some(&other.id) != but => {
            let sentence = format!("the address {email} belongs to {} already", other.id);
            Err(AppError::conflict(sentence))
        }
        _ => Ok(()),
    }
}

/// Whether this is the IANA name of a time zone.
pub fn is_time_zone(text: &str) -> bool {
    jiff::tz::TimeZone::get(text).is_ok()
}

/// Whether this is a tag such as `de-AT`: parts of one to eight letters and digits, the
/// first of letters alone (BCP 47).
pub fn is_locale(text: &str) -> bool {
    let is_part = |part: &str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    let language = text.split('-').next().unwrap_or_default();
    text.len() <= LOCALE_MAX
        && language.bytes().all(|b| b.is_ascii_alphabetic())
        && text.split('-').all(is_part)
}

/// A way to write dates, by its tag.
pub(super) fn locale(text: &str) -> Result<String, AppError> {
    match is_locale(text) {
        true => Ok(text.to_owned()),
        false => Err(AppError::invalid("locale", "is no tag such as de-AT")),
    }
}

/// The longest tag.
const LOCALE_MAX: usize = 35;

/// A time zone by its IANA name.
pub(super) fn zone(text: &str) -> Result<String, AppError> {
    match is_time_zone(text) {
        true => Ok(text.to_owned()),
        false => {
            let shown = crate::error::shown(text);
            let problem = format!("`{shown}` is no time zone such as Europe/Berlin");
            Err(AppError::invalid("time_zone", problem))
        }
    }
}

/// What the audit log keeps of a person.
pub(super) fn told(person: &Person) -> serde_json::Value {
    json!({
        "roles": person.roles,
        "active": person.active,
        "leaves_at": person.leaves_at,
    })
}
