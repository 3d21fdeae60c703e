//! Writes down again what tokens may do, after a role or an owner changed.
//!
//! The verifier knows at once; lists and filters look at the credential's row. A wish
//! stands in the store until this is done, so a crash in between loses nothing.

use std::sync::Arc;

use domain::access::{Roles, effective};
use domain::inventory::Credential;
use domain::kernel::{CredentialId, Instant, RoleName};
use domain::people::{Directory, Owner};
use domain::token::Token;

use crate::ports::{CredentialFilter, PageRequest, Write};
use crate::unit::Unit;
use crate::{AppError, Context};

/// Which tokens may be worth something else now.
pub(crate) enum Affected {
    /// All of them.
    All,
    /// Those that carry the role, or whose owner does.
    Role(RoleName),
    /// Those of this owner.
    Owner(Owner),
}

const WISH: &str = "restate_wanted";
const PAGE: u32 = 200;
/// From so many owners on, walking everything is the shorter way.
const OWNERS_MAX: usize = 50;

/// The wish, to be written in the commit that makes it necessary.
pub(crate) fn restate_wanted(ctx: &Context) -> Write {
    Write::SetMeta(WISH.to_owned(), ctx.now().as_micros().to_string())
}

/// Sets the rows right and takes the wish back. What fails is tried again by
/// [`restate_if_wanted`].
pub(crate) async fn restate(ctx: &Context, affected: &Affected) {
    if let Err(error) = attempt(ctx, affected).await {
        tracing::warn!(%error, "effective scopes could not be written down; trying again soon");
    }
}

/// Does what an earlier [`restate`] could not finish.
pub(crate) async fn restate_if_wanted(ctx: &Context) -> Result<(), AppError> {
    match ctx.store.meta(WISH).await? {
        Some(_) => attempt(ctx, &Affected::All).await,
        None => Ok(()),
    }
}

async fn attempt(ctx: &Context, affected: &Affected) -> Result<(), AppError> {
    let restating = Restating::begin(ctx).await?;
    for filter in filters(ctx, affected, &restating.directory) {
        restating.walk(ctx, filter).await?;
    }
    restating.end(ctx).await
}

/// What rows are set right by, and the wish that asked for it.
pub(super) struct Restating {
    wish: Option<String>,
    roles: Arc<Roles>,
    directory: Arc<Directory>,
}

impl Restating {
    /// The wish first: who wishes while this runs is not answered by it.
    pub(super) async fn begin(ctx: &Context) -> Result<Self, AppError> {
        Ok(Self {
            wish: ctx.store.meta(WISH).await?,
            roles: ctx.store.roles().await?,
            directory: ctx.store.directory().await?,
        })
    }

    /// Sets these rows right.
    pub(super) async fn these(
        &self,
        ctx: &Context,
        tokens: impl IntoIterator<Item = (Credential, Token)>,
    ) -> Result<(), AppError> {
        let right =
            |(c, t): (Credential, Token)| restated(c, &t, &self.roles, &self.directory, ctx.now());
        save(ctx, tokens.into_iter().filter_map(right).collect()).await
    }

    async fn walk(&self, ctx: &Context, filter: CredentialFilter) -> Result<(), AppError> {
        let mut page = PageRequest {
            limit: PAGE,
            after: None,
        };
        loop {
            let found = ctx.store.list_credentials(&filter, &page).await?;
            let tokens = found.items.into_iter().filter_map(|(c, t)| Some((c, t?)));
            self.these(ctx, tokens).await?;
            page.after = found.next;
            if page.after.is_none() {
                return Ok(());
            }
        }
    }

    /// Takes the wish back: all that it asked for was set right.
    pub(super) async fn end(self, ctx: &Context) -> Result<(), AppError> {
        if self.wish.is_none() {
            return Ok(());
        }
        let mut unit = Unit::by("system", ctx.now());
        unit.write(Write::SwapMeta {
            name: WISH.to_owned(),
            from: self.wish,
            to: None,
        });
        match unit.commit(ctx).await {
            // Somebody wished again meanwhile, and does it.
            Err(AppError::Overtaken(_)) => Ok(()),
            done => done,
        }
    }
}

