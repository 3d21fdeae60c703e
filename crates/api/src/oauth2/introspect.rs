//! Token introspection (RFC 7662).

use app::Principal;
use app::tokens::{Introspection, introspect as ask};
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::guard::Caller;
use crate::problem::Problem;
use crate::request::Form;
use crate::state::Api;

/// The answer of RFC 7662 §2.2; of a token that does not work only `active: false`.
#[derive(Default, Serialize, ToSchema)]
#[schema(as = Introspection)]
pub struct IntrospectionBody {
    /// Whether it works now.
    pub active: bool,
    /// The effective scopes, separated by blanks; `*` is everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Its owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
    /// Its public id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
    /// Its end, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exp: Option<i64>,
    /// Always `Bearer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_type: Option<&'static str>,
}

/// `POST /oauth2/introspect`
pub async fn introspect(
    State(api): State<Api>,
    Caller(caller): Caller,
    form: Form,
) -> Result<Json<IntrospectionBody>, Problem> {
    answer(&api, &caller, &form).await
}

/// What a caller is told of the token in a form.
pub async fn answer(
    api: &Api,
    caller: &Principal,
    form: &Form,
) -> Result<Json<IntrospectionBody>, Problem> {
    let answer = ask(&api.ctx, caller, form.required("token")?).await?;
    Ok(Json(IntrospectionBody::from(answer)))
}

impl From<Introspection> for IntrospectionBody {
    fn from(answer: Introspection) -> Self {
        match answer {
            Introspection::Inactive => Self::default(),
            Introspection::Active {
                id,
                owner,
                scopes,
                expires_at,
                ..
            } => Self {
                active: true,
                scope: Some(scopes.join(" ")),
                sub: Some(owner.to_string()),
                jti: Some(id.to_string()),
                exp: expires_at.map(domain::kernel::Instant::as_seconds),
                token_type: Some("Bearer"),
            },
        }
    }
}
