//! From a proof to a session.

use domain::kernel::{Email, Secret};
use domain::people::{Owner, Person};
use domain::token::TokenKind;

use super::{Opened, open, password};
use crate::ports::Way;
use crate::unit::Unit;
use crate::{AppError, AuthError, Context, authenticate};

/// Opens a session for the person of this address, by the password kept here.
///
/// # Errors
/// [`AppError::Forbidden`] in one and the same sentence, after the same work, whatever was
/// wrong.
pub async fn sign_in_with_password(
    ctx: &Context,
    address: &str,
    given: Secret<String>,
    agent: &str,
) -> Result<Opened, AppError> {
    if !ctx.settings.load().sign_in.passwords {
        return Err(AppError::Forbidden {
            missing: Vec::new(),
            sentence: "signing in with a password is switched off here".to_owned(),
        });
    }
    let person = addressed(ctx, address).await?;
    let kept = match &person {
        Some(person) => ctx.store.password(&person.id).await?,
        None => None,
    };
    let proven = password::proves(ctx, given, kept.map(|kept| kept.hash)).await?;
    let person = person.filter(|person| proven && person.is_present(ctx.now()));
    let Some(person) = person else {
        return Err(AppError::Forbidden {
            missing: Vec::new(),
            sentence: "this address and this password do not belong together".to_owned(),
        });
    };
    opened(ctx, &person, Way::Password, agent).await
}

async fn addressed(ctx: &Context, address: &str) -> Result<Option<Person>, AppError> {
    let Ok(email) = Email::parse(address.trim()) else {
        return Ok(None);
    };
    let directory = ctx.store.directory().await?;
    Ok(directory.person_by_email(&email).cloned())
}

/// Opens a session that may do what a personal token may, until the token ends.
///
/// # Errors
/// [`AppError::Unauthenticated`] for what is no working token;
/// [`AppError::Forbidden`] for one that is not a person's own.
pub async fn sign_in_with_token(
    ctx: &Context,
    value: &Secret<String>,
    agent: &str,
) -> Result<Opened, AppError> {
    let principal = authenticate(ctx, value.expose().trim())?;
    let (Owner::Person(id), Some(TokenKind::Personal)) = (&principal.owner, principal.kind) else {
        return Err(AppError::Forbidden {
            missing: Vec::new(),
            sentence: "only a personal token signs a person in; this one belongs to a program"
                .to_owned(),
        });
    };
    let person = ctx.store.person(id).await?.ok_or(AuthError::Invalid)?;
    let token = principal.token.ok_or(AuthError::Invalid)?;
    opened(ctx, &person, Way::Token(token), agent).await
}

async fn opened(ctx: &Context, person: &Person, way: Way, agent: &str) -> Result<Opened, AppError> {
    let mut unit = Unit::by(person.id.to_string(), ctx.now());
    let opened = open(ctx, &mut unit, &person.id, way, agent)?;
    unit.commit(ctx).await?;
    Ok(opened)
}
