//! `/v1/findings`: what is not as it should be.

use app::findings::{Finding, FindingKind, list_findings};
use app::people::Names;
use axum::extract::State;
use domain::kernel::Instant;
use serde::Serialize;
use utoipa::ToSchema;

use super::page::window;
use super::{LIST, Page, paged};
use crate::guard::Caller;
use crate::problem::Problem;
use crate::request::{Cursors, Param, ParamKind, Params, page_of};
use crate::route::{Needs, Route};
use crate::state::Api;

const WORDS: &[&str] = &[
    "orphaned",
    "unheard",
    "carried",
    "account_without_team",
    "silent_team",
];

const KINDS: &[Param] = &[Param::new(
    "kind",
    ParamKind::Words(WORDS),
    "Only of this kind; may be given several times.",
)];

/// Something that is not as it should be.
#[derive(Serialize, ToSchema)]
#[schema(as = Finding)]
pub struct FindingBody {
    /// `orphaned`, `unheard`, `carried`, `account_without_team`, `silent_team`.
    pub kind: &'static str,
    /// The id of what it is wrong with: a credential, a service account, a team.
    pub id: String,
    /// What that is called.
    pub name: String,
    /// What is wrong, and what to do about it.
    pub detail: &'static str,
    /// Of a credential: its source.
    pub source: Option<String>,
    /// Of a credential: the id of its owner.
    pub owner: Option<String>,
    /// What the owner is called.
    pub owner_name: Option<String>,
    /// Of a credential: the id of its team.
    pub team: Option<String>,
    /// What the team is called.
    pub team_name: Option<String>,
    /// Of a credential: when it ends.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Instant>,
    /// Since when it stands, where somebody was told.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<Instant>,
    /// The id of the alert about it.
    pub alert: Option<String>,
}

/// All calls below `/v1/findings`.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/findings", Needs::Token, list)
            .says("Lists what nobody can act on, nobody would hear of, or hangs on a person; without `credentials:read` one's own and one's teams'.")
            .takes(LIST)
            .takes(KINDS)
            .lists::<FindingBody>(),
    ]
}

async fn list(
    State(api): State<Api>,
    Caller(caller): Caller,
    params: Params,
    cursors: Cursors,
) -> Result<axum::Json<Page<FindingBody>>, Problem> {
    let page = page_of(&params, &cursors)?;
    let kinds: Result<Vec<FindingKind>, Problem> = params.texts("kind").map(kind).collect();
    let found = list_findings(&api.ctx, &caller, &kinds?).await?;
    // In the order of the list a number is a key that sorts.
    let keyed = found.into_iter().enumerate();
    let keyed: Vec<(String, Finding)> = keyed.map(|(n, f)| (format!("{n:08}"), f)).collect();
    let names = Names::load(&api.ctx).await?;
    let shown = window(keyed, &page, |(key, _)| key.as_str());
    Ok(paged(shown, &cursors, |(_, finding)| body(finding, &names)))
}

fn kind(word: &str) -> Result<FindingKind, Problem> {
    let found = FindingKind::ALL.into_iter().find(|k| k.as_str() == word);
    found.ok_or_else(|| Problem::parameter("kind", format!("is one of {}", WORDS.join(", "))))
}

fn body(finding: Finding, names: &Names) -> FindingBody {
    let owner = finding.owner();
    let owner_name = owner.and_then(|owner| names.owner(owner));
    let credential = finding.credential.as_ref();
    let team = credential.and_then(|c| c.team.as_ref());
    FindingBody {
        kind: finding.kind.as_str(),
        detail: finding.kind.detail(),
        source: credential.map(|c| c.source.to_string()),
        owner: owner.map(ToString::to_string),
        owner_name,
        team: team.map(ToString::to_string),
        team_name: team.and_then(|team| names.team(team)),
        expires_at: credential.and_then(domain::inventory::Credential::expires_at),
        since: finding.since,
        alert: finding.alert.as_ref().map(|alert| alert.id.to_string()),
        id: finding.id,
        name: finding.name,
    }
}
