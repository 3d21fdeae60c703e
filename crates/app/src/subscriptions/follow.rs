//! What an address shows at this moment.

use std::sync::Arc;

use domain::access::owner_grant;
use domain::inventory::Credential;
use domain::kernel::{Instant, Span};
use domain::people::{Directory, Owner};

use super::address;
use crate::ports::{CredentialFilter, CredentialSort, Followed, PageRequest, Subscription};
use crate::sight::{Sight, narrow};
use crate::{AppError, Context, Principal};

/// What ended longer ago is not shown any more.
pub const HORIZON: Span = Span::days(30);
/// So many credentials are shown, soonest first.
pub const MOST: usize = 1_000;
const PAGE: u32 = 200;

/// What stands under an address.
#[derive(Clone, Debug)]
pub struct Following {
    /// The address's own record.
    pub subscription: Subscription,
    /// What it is called: a person's name, a team's, or everything.
    pub title: String,
    /// What it shows, soonest end first.
    pub items: Vec<Followable>,
    /// Whether there are more.
    pub cut: bool,
    /// Begins every link, without a slash at the end.
    pub public_url: String,
    /// The instant of reading.
    pub now: Instant,
}

/// A credential with an end.
#[derive(Clone, Debug)]
pub struct Followable {
    /// The credential.
    pub credential: Credential,
    /// Its end.
    pub end: Instant,
    /// Whether it will not end by itself any more: revoked, or gone from its system.
    pub is_over: bool,
    /// Its owner's name; empty without one.
    pub owner: String,
}

/// Reads what stands under an address.
///
/// # Errors
/// [`AppError::NotFound`] for an address that is wrong, revoked, or whose maker may not
/// see this any more.
pub async fn follow(ctx: &Context, secret: &str) -> Result<Following, AppError> {
    let unknown = || AppError::not_found("a feed of this address");
    let kept = match address::id_of(secret) {
        Some(id) => ctx.store.subscription(&id).await?,
        None => None,
    };
    let proven = address::proves(ctx, secret, kept.as_ref());
    let subscription = kept.filter(|_| proven).ok_or_else(unknown)?;
    let directory = ctx.store.directory().await?;
    let (filter, title) = selection(ctx, &subscription, &directory)
        .await?
        .ok_or_else(unknown)?;
    let (items, cut) = gather(ctx, filter, &directory).await?;
    Ok(Following {
        subscription,
        title,
        items,
        cut,
        public_url: ctx.settings.load().public_url.clone(),
        now: ctx.now(),
    })
}

/// Which credentials, and what they are called together; `None` when the maker may not
/// see them now.
async fn selection(
    ctx: &Context,
    subscription: &Subscription,
    directory: &Directory,
) -> Result<Option<(CredentialFilter, String)>, AppError> {
    let now = ctx.now();
    if !directory.owner_is_active(&subscription.owner, now) {
        return Ok(None);
    }
    let maker = maker(ctx, &subscription.owner, directory).await?;
    let filter = CredentialFilter {
        expires_after: Some(now - HORIZON),
        sort: CredentialSort::ExpiresAt,
        ..CredentialFilter::default()
    };
    let all = maker.holds("credentials:read");
    Ok(match &subscription.of {
        Followed::Person(id) => {
            let title = directory.persons.get(id).map(|p| p.name.to_string());
            let own = subscription.owner == Owner::Person(id.clone());
            let filter = narrow(ctx, &maker, &[], filter).await?;
            title.filter(|_| own).map(|title| (filter, title))
        }
        Followed::Team(id) => {
            let title = directory.teams.get(id).map(|t| t.name.to_string());
            let may = all || Sight::of(&maker, directory).is_of(id);
            let filter = CredentialFilter {
                team: Some(id.clone()),
                now,
                ..filter
            };
            title.filter(|_| may).map(|title| (filter, title))
        }
        Followed::All => {
            let filter = CredentialFilter { now, ..filter };
            all.then(|| (filter, "all credentials".to_owned()))
        }
    })
}

/// The maker as somebody who asks right now.
async fn maker(ctx: &Context, owner: &Owner, directory: &Directory) -> Result<Principal, AppError> {
    let roles = ctx.store.roles().await?;
    Ok(Principal {
        token: None,
        kind: None,
        owner: owner.clone(),
        grant: Arc::new(owner_grant(owner, directory, &roles, ctx.now())),
        expires_at: None,
        ingest_source: None,
    })
}

async fn gather(
    ctx: &Context,
    filter: CredentialFilter,
    directory: &Directory,
) -> Result<(Vec<Followable>, bool), AppError> {
    let mut items = Vec::new();
    let mut page = PageRequest {
        limit: PAGE,
        after: None,
    };
    loop {
        let found = ctx.store.list_credentials(&filter, &page).await?;
        let each = found.items.into_iter().map(|(credential, _)| credential);
        items.extend(each.filter_map(|c| followable(c, directory)));
        match found.next {
            Some(next) if items.len() < MOST => page.after = Some(next),
            next => {
                let cut = next.is_some() || items.len() > MOST;
                items.truncate(MOST);
                return Ok((items, cut));
            }
        }
    }
}

fn followable(credential: Credential, directory: &Directory) -> Option<Followable> {
    let end = credential.expires_at()?;
    let owner = credential.owner.as_ref();
    let owner = owner.map(|o| directory.owner_name(o).to_owned());
    Some(Followable {
        end,
        is_over: credential.revoked_at.is_some() || credential.gone_at.is_some(),
        owner: owner.unwrap_or_default(),
        credential,
    })
}
