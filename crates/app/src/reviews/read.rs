//! Reviews as a list and one by one.

use domain::expiry::{Decided, Every, Round};
use domain::inventory::Credential;
use domain::kernel::{Instant, TeamId};
use domain::people::Directory;

use super::rounds::{Running, of_team, running, stored};
use crate::sight::Sight;
use crate::{AppError, Context, Principal};

/// A review of one team, and how its present round stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewItem {
    /// `NAME:TEAM`.
    pub id: String,
    /// Its key in the configuration.
    pub name: String,
    /// The team.
    pub team: TeamId,
    /// What the team is called.
    pub team_name: String,
    /// How often.
    pub every: Every,
    /// When the present round began; `None` before the first.
    pub began_at: Option<Instant>,
    /// When the next one begins.
    pub next_at: Instant,
    /// How many credentials the round is about.
    pub total: u64,
    /// About how many of them nothing is decided.
    pub waiting: u64,
}

/// A review with everything that its round is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewDetail {
    /// How it stands.
    pub review: ReviewItem,
    /// Each credential, soonest end first, with what was decided.
    pub credentials: Vec<(Credential, Option<Decided>)>,
    /// Whether the caller may decide in it.
    pub may_decide: bool,
}

/// All reviews of one's teams; of all teams with `credentials:read`.
///
/// # Errors
/// The store's.
pub async fn list_reviews(
    ctx: &Context,
    principal: &Principal,
) -> Result<Vec<ReviewItem>, AppError> {
    let directory = ctx.store.directory().await?;
    let settings = ctx.settings.load_full();
    let mut items = Vec::new();
    for review in running(&settings, &directory) {
        if sees(principal, &directory, &review.team.id) {
            items.push(detail(ctx, &review, false).await?.review);
        }
    }
    items.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(items)
}

/// One review with its credentials; of one's team, or with `credentials:read`.
///
/// # Errors
/// [`AppError::NotFound`] also for what the caller may not see.
pub async fn get_review(
    ctx: &Context,
    principal: &Principal,
    id: &str,
) -> Result<ReviewDetail, AppError> {
    let directory = ctx.store.directory().await?;
    let settings = ctx.settings.load_full();
    let mut all = running(&settings, &directory).into_iter();
    let unknown = || AppError::not_found("a review of this id");
    let review = all.find(|r| r.id == id).ok_or_else(unknown)?;
    if !sees(principal, &directory, &review.team.id) {
        return Err(unknown());
    }
    let may_decide = decides(principal, &directory, &review.team.id);
    detail(ctx, &review, may_decide).await
}

/// Whether somebody may decide in the reviews of a team.
fn decides(principal: &Principal, directory: &Directory, team: &TeamId) -> bool {
    principal.holds("credentials:write") || Sight::of(principal, directory).belongs_to(team)
}

fn sees(principal: &Principal, directory: &Directory, team: &TeamId) -> bool {
    principal.holds("credentials:read") || Sight::of(principal, directory).belongs_to(team)
}

async fn detail(
    ctx: &Context,
    review: &Running<'_>,
    may_decide: bool,
) -> Result<ReviewDetail, AppError> {
    let now = ctx.now();
    let (round, _) = stored(ctx, &review.id).await?;
    let round = round.unwrap_or_else(|| Round::known(now));
    let all = of_team(ctx, &review.team.id).await?;
    let covered = all.into_iter().filter(|c| round.covers(c));
    let credentials: Vec<(Credential, Option<Decided>)> = covered
        .map(|c| {
            let decided = round.decided.get(&c.id).cloned();
            (c, decided)
        })
        .collect();
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    let waiting = credentials.iter().filter(|(_, decided)| decided.is_none());
    Ok(ReviewDetail {
        review: ReviewItem {
            id: review.id.clone(),
            name: review.name.to_owned(),
            team: review.team.id.clone(),
            team_name: review.team.name.to_string(),
            every: review.rule.every,
            began_at: round.began_at,
            next_at: review.rule.every.next_beginning(review.rule.day, now),
            total: count(credentials.len()),
            waiting: count(waiting.count()),
        },
        credentials,
        may_decide,
    })
}
