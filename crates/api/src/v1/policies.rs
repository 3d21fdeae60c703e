//! `/v1/policies`: which steps for which credential, and what another policy would change.

use app::policies::{dry_run, list_policies};
use axum::Json as Answer;
use axum::extract::State;
use domain::expiry::{AudienceRule, Policy, PolicyDraft};
use domain::inventory::Matcher;
use domain::kernel::Span;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::forecast::{ForecastBody, ForetoldBody};
use crate::guard::Caller;
use crate::problem::Problem;
use crate::request::Json;
use crate::route::{Needs, Route};
use crate::state::Api;

const DAYS_DEFAULT: u32 = 90;
const DAYS_MAX: u32 = 3650;

/// A policy as it is applied.
#[derive(Serialize, ToSchema)]
#[schema(as = Policy)]
pub struct PolicyBody {
    /// Its key in the configuration.
    pub name: String,
    /// Which credentials it is for; empty for `default`.
    #[serde(rename = "match")]
    #[schema(value_type = Object)]
    pub matches: Matcher,
    /// Lead times, widest first.
    #[schema(value_type = Vec<String>)]
    pub steps: Vec<Span>,
    /// How long between repeats.
    #[schema(value_type = String)]
    pub backoff: Span,
    /// Steps at or inside this lead time are repeated.
    #[schema(value_type = String)]
    pub repeat_from: Span,
    /// Who hears from which step on, where the policy says so.
    pub audience: Vec<RuleBody>,
}

/// Who hears from a step on.
#[derive(Serialize, ToSchema)]
#[schema(as = AudienceRule)]
pub struct RuleBody {
    /// A lead time, `end` or `end+1d`.
    pub from: String,
    /// `owner`, `team`, `parent-team`, `admins`, `channels`, `pager`, `team:NAME`, an
    /// address.
    pub whom: Vec<String>,
}

/// All policies, in the order in which they are asked.
#[derive(Serialize, ToSchema)]
#[schema(as = Policies)]
pub struct PoliciesBody {
    /// The first that matches applies; `default` is the last.
    pub items: Vec<PolicyBody>,
}

/// A candidate.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = DryRunRequest)]
#[serde(deny_unknown_fields)]
pub struct DryRunRequest {
    /// The policy it would replace, or the name of a new one.
    pub name: String,
    /// The keys of `[policies.NAME]`: `match`, `steps`, `backoff`, `repeat_from`,
    /// `time_zone`, `working_days`, `holidays`, `quiet_hours`, `digest`, `audience`,
    /// `escalate`. What is left out is as in `default`.
    #[schema(value_type = Object)]
    pub policy: PolicyDraft,
    /// How far to look; 90 if not given.
    #[schema(minimum = 1, maximum = 3650)]
    pub days: Option<u32>,
}

/// What a candidate would change.
#[derive(Serialize, ToSchema)]
#[schema(as = DryRun)]
pub struct DryRunBody {
    /// To how many credentials that are alive or ended lately it would apply now.
    pub applies_to: u64,
    /// Everything that would be said.
    pub forecast: ForecastBody,
    /// What is said only with the candidate.
    pub added: Vec<ForetoldBody>,
    /// What is no longer said with it.
    pub removed: Vec<ForetoldBody>,
}

/// All calls below `/v1/policies`.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/policies", Needs::Scope("alerts:read"), list)
            .says("Lists the policies of the configuration in the order in which they are asked.")
            .answers::<PoliciesBody>(StatusCode::OK),
        Route::post("/v1/policies/dry-run", Needs::Token, run)
            .says("Who would hear of what, and what changes, if this policy stood in the configuration; without `credentials:read` about one's own and one's teams' credentials. Changes nothing.")
            .reads::<DryRunRequest>()
            .answers::<DryRunBody>(StatusCode::OK),
    ]
}

async fn list(
    State(api): State<Api>,
    Caller(caller): Caller,
) -> Result<Answer<PoliciesBody>, Problem> {
    let policies = list_policies(&api.ctx, &caller)?;
    let items = policies.into_iter().map(PolicyBody::from).collect();
    Ok(Answer(PoliciesBody { items }))
}

async fn run(
    State(api): State<Api>,
    Caller(caller): Caller,
    Json { value: body, .. }: Json<DryRunRequest>,
) -> Result<Answer<DryRunBody>, Problem> {
    let days = body.days.unwrap_or(DAYS_DEFAULT);
    if !(1..=DAYS_MAX).contains(&days) {
        let says = format!("must lie between 1 and {DAYS_MAX}");
        return Err(Problem::field("/days", says));
    }
    let span = Span::days(i64::from(days));
    let run = dry_run(&api.ctx, &caller, &body.name, &body.policy, span).await?;
    Ok(Answer(DryRunBody {
        applies_to: run.applies_to,
        forecast: run.forecast.into(),
        added: run.added.into_iter().map(ForetoldBody::from).collect(),
        removed: run.removed.into_iter().map(ForetoldBody::from).collect(),
    }))
}

impl From<Policy> for PolicyBody {
    fn from(policy: Policy) -> Self {
        Self {
            name: policy.name,
            matches: policy.matches,
            steps: policy.steps,
            backoff: policy.backoff,
            repeat_from: policy.repeat_from,
            audience: policy.audience.into_iter().map(RuleBody::from).collect(),
        }
    }
}

impl From<AudienceRule> for RuleBody {
    fn from(rule: AudienceRule) -> Self {
        Self {
            from: rule.from.to_string(),
            whom: rule.whom.iter().map(ToString::to_string).collect(),
        }
    }
}
