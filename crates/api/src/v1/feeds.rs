//! `/v1/feeds`: secret addresses of calendars and feeds.

use app::ports::{Followed, Subscription};
use app::subscriptions::{MakeSubscription, list, make, revoke};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::kernel::Instant;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::page::{LIST, Page, paged, window};
use crate::guard::Caller;
use crate::problem::Problem;
use crate::request::{Cursors, Json, Named, Params, page_of};
use crate::route::{Needs, Route};
use crate::state::Api;

/// An address without its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = Feed)]
pub struct FeedBody {
    /// The id, for revoking it.
    pub id: String,
    /// Whose credentials it shows: `person:ID`, `team:ID` or `all`.
    #[serde(rename = "for")]
    pub of: String,
    /// Who made it: it shows what they may see.
    pub owner: String,
    /// Whether its titles leave out names.
    pub discreet: bool,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
}

/// A new address.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = MakeFeed)]
#[serde(deny_unknown_fields)]
pub struct MakeBody {
    /// `me`, `team:NAME` or `all`.
    #[serde(rename = "for")]
    pub of: String,
    /// Titles leave out names, for calendars that others keep.
    #[serde(default)]
    pub discreet: bool,
}

/// A new address, shown this once.
#[derive(Serialize, ToSchema)]
#[schema(as = MadeFeed)]
pub struct MadeBody {
    /// What was made.
    pub feed: FeedBody,
    /// The calendar. Whoever knows it reads it.
    pub calendar_url: String,
    /// The feed. Whoever knows it reads it.
    pub atom_url: String,
}

/// All calls below `/v1/feeds`.
pub fn routes() -> Vec<Route> {
    let any = Needs::Token;
    vec![
        Route::get("/v1/feeds", any, all)
            .says("Lists one's own calendar and feed addresses, without their secrets; everybody's with `people:write`.")
            .takes(LIST)
            .lists::<FeedBody>(),
        Route::post("/v1/feeds", any, add)
            .says("Makes a secret address of a calendar and a feed; it is shown this once.")
            .reads::<MakeBody>()
            .answers::<MadeBody>(StatusCode::CREATED),
        Route::delete("/v1/feeds/{id}", any, remove)
            .says("Revokes an address.")
            .answers_as(StatusCode::NO_CONTENT, ""),
    ]
}

async fn all(
    State(api): State<Api>,
    Caller(caller): Caller,
    params: Params,
    cursors: Cursors,
) -> Result<axum::Json<Page<FeedBody>>, Problem> {
    let page = page_of(&params, &cursors)?;
    let found = list(&api.ctx, &caller).await?;
    let shown = window(found, &page, |s| s.id.as_str());
    Ok(paged(shown, &cursors, FeedBody::from))
}

async fn add(
    State(api): State<Api>,
    Caller(caller): Caller,
    Json { value: body, .. }: Json<MakeBody>,
) -> Result<Response, Problem> {
    let wish = MakeSubscription {
        of: body.of,
        discreet: body.discreet,
    };
    let made = make(&api.ctx, &caller, &wish).await?;
    let base = format!(
        "{}/feeds/{}",
        api.ctx.settings.load().public_url,
        made.address.expose()
    );
    let body = MadeBody {
        feed: made.subscription.into(),
        calendar_url: format!("{base}.ics"),
        atom_url: format!("{base}.atom"),
    };
    Ok((StatusCode::CREATED, axum::Json(body)).into_response())
}

async fn remove(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
) -> Result<StatusCode, Problem> {
    revoke(&api.ctx, &caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<Subscription> for FeedBody {
    fn from(subscription: Subscription) -> Self {
        Self {
            of: match &subscription.of {
                Followed::Person(id) => format!("person:{id}"),
                Followed::Team(id) => format!("team:{id}"),
                Followed::All => "all".to_owned(),
            },
            id: subscription.id.into(),
            owner: subscription.owner.to_string(),
            discreet: subscription.discreet,
            created_at: subscription.created_at,
        }
    }
}
