//! Persons as a list and one by one.

use domain::kernel::PersonId;
use domain::people::{Owner, Person};

use crate::{AppError, Context, Principal};

/// Everybody, by id. Needs `people:read`.
///
/// # Errors
/// [`AppError::Forbidden`].
pub async fn list_people(ctx: &Context, principal: &Principal) -> Result<Vec<Person>, AppError> {
    principal.need("people:read", "to list people")?;
    let directory = ctx.store.directory().await?;
    Ok(directory.persons.values().cloned().collect())
}

/// One person. Needs `people:read`, except for oneself.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn get_person(
    ctx: &Context,
    principal: &Principal,
    id: &str,
) -> Result<Person, AppError> {
    if !matches!(&principal.owner, Owner::Person(own) if own.as_str() == id) {
        principal.need("people:read", "to read people")?;
    }
    load(ctx, id).await
}

/// The person of this id; a text that is none is not found.
pub(crate) async fn load(ctx: &Context, id: &str) -> Result<Person, AppError> {
    let shown = crate::error::shown(id);
    let unknown = || AppError::not_found(format!("person {shown}"));
    let id = PersonId::parse(id).map_err(|_| unknown())?;
    ctx.store.person(&id).await?.ok_or_else(unknown)
}
