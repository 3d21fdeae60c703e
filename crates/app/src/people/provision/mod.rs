//! Persons and teams as a system that provisions people (SCIM) keeps them: it admits,
//! keeps and dismisses.
//!
//! Nobody is ever deleted: who is dismissed stays for what they own, and whoever comes
//! back is the same. Everything goes through the use cases that people themselves use,
//! with the same rights.

mod persons;
mod teams;

use std::sync::Arc;

use domain::people::{Directory, Person, Provisioned};

use crate::{AppError, Context, Principal};

pub use persons::{admit_person, dismiss_person, keep_person};
pub use teams::{admit_team, dismiss_team, keep_team};

/// How often a change is decided again because somebody else was faster.
const TRIES: usize = 10;

/// Everybody whom a provisioning system may see. Needs `people:write`.
///
/// # Errors
/// [`AppError::Forbidden`].
pub async fn provisioned(ctx: &Context, principal: &Principal) -> Result<Directory, AppError> {
    principal.need("people:write", "to provision people")?;
    let mut directory = Arc::unwrap_or_clone(ctx.store.directory().await?);
    directory
        .persons
        .retain(|_, person| !person.provisioned.removed);
    directory.teams.retain(|_, team| !team.removed);
    Ok(directory)
}

/// Names for signing in mean one person each; who was dismissed holds none.
pub(super) fn user_name_is_free(
    directory: &Directory,
    kept: &Provisioned,
    but: Option<&domain::kernel::PersonId>,
) -> Result<(), AppError> {
    let Some(name) = kept.user_name.as_deref().filter(|_| !kept.removed) else {
        return Ok(());
    };
    let holds = |p: &&Person| {
        Some(&p.id) != but && !p.provisioned.removed && p.user_name().eq_ignore_ascii_case(name)
    };
    match directory.persons.values().find(holds) {
        Some(other) => Err(AppError::conflict(format!(
            "the user name belongs to {} already",
            other.id
        ))),
        None => Ok(()),
    }
}
