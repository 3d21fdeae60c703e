//! `/v1/forecast`: every notice that will go out if nobody acts.

use app::sweep::{Forecast, Foreseen, forecast, forecast_one};
use axum::Json;
use axum::extract::State;
use domain::kernel::{Instant, Span};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::guard::Caller;
use crate::problem::Problem;
use crate::request::{Named, Param, ParamKind, Params};
use crate::route::{Needs, Route};
use crate::state::Api;

const DAYS_DEFAULT: u32 = 90;
const DAYS_MAX: u32 = 3650;

const DAYS: &[Param] = &[Param::new(
    "days",
    ParamKind::Number(1, DAYS_MAX),
    "How far to look; 90 if not given.",
)];

/// What will be said until an instant.
#[derive(Serialize, ToSchema)]
#[schema(as = Forecast)]
pub struct ForecastBody {
    /// When it was asked.
    #[schema(value_type = String, format = DateTime)]
    pub generated_at: Instant,
    /// How far it looks.
    #[schema(value_type = String, format = DateTime)]
    pub until: Instant,
    /// In order of time.
    pub notices: Vec<ForetoldBody>,
    /// Credentials that end until then without any person hearing of it.
    pub unheard: Vec<String>,
}

/// One notice that will go out.
#[derive(Serialize, ToSchema)]
#[schema(as = ForetoldNotice)]
pub struct ForetoldBody {
    /// When it is sent: when the step is entered, or when the recipient's hours allow.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    /// About which credential.
    pub credential: String,
    /// What it is called.
    pub name: String,
    /// `expiry`, or what is wrong with it: `refused`, `orphaned`, `unheard`, `carried`,
    /// `used_after_end`, `used_in_overlap`, `fell_silent`.
    pub kind: String,
    /// A lead time (`30d`), `end`, `end+7d` or `baseline`; `now` for what is wrong.
    pub step: String,
    /// Which time: 1 for the first.
    pub occurrence: u32,
    /// Who hears: `person:ID`, `team:ID`, `address:EMAIL`, `channel:ID`.
    pub recipient: String,
    /// Over which channel; `null` when there is no way to the recipient.
    pub channel: Option<String>,
    /// Why.
    pub reason: String,
    /// Under which policy.
    pub policy: String,
}

/// The calls that look ahead.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/forecast", Needs::Token, all)
            .says("Every notice that will go out, when, to whom, over which channel, if nobody acts; without `credentials:read` about one's own and one's teams' credentials.")
            .takes(DAYS)
            .answers::<ForecastBody>(StatusCode::OK),
        Route::get("/v1/credentials/{id}/forecast", Needs::Token, one)
            .says("Who would hear what about one credential, when.")
            .takes(DAYS)
            .answers::<ForecastBody>(StatusCode::OK),
    ]
}

async fn all(
    State(api): State<Api>,
    Caller(caller): Caller,
    params: Params,
) -> Result<Json<ForecastBody>, Problem> {
    let told = forecast(&api.ctx, &caller, span(&params)?).await?;
    Ok(Json(ForecastBody::from(told)))
}

async fn one(
    State(api): State<Api>,
    Caller(caller): Caller,
    Named(id): Named,
    params: Params,
) -> Result<Json<ForecastBody>, Problem> {
    let told = forecast_one(&api.ctx, &caller, &id, span(&params)?).await?;
    Ok(Json(ForecastBody::from(told)))
}

fn span(params: &Params) -> Result<Span, Problem> {
    let days = params.number("days", 1, DAYS_MAX)?.unwrap_or(DAYS_DEFAULT);
    Ok(Span::days(i64::from(days)))
}

impl From<Forecast> for ForecastBody {
    fn from(told: Forecast) -> Self {
        Self {
            generated_at: told.generated_at,
            until: told.until,
            notices: told.notices.into_iter().map(ForetoldBody::from).collect(),
            unheard: told.unheard.into_iter().map(String::from).collect(),
        }
    }
}

impl From<Foreseen> for ForetoldBody {
    fn from(notice: Foreseen) -> Self {
        Self {
            at: notice.at,
            credential: notice.credential.into(),
            name: notice.name,
            kind: notice.kind.as_str().to_owned(),
            step: notice.step.to_string(),
            occurrence: notice.occurrence,
            recipient: notice.recipient.to_string(),
            channel: notice.channel.map(String::from),
            reason: notice.reason,
            policy: notice.policy,
        }
    }
}
