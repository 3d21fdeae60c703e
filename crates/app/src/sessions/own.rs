//! What somebody does with their own sessions and their own password.

use domain::kernel::{PersonId, Secret, SessionId};
use domain::people::Owner;
use serde_json::Value;

use super::resume::is_over;
use super::{Visitor, password};
use crate::ports::{Password, Session, Way, Write};
use crate::unit::Unit;
use crate::{AppError, Context, Principal};

/// A new password for oneself.
#[derive(Clone, Debug)]
pub struct ChoosePassword {
    /// The one that stands; not asked for where none does.
    pub current: Option<Secret<String>>,
    /// The new one.
    pub wanted: Secret<String>,
}

/// One's own sessions that still open, last seen first.
///
/// # Errors
/// The store's.
pub async fn list_sessions(ctx: &Context, principal: &Principal) -> Result<Vec<Session>, AppError> {
    let person = person(principal)?;
    let mut sessions = ctx.store.sessions_of(person).await?;
    sessions.retain(|session| !is_over(ctx, session));
    sessions.sort_by(|a, b| (b.seen_at, &b.id).cmp(&(a.seen_at, &a.id)));
    Ok(sessions)
}

/// Ends one of one's own sessions; what has ended already stays so.
///
/// # Errors
/// [`AppError::NotFound`] also for those of others.
pub async fn end_session(ctx: &Context, principal: &Principal, id: &str) -> Result<(), AppError> {
    let person = person(principal)?;
    let unknown = || AppError::not_found("this session");
    let id = SessionId::parse(id).map_err(|_| unknown())?;
    let kept = ctx.store.session(&id).await?;
    if kept.is_none_or(|session| session.person != *person) {
        return Err(unknown());
    }
    let mut unit = Unit::of(principal, ctx.now());
    unit.write(Write::RemoveSession(id.clone())).audit(
        "session.end",
        format!("session:{id}"),
        Value::Null,
    );
    unit.commit(ctx).await
}

/// The same for a visitor, who may be there by a token: that ends no session but its own.
///
/// # Errors
/// [`AppError::Forbidden`] for another one; those of [`end_session`].
pub async fn end_own_session(ctx: &Context, visitor: &Visitor, id: &str) -> Result<(), AppError> {
    if visitor.session.id.as_str() != id {
        more_than_a_token(visitor, "end other sessions")?;
    }
    end_session(ctx, &visitor.principal, id).await
}

/// A token may do less than its owner, and must not act on what belongs to the owner alone.
fn more_than_a_token(visitor: &Visitor, what: &str) -> Result<(), AppError> {
    match visitor.session.way {
        Way::Token(_) if !visitor.principal.holds("*") => Err(AppError::Forbidden {
            missing: Vec::new(),
            sentence: format!("who signed in with a token cannot {what}; sign in in another way"),
        }),
        _ => Ok(()),
    }
}

/// Ends all of one's own sessions but the one that asks.
///
/// # Errors
/// [`AppError::Forbidden`] for whoever is there by a token.
pub async fn end_other_sessions(ctx: &Context, visitor: &Visitor) -> Result<(), AppError> {
    more_than_a_token(visitor, "end other sessions")?;
    let mut unit = Unit::of(&visitor.principal, ctx.now());
    end_others(&mut unit, visitor);
    unit.commit(ctx).await
}

fn end_others(unit: &mut Unit, visitor: &Visitor) {
    let (person, but) = (&visitor.person.id, &visitor.session.id);
    unit.write(Write::RemoveSessionsOf(person.clone(), Some(but.clone())))
        .audit("session.end-others", person.to_string(), Value::Null);
}

/// Whether somebody has a password here.
///
/// # Errors
/// The store's.
pub async fn has_password(ctx: &Context, principal: &Principal) -> Result<bool, AppError> {
    Ok(ctx.store.password(person(principal)?).await?.is_some())
}

/// Chooses one's own password, and ends every other session. Passwords are for those who
/// may do everything, so that somebody gets in when nothing else lets them: whoever has
/// none yet needs `*`.
///
/// # Errors
/// [`AppError::Invalid`] naming `current` or `password`; [`AppError::Forbidden`] for whoever
/// is there by a token that may not do everything.
pub async fn choose_password(
    ctx: &Context,
    visitor: &Visitor,
    request: ChoosePassword,
) -> Result<(), AppError> {
    more_than_a_token(visitor, "choose a password")?;
    let person = &visitor.person;
    let kept = ctx.store.password(&person.id).await?;
    if !ctx.settings.load().sign_in.passwords {
        return Err(AppError::conflict("passwords are switched off here"));
    }
    if kept.is_none() {
        visitor.principal.need("*", "to have a password here")?;
    }
    password::check(&request.wanted, person.email.as_ref())?;
    if let Some(kept) = kept {
        let current = request
            .current
            .unwrap_or_else(|| Secret::new(String::new()));
        if !password::proves(ctx, current, Some(kept.hash)).await? {
            let problem = "this is not the password that stands now";
            return Err(AppError::invalid("current", problem));
        }
    }
    let hash = password::hash(ctx, request.wanted).await?;
    let mut unit = Unit::of(&visitor.principal, ctx.now());
    unit.write(Write::PutPassword(Password {
        person: person.id.clone(),
        hash,
        chosen_at: ctx.now(),
    }))
    .audit("password.choose", person.id.to_string(), Value::Null);
    end_others(&mut unit, visitor);
    unit.commit(ctx).await
}

fn person(principal: &Principal) -> Result<&PersonId, AppError> {
    match &principal.owner {
        Owner::Person(id) => Ok(id),
        Owner::ServiceAccount(_) => Err(AppError::not_found("this person")),
    }
}
