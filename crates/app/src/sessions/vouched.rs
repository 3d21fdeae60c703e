//! Somebody for whom the identity provider vouches: who are they here, and what may they?
//!
//! The provider's own id decides, once it is known. Before that an address does, if the
//! provider has verified it, and if nobody else there is known to be that person: an
//! address is given to somebody new one day. Groups give and take only the roles and teams that the
//! configuration ties to groups; whatever else somebody holds stays.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::access::Grant;
use domain::kernel::{Email, PersonId, ServiceAccountId};
use domain::people::{Owner, Person};
use serde_json::json;

use super::{Opened, open};
use crate::digest::sha256_hex;
use crate::people::{
    CreatePerson, PatchPerson, PatchTeam, create_person, patch_person, patch_team,
};
use crate::ports::{Vouched, Way, Write};
use crate::unit::Unit;
use crate::{AppError, Context, Principal};

/// As whom the audit log names what a sign-in changes.
const ACTOR: &str = "sva_sign-in";

/// Opens a session for whom the provider vouches.
///
/// # Errors
/// [`AppError::Forbidden`] for somebody whom nobody here knows, or who is not here any
/// more.
pub async fn sign_in_vouched(
    ctx: &Context,
    vouched: &Vouched,
    agent: &str,
) -> Result<Opened, AppError> {
    let key = key(vouched);
    let known = ctx.store.meta(&key).await?;
    let person = match known.as_deref().map(PersonId::parse) {
        Some(Ok(id)) => ctx.store.person(&id).await?,
        _ => Some(first_time(ctx, vouched).await?),
    };
    let person = person.filter(|person| person.is_present(ctx.now()));
    let person =
        person.ok_or_else(|| refused("this account is not active here any more; ask an admin"))?;
    let person = grouped(ctx, person, &vouched.groups).await?;
    let mut unit = Unit::by(person.id.to_string(), ctx.now());
    if known.is_none() {
        unit.write(Write::SetMeta(key.clone(), person.id.to_string()))
            .write(Write::SwapMeta {
                name: link(&person.id),
                from: None,
                to: Some(key),
            })
            .audit(
                "person.link",
                person.id.to_string(),
                json!({ "issuer": vouched.issuer }),
            );
    }
    let opened = open(ctx, &mut unit, &person.id, Way::Provider, agent)?;
    unit.commit(ctx).await?;
    Ok(opened)
}

/// Where it stands whom an id of the provider means.
fn key(vouched: &Vouched) -> String {
    let hash = sha256_hex(&["identity", &vouched.issuer, &vouched.subject]);
    format!("identity.{hash}")
}

/// Where it stands by which id of the provider a person is known.
fn link(person: &PersonId) -> String {
    format!("identity_of.{person}")
}

/// What forgets by which id of the provider somebody is known, for one who is deactivated:
/// when they are back, whoever then proves their address is them.
pub(crate) async fn unlink(ctx: &Context, person: &PersonId) -> Result<Vec<Write>, AppError> {
    let Some(key) = ctx.store.meta(&link(person)).await? else {
        return Ok(Vec::new());
    };
    let gone = |name: String, from: String| Write::SwapMeta {
        name,
        from: Some(from),
        to: None,
    };
    let known = gone(key.clone(), person.to_string());
    Ok(vec![known, gone(link(person), key)])
}

async fn first_time(ctx: &Context, vouched: &Vouched) -> Result<Person, AppError> {
    let email = vouched
        .email
        .as_deref()
        .and_then(|text| Email::parse(text).ok());
    let directory = ctx.store.directory().await?;
    if let Some(person) = email
        .as_ref()
        .and_then(|email| directory.person_by_email(email))
    {
        if ctx.store.meta(&link(&person.id)).await?.is_some() {
            return Err(refused(
                "another account of the provider is known as the person with this address; ask an admin to deactivate the person and activate them again, if you are them",
            ));
        }
        return Ok(person.clone());
    }
    if !ctx.settings.load().sign_in.admit {
        return Err(refused(
            "nobody here is known by this account; ask an admin to add you with your address",
        ));
    }
    let name = vouched.name.clone().or_else(|| vouched.email.clone());
    let request = CreatePerson {
        name: name.unwrap_or_else(|| vouched.subject.chars().take(64).collect()),
        email: email.map(|email| email.to_string()),
        ..CreatePerson::default()
    };
    create_person(ctx, &actor()?, request).await
}

/// Gives and takes what the configuration ties to groups. What cannot be changed (the last
/// admin, a role that is gone) stays as it is, and keeps nobody out.
async fn grouped(ctx: &Context, person: Person, groups: &[String]) -> Result<Person, AppError> {
    let rules = ctx.settings.load().sign_in.clone();
    let managed: BTreeSet<&String> = rules.roles.values().flatten().collect();
    let wanted: BTreeSet<&String> = groups
        .iter()
        .filter_map(|g| rules.roles.get(g))
        .flatten()
        .collect();
    let held: BTreeSet<String> = person.roles.iter().map(ToString::to_string).collect();
    let kept = held.iter().filter(|role| !managed.contains(role));
    let roles: BTreeSet<String> = kept.chain(wanted).cloned().collect();
    teamed(ctx, &person, groups).await?;
    if roles == held {
        return Ok(person);
    }
    let patch = PatchPerson {
        roles: Some(roles.into_iter().collect()),
        ..PatchPerson::default()
    };
    let changed = patch_person(ctx, &actor()?, person.id.as_str(), patch, None).await;
    stays(changed, person)
}

async fn teamed(ctx: &Context, person: &Person, groups: &[String]) -> Result<(), AppError> {
    let rules = ctx.settings.load().sign_in.clone();
    let managed: BTreeSet<&String> = rules.teams.values().flatten().collect();
    let wanted: BTreeSet<&String> = groups
        .iter()
        .filter_map(|g| rules.teams.get(g))
        .flatten()
        .collect();
    for name in managed {
        let directory = ctx.store.directory().await?;
        let Some(team) = directory.team_named(name) else {
            tracing::warn!(team = %name, "sign_in.provider.teams names a team that is not there");
            continue;
        };
        let belongs = wanted.contains(name);
        if team.members.contains(&person.id) == belongs {
            continue;
        }
        let others = team.members.iter().filter(|member| **member != person.id);
        let own = belongs.then_some(&person.id);
        let patch = PatchTeam {
            members: Some(others.chain(own).map(ToString::to_string).collect()),
            ..PatchTeam::default()
        };
        let changed = patch_team(ctx, &actor()?, team.id.as_str(), patch, None).await;
        stays(changed.map(drop), ())?;
    }
    Ok(())
}

/// What a rule of the configuration cannot bring about is for the operator to mend.
fn stays<T>(changed: Result<T, AppError>, before: T) -> Result<T, AppError> {
    match changed {
        Err(error @ (AppError::Unavailable(_) | AppError::Corrupt(_))) => Err(error),
        Err(error) => {
            tracing::warn!(%error, "what the groups of the provider say could not be done");
            Ok(before)
        }
        changed => changed,
    }
}

/// The configuration, which may do everything, acts when somebody signs in.
fn actor() -> Result<Principal, AppError> {
    let id = ServiceAccountId::parse(ACTOR).map_err(|e| AppError::Corrupt(e.to_string()))?;
    Ok(Principal {
        token: None,
        kind: None,
        owner: Owner::ServiceAccount(id),
        grant: Arc::new(Grant::ALL),
        expires_at: None,
        ingest_source: None,
    })
}

fn refused(sentence: &str) -> AppError {
    AppError::Forbidden {
        missing: Vec::new(),
        sentence: sentence.to_owned(),
    }
}
