//! The one-time link that makes the first admin.

use std::collections::BTreeSet;

use domain::kernel::{Email, Instant, PersonId, Secret, Span, base62};
use domain::people::{Owner, Person};
use domain::token::{DEFAULT_LIFETIME, TokenKind};
use serde_json::{Value, json};

use super::bootstrap::admin_token;
use super::first::admin;
use crate::digest::sha256_hex;
use crate::people::ceiling::has_admin_person;
use crate::ports::{Password, Way, Write};
use crate::sessions::{Opened, check_password, hash_password, open};
use crate::tokens::Issued;
use crate::tokens::draft::make;
use crate::tokens::issue::told;
use crate::unit::Unit;
use crate::{AppError, Context, feed, whois};

/// How long a code is taken.
const VALID: Span = Span::hours(1);
const CODE_CHARS: usize = 32;
/// Where hash and end of the code stand.
const META: &str = "setup_code";

/// Who the first admin is.
#[derive(Clone, Debug)]
pub struct CompleteSetup {
    /// The code out of the link.
    pub code: Secret<String>,
    /// As shown.
    pub name: String,
    /// Where to write.
    pub email: Option<String>,
    /// To sign in with later; needs an address.
    pub password: Option<Secret<String>>,
    /// What the browser says it is.
    pub agent: String,
}

/// What the set-up makes.
#[derive(Clone, Debug)]
pub struct Founded {
    /// The first admin.
    pub person: Person,
    /// Their first token.
    pub issued: Issued,
    /// They are signed in.
    pub opened: Opened,
}

/// A fresh code, valid for one hour, which replaces any earlier one; only its hash is
/// kept. `None` once a person is admin. The link is `{public_url}/setup/{code}`.
///
/// # Errors
/// The store's.
pub async fn make_setup_code(ctx: &Context) -> Result<Option<Secret<String>>, AppError> {
    if admin_exists(ctx).await? {
        return Ok(None);
    }
    let now = ctx.now();
    let code = Secret::new(base62(&mut ctx.random.as_ref(), CODE_CHARS));
    let until = now.checked_add(VALID).unwrap_or(Instant::MAX);
    let mut unit = Unit::by("setup", now);
    let kept = format!("{} {}", hash(&code), until.as_micros());
    unit.write(Write::SetMeta(META.to_owned(), kept));
    unit.audit("setup.code", META.to_owned(), json!({ "until": until }));
    unit.commit(ctx).await?;
    Ok(Some(code))
}

/// Whether a code would be taken now; uses nothing up (a GET may ask).
///
/// # Errors
/// The store's.
pub async fn setup_code_is_valid(ctx: &Context, code: &Secret<String>) -> Result<bool, AppError> {
    Ok(standing(ctx, code).await?.is_some() && !admin_exists(ctx).await?)
}

/// Makes the first admin and one personal token, once, and signs them in. Only by POST.
///
/// # Errors
/// [`AppError::Forbidden`] for a wrong, used or stale code, and once a person is admin.
pub async fn complete_setup(ctx: &Context, request: CompleteSetup) -> Result<Founded, AppError> {
    let name = whois::name(&request.name)?;
    let email = request.email.as_deref().map(whois::email).transpose()?;
    check(&request, email.as_ref())?;
    let Some(kept) = standing(ctx, &request.code).await? else {
        return Err(refused());
    };
    if admin_exists(ctx).await? {
        return Err(refused());
    }
    let hash = match request.password {
        Some(password) => Some(hash_password(ctx, password).await?),
        None => None,
    };
    let now = ctx.now();
    let mut person = Person {
        id: PersonId::random(&mut ctx.random.as_ref()),
        name,
        email,
        time_zone: None,
        roles: BTreeSet::from([admin()?]),
        active: true,
        leaves_at: None,
        bounced_at: None,
        claimed: None,
        locale: None,
        provisioned: Default::default(),
        created_at: now,
        version: 0,
    };
    let owner = Owner::Person(person.id.clone());
    let draft = admin_token(
        TokenKind::Personal,
        "first token",
        owner,
        now,
        DEFAULT_LIFETIME,
    )?;
    let (item, value) = make(ctx, draft)?;
    let mut unit = Unit::by("setup", now);
    // Used up in the same commit: of two at once the second fails.
    unit.write(Write::SwapMeta {
        name: META.to_owned(),
        from: Some(kept),
        to: None,
    });
    unit.write(Write::PutPerson(person.clone()));
    item.save(&mut unit);
    unit.audit("setup.complete", person.id.to_string(), Value::Null);
    if let Some(hash) = hash {
        unit.write(Write::PutPassword(Password {
            person: person.id.clone(),
            hash,
            chosen_at: now,
        }));
    }
    let opened = open(ctx, &mut unit, &person.id, Way::Setup, &request.agent)?;
    unit.audit(
        "token.issue",
        format!("token:{}", item.token.id),
        told(&item),
    );
    match unit.commit(ctx).await {
        Err(AppError::Overtaken(_)) => return Err(refused()),
        done => done?,
    }
    person.version += 1;
    feed::refresh_standings(ctx).await?;
    let item = item.saved(ctx);
    let issued = Issued {
        item,
        value: Some(value),
    };
    Ok(Founded {
        person,
        issued,
        opened,
    })
}

fn check(request: &CompleteSetup, email: Option<&Email>) -> Result<(), AppError> {
    let Some(password) = &request.password else {
        return Ok(());
    };
    if email.is_none() {
        let problem = "an address is needed to sign in with a password";
        return Err(AppError::invalid("email", problem));
    }
    check_password(password, email)
}

async fn admin_exists(ctx: &Context) -> Result<bool, AppError> {
    let directory = ctx.store.directory().await?;
    let roles = ctx.store.roles().await?;
    Ok(has_admin_person(ctx, &directory, &roles))
}

fn hash(code: &Secret<String>) -> String {
    sha256_hex(&["setup", code.expose()])
}

/// What stands in the store, if it stands for this code and its hour is not over.
async fn standing(ctx: &Context, code: &Secret<String>) -> Result<Option<String>, AppError> {
    let Some(kept) = ctx.store.meta(META).await? else {
        return Ok(None);
    };
    // Hashes are compared, so the time it takes tells nothing of the code.
    let stands = kept.split_once(' ').is_some_and(|(known, until)| {
        let until = until.parse::<i64>().unwrap_or(0);
        known == hash(code) && ctx.now().as_micros() < until
    });
    Ok(stands.then_some(kept))
}

fn refused() -> AppError {
    AppError::Forbidden {
        missing: Vec::new(),
        sentence: "this set-up link was used, has expired, or somebody is admin already; restart the server for a fresh one".to_owned(),
    }
}
