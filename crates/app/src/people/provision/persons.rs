//! Persons who are provisioned.

use domain::people::{Directory, Person, Provisioned};

use super::{TRIES, provisioned};
use crate::people::persons::{CreatePerson, PatchPerson, create_person, patch_person};
use crate::people::teams::{PatchTeam, patch_team};
use crate::{AppError, Context, Principal};

/// Adds a person. Who was dismissed and is the same by the provisioning system's id, or
/// by name or address where it gives none, comes back with all they own.
///
/// # Errors
/// [`AppError::Conflict`] if user name or address belong to somebody else who is there.
pub async fn admit_person(
    ctx: &Context,
    principal: &Principal,
    wish: PatchPerson,
) -> Result<Person, AppError> {
    principal.need("people:write", "to provision people")?;
    let directory = ctx.store.directory().await?;
    if let Some(back) = directory.persons.values().find(|p| comes_back(p, &wish)) {
        let wish = PatchPerson {
            active: Some(wish.active.unwrap_or(true)),
            ..wish
        };
        return patch_person(ctx, principal, back.id.as_str(), wish, Some(back.version)).await;
    }
    make_way(ctx, principal, &directory, &wish, None).await?;
    let person = CreatePerson {
        name: wish.name.unwrap_or_default(),
        email: wish.email.flatten(),
        time_zone: wish.time_zone.flatten(),
        locale: wish.locale.flatten(),
        is_inactive: wish.active == Some(false),
        provisioned: wish.provisioned.unwrap_or_default(),
        ..CreatePerson::default()
    };
    create_person(ctx, principal, person).await
}

/// Changes a person as `decide` says, who is shown the person as it stands; asked again
/// when somebody else was faster, so that no change is lost.
///
/// # Errors
/// [`AppError::NotFound`] also for who was dismissed; what `decide` refuses.
pub async fn keep_person<E: From<AppError>>(
    ctx: &Context,
    principal: &Principal,
    id: &str,
    decide: impl Fn(&Person, &Directory) -> Result<PatchPerson, E>,
) -> Result<Person, E> {
    let mut left = TRIES;
    loop {
        left -= 1;
        let directory = provisioned(ctx, principal).await?;
        let person = named(&directory, id)?;
        let wish = decide(person, &directory)?;
        let everybody = ctx.store.directory().await.map_err(AppError::from)?;
        make_way(ctx, principal, &everybody, &wish, Some(person)).await?;
        match patch_person(ctx, principal, id, wish, Some(person.version)).await {
            Err(AppError::Stale { .. }) if left > 0 => {}
            done => return done.map_err(E::from),
        }
    }
}

/// Takes a person away: deactivated, in no team, and seen by no provisioning system. What
/// they own is orphaned, and those who inherit it hear.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] for the last who may do everything.
pub async fn dismiss_person(
    ctx: &Context,
    principal: &Principal,
    id: &str,
) -> Result<(), AppError> {
    let gone = |person: &Person, _: &Directory| {
        Ok::<_, AppError>(PatchPerson {
            active: Some(false),
            provisioned: Some(Provisioned {
                removed: true,
                ..person.provisioned.clone()
            }),
            ..PatchPerson::default()
        })
    };
    let person = keep_person(ctx, principal, id, gone).await?;
    let directory = ctx.store.directory().await?;
    for team in directory.teams_of(&person.id) {
        let others = team.members.iter().filter(|m| **m != person.id);
        let patch = PatchTeam {
            members: Some(others.map(ToString::to_string).collect()),
            ..PatchTeam::default()
        };
        patch_team(ctx, principal, team.id.as_str(), patch, None).await?;
    }
    Ok(())
}

fn named<'a>(directory: &'a Directory, id: &str) -> Result<&'a Person, AppError> {
    let found = directory.persons.values().find(|p| p.id.as_str() == id);
    found.ok_or_else(|| AppError::not_found("a person of this id"))
}

/// Whether this is who is wanted, gone before. A provisioning system's own id decides where
/// both have one: an address may be given to somebody new, and with it would go whatever
/// the other one left.
fn comes_back(person: &Person, wish: &PatchPerson) -> bool {
    let wanted = wish.provisioned.clone().unwrap_or_default();
    let ids = (&person.provisioned.external_id, &wanted.external_id);
    person.provisioned.removed
        && match ids {
            (Some(was), Some(is)) => was == is,
            _ => holds(person, wish),
        }
}

/// Whether the person holds the user name or the address that is wanted.
fn holds(person: &Person, wish: &PatchPerson) -> bool {
    let wanted = wish.provisioned.as_ref();
    let name = wanted.and_then(|p| p.user_name.as_deref());
    let email = wish.email.as_ref().and_then(|e| e.as_deref());
    let held = person.email.as_ref().map(|e| e.as_str());
    let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
    name.is_some_and(|name| same(person.user_name(), name))
        || email.zip(held).is_some_and(|(a, b)| same(a, b))
}

/// Whoever was dismissed gives up the address and user name that somebody else has now.
async fn make_way(
    ctx: &Context,
    principal: &Principal,
    directory: &Directory,
    wish: &PatchPerson,
    but: Option<&Person>,
) -> Result<(), AppError> {
    let others = directory
        .persons
        .values()
        .filter(|p| p.provisioned.removed && but.is_none_or(|b| b.id != p.id) && holds(p, wish));
    for person in others {
        let patch = PatchPerson {
            email: Some(None),
            provisioned: Some(Provisioned {
                user_name: None,
                ..person.provisioned.clone()
            }),
            ..PatchPerson::default()
        };
        patch_person(ctx, principal, person.id.as_str(), patch, None).await?;
    }
    Ok(())
}
