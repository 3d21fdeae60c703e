//! Changing a person: what they may do, whether they are here, where to write.

use domain::access::Roles;
use domain::kernel::Instant;
use domain::people::{Directory, Owner, Person, Provisioned};

use super::create::{address_is_free, locale, told, zone};
use super::read::load;
use crate::feed::{self, Affected};
use crate::people::ceiling::{LastAdmin, keep_an_admin, may_change};
use crate::people::provision;
use crate::ports::{Answering, Write};
use crate::sessions::unlink;
use crate::unit::{Unit, expect_version, until_settled};
use crate::{AppError, Context, Principal, whois};

/// What shall change; `None` leaves a field as it is, `Some(None)` empties it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PatchPerson {
    /// As shown.
    pub name: Option<String>,
    /// Where to write; a changed address counts as reachable again.
    pub email: Option<Option<String>>,
    /// IANA name.
    pub time_zone: Option<Option<String>>,
    /// How dates are written: a BCP 47 tag.
    pub locale: Option<Option<String>>,
    /// All roles.
    pub roles: Option<Vec<String>>,
    /// False deactivates: own tokens stop at once and revive on return.
    pub active: Option<bool>,
    /// When the person leaves.
    pub leaves_at: Option<Option<Instant>>,
    /// What a system that provisions people keeps here, as a whole.
    pub provisioned: Option<Provisioned>,
}

/// Changes a person. Needs `people:write`, everything the person holds, and everything
/// that a role grants which is given or taken.
///
/// # Errors
/// [`AppError::Forbidden`] for somebody who holds more than the caller;
/// [`AppError::Conflict`] if nobody would hold `*` any more, now or once who leaves left.
pub async fn patch_person(
    ctx: &Context,
    principal: &Principal,
    id: &str,
    patch: PatchPerson,
    if_match: Option<u64>,
) -> Result<Person, AppError> {
    let person = until_settled!(attempt(ctx, principal, id, &patch, if_match))?;
    let owner = Owner::Person(person.id.clone());
    feed::refresh_standings(ctx).await?;
    feed::restate(ctx, &Affected::Owner(owner)).await;
    Ok(person)
}

async fn attempt(
    ctx: &Context,
    principal: &Principal,
    id: &str,
    patch: &PatchPerson,
    if_match: Option<u64>,
) -> Result<Person, AppError> {
    principal.need("people:write", "to change people")?;
    let before = load(ctx, id).await?;
    expect_version(|| format!("person {id}"), before.version, if_match)?;
    let guard = LastAdmin::read(ctx).await?;
    let directory = ctx.store.directory().await?;
    let roles = ctx.store.roles().await?;
    let mut person = apply(before.clone(), patch, &directory, &roles)?;
    may_change(&before.roles, &person.roles, &roles, principal)?;
    let mut after = Directory::clone(&directory);
    after.persons.insert(person.id.clone(), person.clone());
    let fewer = keep_an_admin(ctx, (&directory, &roles), (&after, &roles))?;
    let mut unit = Unit::of(principal, ctx.now());
    if before.active && !person.active {
        for write in unlink(ctx, &person.id).await? {
            unit.write(write);
        }
    }
    if fewer {
        guard.queue(&mut unit, format!("{} {}", person.id, person.version));
    }
    unit.write(Write::PutPerson(person.clone()))
        .write(feed::restate_wanted(ctx))
        .look_at_all_of(Answering::Owner(Owner::Person(person.id.clone())))
        .audit(
            "person.change",
            person.id.to_string(),
            told_of(&before, &person),
        );
    unit.commit(ctx).await?;
    person.version += 1;
    Ok(person)
}

/// What the audit log keeps of a change: which fields changed, and what stands of the few that
/// say nothing private.
fn told_of(before: &Person, after: &Person) -> serde_json::Value {
    let fields = [
        ("name", before.name != after.name),
        ("email", before.email != after.email),
        ("time_zone", before.time_zone != after.time_zone),
        ("locale", before.locale != after.locale),
        ("roles", before.roles != after.roles),
        ("active", before.active != after.active),
        ("leaves_at", before.leaves_at != after.leaves_at),
        ("provisioned", before.provisioned != after.provisioned),
    ];
    let changed = fields.iter().filter(|(_, changed)| *changed);
    let changed: Vec<&str> = changed.map(|(field, _)| *field).collect();
    let mut told = told(after);
    if let (Some(told), false) = (told.as_object_mut(), changed.is_empty()) {
        told.insert("changed".to_owned(), changed.into());
    }
    told
}

fn apply(
    mut person: Person,
    patch: &PatchPerson,
    directory: &Directory,
    roles: &Roles,
) -> Result<Person, AppError> {
    if let Some(name) = &patch.name {
        person.name = whois::name(name)?;
    }
    if let Some(email) = &patch.email {
        let email = email.as_deref().map(whois::email).transpose()?;
        if let Some(email) = &email {
            address_is_free(directory, email, Some(&person.id))?;
        }
        if email != person.email {
            person.bounced_at = None;
        }
        // What an admin says counts, whatever the holder asked for.
        person.claimed = None;
        person.email = email;
    }
    if let Some(text) = &patch.time_zone {
        person.time_zone = text.as_deref().map(zone).transpose()?;
    }
    if let Some(text) = &patch.locale {
        person.locale = text.as_deref().map(locale).transpose()?;
    }
    if let Some(kept) = &patch.provisioned {
        provision::user_name_is_free(directory, kept, Some(&person.id))?;
        person.provisioned = kept.clone();
    }
    if let Some(names) = &patch.roles {
        person.roles = whois::roles(roles, names, "roles")?;
    }
    person.active = patch.active.unwrap_or(person.active);
    person.leaves_at = patch.leaves_at.unwrap_or(person.leaves_at);
    Ok(person)
}