fn filters(ctx: &Context, affected: &Affected, directory: &Directory) -> Vec<CredentialFilter> {
    let all = || CredentialFilter {
        now: ctx.now(),
        issued_here: Some(true),
        ..CredentialFilter::default()
    };
    let of_owner = |owner: String| CredentialFilter {
        owner: Some(owner),
        ..all()
    };
    let role = match affected {
        Affected::All => return vec![all()],
        Affected::Owner(owner) => return vec![of_owner(owner.to_string())],
        Affected::Role(role) => role,
    };
    let persons = directory
        .persons
        .values()
        .filter(|p| p.roles.contains(role));
    let accounts = directory
        .service_accounts
        .values()
        .filter(|a| a.roles.contains(role));
    let mut owners: Vec<String> = persons.map(|p| p.id.to_string()).collect();
    owners.extend(accounts.map(|a| a.id.to_string()));
    if owners.len() > OWNERS_MAX {
        return vec![all()];
    }
    let carriers = CredentialFilter {
        role: Some(role.to_string()),
        ..all()
    };
    owners.into_iter().map(of_owner).chain([carriers]).collect()
}

/// The credential as it should stand, if it stands otherwise.
pub(crate) fn restated(
    mut credential: Credential,
    token: &Token,
    roles: &Roles,
    directory: &Directory,
    now: Instant,
) -> Option<Credential> {
    let owner = credential.owner.as_ref()?;
    let scopes = effective(&token.roles, &token.scopes, owner, directory, roles).words();
    let suspended = is_disabled(owner, directory);
    // A token that is over keeps what it had when it ended.
    let over = credential.revoked_at.is_some() || credential.expires_at().is_some_and(|e| e <= now);
    if over || (credential.scopes == scopes && credential.suspended == suspended) {
        return None;
    }
    credential.scopes = scopes;
    credential.suspended = suspended;
    Some(credential)
}

/// Leaving is an end, not a suspension.
fn is_disabled(owner: &Owner, directory: &Directory) -> bool {
    match owner {
        Owner::Person(id) => !directory.persons.get(id).is_some_and(|p| p.active),
        Owner::ServiceAccount(id) => !directory.service_accounts.get(id).is_some_and(|a| a.active),
    }
}

/// All in one commit; if one of them was changed meanwhile, one by one.
async fn save(ctx: &Context, changed: Vec<Credential>) -> Result<(), AppError> {
    if changed.is_empty() {
        return Ok(());
    }
    let mut unit = Unit::by("system", ctx.now());
    let ids: Vec<CredentialId> = changed.iter().map(|c| c.id.clone()).collect();
    for credential in changed {
        put(&mut unit, credential);
    }
    match unit.commit(ctx).await {
        Err(AppError::Overtaken(_)) => one_by_one(ctx, ids).await,
        done => done,
    }
}

async fn one_by_one(ctx: &Context, ids: Vec<CredentialId>) -> Result<(), AppError> {
    let roles = ctx.store.roles().await?;
    let directory = ctx.store.directory().await?;
    for id in ids {
        crate::unit::until_settled!(save_one(ctx, &id, &roles, &directory))?;
    }
    Ok(())
}

async fn save_one(
    ctx: &Context,
    id: &CredentialId,
    roles: &Roles,
    directory: &Directory,
) -> Result<(), AppError> {
    let pair = (ctx.store.credential(id).await?, ctx.store.token(id).await?);
    let (Some(credential), Some(token)) = pair else {
        return Ok(());
    };
    let Some(credential) = restated(credential, &token, roles, directory, ctx.now()) else {
        return Ok(());
    };
    let mut unit = Unit::by("system", ctx.now());
    put(&mut unit, credential);
    unit.commit(ctx).await
}

fn put(unit: &mut Unit, credential: Credential) {
    unit.look_at(&credential.id);
    unit.write(Write::PutCredential(Box::new(credential)));
}
