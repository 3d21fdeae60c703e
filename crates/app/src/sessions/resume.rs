//! Who does the cookie of a request stand for, at this moment?

use std::sync::Arc;

use domain::access::owner_grant;
use domain::kernel::{Secret, Span};
use domain::people::{Directory, Owner, Person};

use super::cookie;
use crate::ports::{Session, StoreError, Way, Write};
use crate::{AppError, AuthError, Context, Principal, authenticate_session};

/// That somebody was seen is written down at most so often.
const SEEN_EVERY: Span = Span::minutes(1);

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// As use cases want to be asked.
    pub principal: Principal,
    /// Who it is.
    pub person: Person,
    /// With which session.
    pub session: Session,
}

/// Recognises the value of a cookie. `None` when it stands for nobody: it is unknown, its
/// time is over, the person is not here any more, or what opened it does not open any more.
///
/// # Errors
/// The store's; [`AuthError::Stale`] for a session of a token.
pub async fn resume(ctx: &Context, value: &Secret<String>) -> Result<Option<Visitor>, AppError> {
    let Some(session) = proven(ctx, value).await? else {
        return Ok(None);
    };
    if is_over(ctx, &session) {
        return Ok(None);
    }
    let person = ctx.store.person(&session.person).await?;
    let Some(person) = person.filter(|person| person.is_present(ctx.now())) else {
        return Ok(None);
    };
    let Some(principal) = principal(ctx, &person, &session.way).await? else {
        return Ok(None);
    };
    let session = seen(ctx, session).await?;
    Ok(Some(Visitor {
        principal,
        person,
        session,
    }))
}

async fn proven(ctx: &Context, value: &Secret<String>) -> Result<Option<Session>, AppError> {
    let Some(id) = cookie::id_of(value) else {
        return Ok(None);
    };
    let kept = ctx.store.session(&id).await?;
    Ok(kept.filter(|session| cookie::proves(value, session)))
}

/// Whether a session does not open any more, by time or because its way was closed.
pub(super) fn is_over(ctx: &Context, session: &Session) -> bool {
    let (settings, now) = (ctx.settings.load(), ctx.now());
    let rules = &settings.sign_in;
    // A shorter limit counts for sessions that stand already.
    let ends_at = session.ends_at.min(session.opened_at + rules.lifetime);
    ends_at <= now
        || session.seen_at.until(now) >= rules.idle
        || (session.way == Way::Password && !rules.passwords)
        || (session.way == Way::Provider && ctx.provider.load().is_none())
}

async fn principal(
    ctx: &Context,
    person: &Person,
    way: &Way,
) -> Result<Option<Principal>, AppError> {
    if let Way::Token(token) = way {
        return match authenticate_session(ctx, token) {
            Ok(principal) => Ok(Some(principal)),
            Err(AuthError::Stale) => Err(AuthError::Stale.into()),
            Err(_) => Ok(None),
        };
    }
    let owner = Owner::Person(person.id.clone());
    let mut directory = Directory::default();
    directory.persons.insert(person.id.clone(), person.clone());
    let roles = ctx.store.roles().await?;
    Ok(Some(Principal {
        token: None,
        kind: None,
        grant: Arc::new(owner_grant(&owner, &directory, &roles, ctx.now())),
        owner,
        expires_at: None,
        ingest_source: None,
    }))
}

/// Remembers that somebody was here. A session that was ended meanwhile stays ended.
async fn seen(ctx: &Context, mut session: Session) -> Result<Session, AppError> {
    let now = ctx.now();
    let since = session.seen_at.until(now);
    if since < SEEN_EVERY && since >= Span::ZERO {
        return Ok(session);
    }
    session.seen_at = now;
    let changes = crate::ports::Changes {
        writes: vec![Write::PutSession(Box::new(session.clone()))],
        audit: Vec::new(),
    };
    match ctx.store.commit(changes).await {
        Ok(()) => session.version += 1,
        // Two requests at once; or a disk that is full, which keeps nobody from looking.
        Err(StoreError::Conflict(_) | StoreError::Full(_)) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(session)
}
