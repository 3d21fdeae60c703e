//! `/v1/reviews`: what each team answers for, looked at every so often.

use app::people::Names;
use app::reviews::{ReviewDetail, ReviewItem, Wish, decide, get_review, list_reviews};
use axum::Json as Answer;
use axum::extract::State;
use domain::expiry::{Decided, Decision, Every};
use domain::inventory::Credential;
use domain::kernel::Instant;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::page::window;
use super::{LIST, Page, paged};
use crate::guard::Caller;
use crate::problem::Problem;
use crate::request::{Cursors, Json, Named, Params, page_of};
use crate::route::{Needs, Route};
use crate::state::Api;

/// A review of one team, and how its round stands.
#[derive(Serialize, ToSchema)]
#[schema(as = Review)]
pub struct ReviewBody {
    /// `NAME:TEAM`.
    pub id: String,
    /// Its key in the configuration.
    pub name: String,
    /// The id of the team.
    pub team: String,
    /// What the team is called.
    pub team_name: String,
    /// `month` or `quarter`.
    pub every: &'static str,
    /// When the present round began; `null` before the first.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub began_at: Option<Instant>,
    /// When the next one begins.
    #[schema(value_type = String, format = DateTime)]
    pub next_at: Instant,
    /// How many credentials the round is about.
    pub total: u64,
    /// About how many nothing is decided.
    pub waiting: u64,
}

/// A review with everything that its round is about.
#[derive(Serialize, ToSchema)]
#[schema(as = ReviewDetail)]
pub struct DetailBody {
    /// How it stands.
    #[serde(flatten)]
    pub review: ReviewBody,
    /// Each credential, soonest end first.
    pub credentials: Vec<ReviewedBody>,
}

/// A credential as it is looked at.
#[derive(Serialize, ToSchema)]
#[schema(as = Reviewed)]
pub struct ReviewedBody {
    /// The credential's id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Of which source.
    pub source: String,
    /// The issuer's word for what it is.
    pub kind: String,
    /// The id of the owner.
    pub owner: Option<String>,
    /// What the owner is called.
    pub owner_name: Option<String>,
    /// What it allows.
    pub scopes: Vec<String>,
    /// When it was issued.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub created_at: Option<Instant>,
    /// When it ends.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Instant>,
    /// The latest use known.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Instant>,
    /// What breaks when it lapses.
    pub used_by: Vec<String>,
    /// What was decided; `null` while it waits.
    pub decision: Option<DecisionWord>,
    /// Who decided.
    pub decided_by: Option<String>,
    /// When.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub decided_at: Option<Instant>,
    /// Why.
    pub note: Option<String>,
}

/// What is decided about a credential.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = ReviewDecision)]
#[serde(rename_all = "snake_case")]
pub enum DecisionWord {
    /// It is needed as it is.
    Keep,
    /// It is needed, with a new value.
    Rotate,
    /// It is not needed any more.
    LetLapse,
    /// Others answer for it.
    NotOurs,
}

/// Decisions of a review.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = DecideReview)]
#[serde(deny_unknown_fields)]
pub struct DecideBody {
    /// 1 to 200 of them; all are taken, or none.
    pub decisions: Vec<WishBody>,
}

/// One decision.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ReviewWish)]
#[serde(deny_unknown_fields)]
pub struct WishBody {
    /// The credential's id.
    pub credential: String,
    /// What is decided.
    pub decision: DecisionWord,
    /// Why.
    pub note: Option<String>,
}

/// All calls below `/v1/reviews`.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/reviews", Needs::Token, list)
            .says("Lists the reviews of one's teams, or of all with `credentials:read`.")
            .takes(LIST)
            .lists::<ReviewBody>(),
        Route::get("/v1/reviews/{id}", Needs::Token, one)
            .says("Shows a review with every credential that its round is about.")
            .answers::<DetailBody>(StatusCode::OK),
        Route::post("/v1/reviews/{id}/decisions", Needs::Token, take)
            .says("Decides about credentials: keep, rotate, let lapse, not ours. For members of the team, or with `credentials:write`.")
            .reads::<DecideBody>()
            .answers::<DetailBody>(StatusCode::OK),
    ]
}

async fn list(
    State(api): State<Api>,
    Caller(caller): Caller,
    params: Params,
    cursors: Cursors,
) -> Result<Answer<Page<ReviewBody>>, Problem> {
    let page = page_of(&params, &cursors)?;
    let all = list_reviews(&api.ctx, &caller).await?;
    let shown = window(all, &page, |review| review.id.as_str());
    Ok(paged(shown, &cursors, ReviewBody::from))
}

async fn one(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
) -> Result<Answer<DetailBody>, Problem> {
    let found = get_review(&api.ctx, &caller, &id).await?;
    Ok(Answer(detail(&api, found).await?))
}

async fn take(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
    Json { value: body, .. }: Json<DecideBody>,
) -> Result<Answer<DetailBody>, Problem> {
    let wishes = body.decisions.into_iter().map(|wish| Wish {
        credential: wish.credential,
        decision: wish.decision.into(),
        note: wish.note,
    });
    let wishes: Vec<Wish> = wishes.collect();
    let after = decide(&api.ctx, &caller, &id, &wishes).await?;
    Ok(Answer(detail(&api, after).await?))
}

async fn detail(api: &Api, detail: ReviewDetail) -> Result<DetailBody, Problem> {
    let names = Names::load(&api.ctx).await?;
    let credentials = detail.credentials.into_iter();
    Ok(DetailBody {
        review: detail.review.into(),
        credentials: credentials.map(|(c, d)| reviewed(c, d, &names)).collect(),
    })
}

fn reviewed(credential: Credential, decided: Option<Decided>, names: &Names) -> ReviewedBody {
    let owner = credential.owner.as_ref();
    ReviewedBody {
        owner_name: owner.and_then(|owner| names.owner(owner)),
        owner: owner.map(ToString::to_string),
        expires_at: credential.expires_at(),
        decision: decided.as_ref().map(|d| d.decision.into()),
        decided_by: decided.as_ref().map(|d| d.by.clone()),
        decided_at: decided.as_ref().map(|d| d.at),
        note: decided.and_then(|d| d.note),
        id: credential.id.into(),
        name: credential.name.into(),
        source: credential.source.to_string(),
        kind: credential.kind,
        scopes: credential.scopes,
        created_at: credential.created_at,
        last_used_at: credential.last_used_at,
        used_by: credential
            .used_by
            .into_iter()
            .map(|place| place.what)
            .collect(),
    }
}

impl From<ReviewItem> for ReviewBody {
    fn from(review: ReviewItem) -> Self {
        Self {
            id: review.id,
            name: review.name,
            team: review.team.into(),
            team_name: review.team_name,
            every: match review.every {
                Every::Month => "month",
                Every::Quarter => "quarter",
            },
            began_at: review.began_at,
            next_at: review.next_at,
            total: review.total,
            waiting: review.waiting,
        }
    }
}

impl From<DecisionWord> for Decision {
    fn from(word: DecisionWord) -> Self {
        match word {
            DecisionWord::Keep => Self::Keep,
            DecisionWord::Rotate => Self::Rotate,
            DecisionWord::LetLapse => Self::LetLapse,
            DecisionWord::NotOurs => Self::NotOurs,
        }
    }
}

impl From<Decision> for DecisionWord {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Keep => Self::Keep,
            Decision::Rotate => Self::Rotate,
            Decision::LetLapse => Self::LetLapse,
            Decision::NotOurs => Self::NotOurs,
        }
    }
}
