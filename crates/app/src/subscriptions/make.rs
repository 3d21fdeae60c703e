//! Makes, lists and revokes addresses.

use domain::kernel::{Secret, SubscriptionId};
use domain::people::Owner;
use serde_json::json;

use super::address;
use crate::ports::{Followed, Subscription, Write};
use crate::sight::Sight;
use crate::unit::Unit;
use crate::{AppError, Context, Principal, whois};

/// One owner holds at most so many.
const PER_OWNER: usize = 50;

/// What is wished for.
#[derive(Clone, Debug, Default)]
pub struct MakeSubscription {
    /// `me`, `team:NAME` or `all`.
    pub of: String,
    /// Titles without names.
    pub discreet: bool,
}

/// A new subscription with its address, which is shown this once.
#[derive(Clone, Debug)]
pub struct Made {
    /// The subscription.
    pub subscription: Subscription,
    /// The secret part of its address.
    pub address: Secret<String>,
}

/// Makes an address. One's own credentials and those of one's teams need no scope.
///
/// # Errors
/// [`AppError::Forbidden`] without `credentials:read` for all or for a team of others;
/// [`AppError::Invalid`] for an unknown word, and for a service account's "me";
/// [`AppError::Conflict`] beyond 50.
pub async fn make(
    ctx: &Context,
    principal: &Principal,
    wish: &MakeSubscription,
) -> Result<Made, AppError> {
    if principal.ingest_source.is_some() {
        return Err(AppError::lacks("credentials:read", "to follow credentials"));
    }
    let of = followed(ctx, principal, &wish.of).await?;
    let all = ctx.store.subscriptions().await?;
    if all.iter().filter(|s| s.owner == principal.owner).count() >= PER_OWNER {
        let told = format!("you hold {PER_OWNER} feed addresses already; revoke one first");
        return Err(AppError::conflict(told));
    }
    let now = ctx.now();
    let (id, address) = address::generate(&mut ctx.random.as_ref())
        .ok_or_else(|| AppError::conflict("no address could be made; try again"))?;
    let (key_version, mac) = address::stored(&ctx.verifier, &address);
    let mut subscription = Subscription {
        id,
        of,
        owner: principal.owner.clone(),
        discreet: wish.discreet,
        created_at: now,
        key_version,
        mac,
        version: 0,
    };
    let mut unit = Unit::of(principal, now);
    unit.write(Write::PutSubscription(Box::new(subscription.clone())))
        .audit(
            "feed.make",
            format!("feed:{}", subscription.id),
            json!({ "of": subscription.of }),
        );
    unit.commit(ctx).await?;
    subscription.version = 1;
    Ok(Made {
        subscription,
        address,
    })
}

/// An address outlives the token that makes it, as a token made with it would.
fn outlives(principal: &Principal) -> Result<(), AppError> {
    principal.need("tokens:issue", "to make an address that outlives the token")
}

async fn followed(ctx: &Context, principal: &Principal, of: &str) -> Result<Followed, AppError> {
    match of {
        "me" => match &principal.owner {
            Owner::Person(id) => Ok(Followed::Person(id.clone())),
            Owner::ServiceAccount(_) => Err(AppError::invalid(
                "for",
                "a service account has no calendar; name a team, or all",
            )),
        },
        "all" => {
            principal.need("credentials:read", "to follow all credentials")?;
            outlives(principal)?;
            Ok(Followed::All)
        }
        other => {
            let directory = ctx.store.directory().await?;
            let named = other.strip_prefix("team:").ok_or_else(|| {
                AppError::invalid("for", "is none of `me`, `team:NAME` and `all`")
            })?;
            let team = whois::team(&directory, named, "for")?;
            if !Sight::of(principal, &directory).is_of(&team) {
                principal.need("credentials:read", "to follow a team of others")?;
                outlives(principal)?;
            }
            Ok(Followed::Team(team))
        }
    }
}

/// One's own addresses, without their secrets; everybody's with `people:write`.
///
/// # Errors
/// The store's.
pub async fn list(ctx: &Context, principal: &Principal) -> Result<Vec<Subscription>, AppError> {
    let all = principal.holds("people:write");
    let mut found = ctx.store.subscriptions().await?;
    found.retain(|s| all || s.owner == principal.owner);
    Ok(found)
}

/// Revokes an address: from now on nothing is read under it.
///
/// # Errors
/// [`AppError::NotFound`], also for those of others without `people:write`.
pub async fn revoke(ctx: &Context, principal: &Principal, id: &str) -> Result<(), AppError> {
    let shown = crate::error::shown(id);
    let unknown = || AppError::not_found(format!("feed {shown}"));
    let id = SubscriptionId::parse(id).map_err(|_| unknown())?;
    let found = ctx.store.subscription(&id).await?.ok_or_else(unknown)?;
    if found.owner != principal.owner && !principal.holds("people:write") {
        return Err(unknown());
    }
    let mut unit = Unit::of(principal, ctx.now());
    unit.write(Write::RemoveSubscription(id.clone())).audit(
        "feed.revoke",
        format!("feed:{id}"),
        json!({ "of": found.of }),
    );
    unit.commit(ctx).await
}
