//! Persons: who can own credentials and be told of their end.

use domain::kernel::Instant;
use domain::people::Person;

use crate::{AppError, Context, IdempotencyKey, Principal};

/// What a new person shall be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CreatePerson {
    /// As shown.
    pub name: String,
    /// Where to write; unique without regard to ASCII case.
    pub email: Option<String>,
    /// IANA name.
    pub time_zone: Option<String>,
    /// What the person may do here.
    pub roles: Vec<String>,
    /// When the person leaves.
    pub leaves_at: Option<Instant>,
    /// So that a repeat makes nothing twice.
    pub idempotency: Option<IdempotencyKey>,
}

/// What shall change; `None` leaves a field as it is, `Some(None)` empties it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PatchPerson {
    /// As shown.
    pub name: Option<String>,
    /// Where to write; a changed address counts as reachable again.
    pub email: Option<Option<String>>,
    /// IANA name.
    pub time_zone: Option<Option<String>>,
    /// All roles.
    pub roles: Option<Vec<String>>,
    /// False deactivates: own tokens stop at once and revive on return.
    pub active: Option<bool>,
    /// When the person leaves.
    pub leaves_at: Option<Option<Instant>>,
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
    let _ = (ctx, principal, request);
    Err(AppError::Unavailable("not built yet".to_owned()))
}

/// Everybody, by id. Needs `people:read`.
///
/// # Errors
/// [`AppError::Forbidden`].
pub async fn list_people(ctx: &Context, principal: &Principal) -> Result<Vec<Person>, AppError> {
    let _ = (ctx, principal);
    Err(AppError::Unavailable("not built yet".to_owned()))
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
    let _ = (ctx, principal, id);
    Err(AppError::Unavailable("not built yet".to_owned()))
}

/// Changes a person. Needs `people:write`; giving or taking a role needs everything it
/// grants.
///
/// # Errors
/// [`AppError::Conflict`] if nobody would hold `*` any more.
pub async fn patch_person(
    ctx: &Context,
    principal: &Principal,
    id: &str,
    patch: PatchPerson,
    if_match: Option<u64>,
) -> Result<Person, AppError> {
    let _ = (ctx, principal, id, patch, if_match);
    Err(AppError::Unavailable("not built yet".to_owned()))
}
