//! A token as it is shown; never its value.

use std::collections::BTreeMap;

use app::tokens::TokenItem;
use domain::kernel::Instant;
use serde::Serialize;
use utoipa::ToSchema;

/// A token as it is shown; never its value.
#[derive(Serialize, ToSchema)]
#[schema(as = Token)]
pub struct TokenBody {
    /// The 12 characters in the middle of the value.
    pub id: String,
    /// As given; need not be unique.
    pub name: String,
    /// `personal`, `service_account`, `connector` or `bootstrap`.
    pub kind: String,
    /// The roles it carries.
    pub roles: Vec<String>,
    /// What it may do now, roles and owner considered; `*` is everything.
    pub scopes: Vec<String>,
    /// Whose it is: `per_…` or `sva_…`.
    pub owner: Option<String>,
    /// The answering team: `tea_…`.
    pub team: Option<String>,
    /// `active`, `suspended`, `expired` or `revoked`.
    pub state: &'static str,
    /// When it was issued.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub created_at: Option<Instant>,
    /// At this instant it no longer works.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Instant>,
    /// Seconds left, rounded down; 0 once over.
    pub remaining_seconds: Option<i64>,
    /// The latest use, up to a minute late.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Instant>,
    /// The token it replaces.
    pub rotated_from: Option<String>,
    /// Free labels.
    pub labels: BTreeMap<String, String>,
}

impl TokenBody {
    /// As it is at `now`.
    pub fn of(item: TokenItem, now: Instant) -> Self {
        let TokenItem { credential, token } = item;
        Self {
            state: credential.state(now).as_str(),
            remaining_seconds: credential
                .remaining(now)
                .map(|left| left.as_seconds().max(0)),
            expires_at: credential.expires_at(),
            id: token.id.to_string(),
            name: credential.name.into(),
            kind: token.kind.to_string(),
            roles: token.roles.iter().map(ToString::to_string).collect(),
            scopes: credential.scopes,
            owner: credential.owner.map(String::from),
            team: credential.team.map(String::from),
            created_at: credential.created_at,
            last_used_at: credential.last_used_at,
            rotated_from: token.rotated_from.map(String::from),
            labels: credential.labels,
        }
    }
}
