//! From what people write to whom they mean.

use std::collections::BTreeSet;

use domain::access::{Grant, Roles};
use domain::kernel::{Email, Name, PersonId, RoleName, TeamId};
use domain::people::{Directory, Owner, Recipient};

use crate::AppError;

/// A person or service account: by id, by address, or a service account by name.
pub(crate) fn owner(
    directory: &Directory,
    text: &str,
    field: &'static str,
) -> Result<Owner, AppError> {
    let unknown = || {
        let shown: String = text.chars().take(64).collect();
        AppError::invalid(
            field,
            format!(
                "`{shown}` is no id or address of a person and no id or name of a service account"
            ),
        )
    };
    if let Ok(owner) = Owner::parse(text) {
        let exists = match &owner {
            Owner::Person(id) => directory.persons.contains_key(id),
            Owner::ServiceAccount(id) => directory.service_accounts.contains_key(id),
        };
        if exists {
            return Ok(owner);
        }
    }
    if let Some(person) = Email::parse(text)
        .ok()
        .and_then(|e| directory.person_by_email(&e))
    {
        return Ok(Owner::Person(person.id.clone()));
    }
    let mut named = directory
        .service_accounts
        .values()
        .filter(|a| a.name.as_str() == text);
    named
        .next()
        .map(|account| Owner::ServiceAccount(account.id.clone()))
        .ok_or_else(unknown)
}

/// A team by id or name.
pub(crate) fn team(
    directory: &Directory,
    text: &str,
    field: &'static str,
) -> Result<TeamId, AppError> {
    directory
        .team_named(text)
        .map(|t| t.id.clone())
        .ok_or_else(|| {
            let shown: String = text.chars().take(64).collect();
            AppError::invalid(
                field,
                format!("there is no team of the id or name `{shown}`"),
            )
        })
}

/// A person by id or address.
pub(crate) fn person(
    directory: &Directory,
    text: &str,
    field: &'static str,
) -> Result<PersonId, AppError> {
    match owner(directory, text, field)? {
        Owner::Person(id) => Ok(id),
        Owner::ServiceAccount(id) => Err(AppError::invalid(
            field,
            format!("{id} is a service account, not a person"),
        )),
    }
}

/// Roles by name, each of which exists; compared exactly.
pub(crate) fn roles(
    roles: &Roles,
    names: &[String],
    field: &'static str,
) -> Result<BTreeSet<RoleName>, AppError> {
    names
        .iter()
        .map(|text| {
            let name = RoleName::parse(text.as_str()).map_err(|e| AppError::invalid(field, e))?;
            if roles.contains_key(&name) {
                Ok(name)
            } else {
                let problem = format!("there is no role `{name}`; names are compared exactly");
                Err(AppError::invalid(field, problem))
            }
        })
        .collect()
}

/// The most scopes a role or token may list.
const SCOPES_MAX: usize = 500;

/// A list of scopes; `*` is every scope, repeats count once.
pub(crate) fn scopes(words: &[String], field: &'static str) -> Result<Grant, AppError> {
    if words.len() > SCOPES_MAX {
        let problem = format!(
            "{} scopes are too many; {SCOPES_MAX} are allowed",
            words.len()
        );
        return Err(AppError::invalid(field, problem));
    }
    Grant::parse(words).map_err(|e| AppError::invalid(field, e))
}

/// A name of a person, team, token.
/// A token pasted here by mistake would be kept and shown for ever (P4).
pub(crate) fn name(text: &str) -> Result<Name, AppError> {
    if domain::token::scan(text.as_bytes()).next().is_some() {
        return Err(AppError::invalid(
            "name",
            "holds a token's value, which is never kept; choose a name, and rotate that token",
        ));
    }
    Name::parse(text).map_err(|e| AppError::invalid("name", e))
}

/// An address.
pub(crate) fn email(text: &str) -> Result<Email, AppError> {
    Email::parse(text).map_err(|e| AppError::invalid("email", e))
}

/// The most watchers a credential may have.
const WATCHERS_MAX: usize = 100;

/// Watchers: persons and teams that exist, and addresses. A team may be written by name.
pub(crate) fn watchers(
    directory: &Directory,
    texts: &[String],
) -> Result<BTreeSet<Recipient>, AppError> {
    const FIELD: &str = "watchers";
    if texts.len() > WATCHERS_MAX {
        return Err(AppError::invalid(
            FIELD,
            format!("at most {WATCHERS_MAX} are allowed"),
        ));
    }
    let one = |text: &String| {
        let team = text.strip_prefix("team:");
        if let Some(team) = team.and_then(|name| directory.team_named(name)) {
            return Ok(Recipient::Team(team.id.clone()));
        }
        let watcher = Recipient::parse(text).map_err(|e| AppError::invalid(FIELD, e))?;
        let exists = match &watcher {
            Recipient::Person(id) => directory.persons.contains_key(id),
            Recipient::Team(id) => directory.teams.contains_key(id),
            Recipient::Address(_) | Recipient::Channel(_) => true,
        };
        if exists {
            Ok(watcher)
        } else {
            Err(AppError::invalid(
                FIELD,
                format!("{watcher} does not exist"),
            ))
        }
    };
    texts.iter().map(one).collect()
}
